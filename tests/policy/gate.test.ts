/** No gate, no release: the pack and the plugin as they are shipped, on the embedded engine. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { MemoryJournal } from "../../engine/deploy/memory-journal";
import { runUpdate } from "../../engine/hosts/run-update";
import type { EngineEvent, ResourceState } from "../../engine/model";
import { version } from "../../policy/package.json";
import { stampOf } from "../../policy/stamp";
import { commit, digest } from "./compliant";

const inputs = {
  ...{ service: "sample", version: "1.4.0", commit, environment: "local", rollback: false },
  ...{ images: { sample: `sha256:${digest("sample")}` }, evidence: [] },
};
const noGate =
  "No policy pack has judged this release, so it is not made, nor anything after it. Update through the gates: npm run up, or pulumi up --policy-pack policy.";
const otherInputs =
  "This release is not the one that the policy pack has judged: its stamp is of other inputs. Update through the gates: npm run up, or pulumi up --policy-pack policy.";

describe("no gate, no release", function () {
  this.timeout(240_000);
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), "slipway-gate-"))));
  after(() => rmSync(folder, { recursive: true }));

  interface Change {
    readonly release?: object;
    readonly pack?: Record<string, object> | "none";
    readonly base?: readonly ResourceState[];
    readonly dryRun?: boolean;
  }

  /** What an update says, how it ends, and what it leaves. */
  async function update({ release = inputs, pack = {}, base = [], dryRun = false }: Change) {
    const events: EngineEvent[] = [];
    const journal = new MemoryJournal(base);
    const configFile = join(folder, "policy.json");
    writeFileSync(
      configFile,
      JSON.stringify({ "release-require-evidence": { enforcementLevel: "advisory" }, ...(pack as object) }),
    );
    const result = await runUpdate({
      project: {
        root: resolve("tests/policy/fixtures/release-program"),
        runtime: { name: "nodejs", options: { typescript: false } },
        providers: [{ name: "slipway", path: resolve("provider") }],
      },
      packs: pack === "none" ? [] : [{ path: resolve("policy"), configFile }],
      builtin: {},
      journal: Promise.resolve(journal),
      context: {
        ...{ organization: "organization", project: "p", stack: "local", configSecretKeys: new Set() },
        config: new Map([["p:release", JSON.stringify(release)]]),
        events: (event) => void events.push(event),
        signal: new AbortController().signal,
        options: {
          ...{
            dryRun,
            parallel: 4,
            targets: [],
            targetDependents: false,
            replaceTargets: [],
            refresh: false,
          },
        },
        readStackOutputs: async () => ({}),
      },
    });
    const state = journal.resources();
    const kept = state.find(({ type }) => type === "slipway:index:Release");
    const text = JSON.stringify(events);
    return { ok: result.result === "succeeded", text, state, kept, changes: result.changes };
  }

  it("makes a release that the pack has judged, known in preview, and no difference when nothing changed", async () => {
    const preview = await update({ dryRun: true });
    assert.equal(preview.ok, true, preview.text);
    assert.ok(preview.text.includes(stampOf(inputs)), "the preview knows the stamp");
    const first = await update({});
    assert.equal(first.kept?.inputs?.["stamp"], stampOf(inputs));
    const again = await update({ base: first.state });
    assert.equal(again.ok, true);
    assert.deepEqual(again.changes, { same: 2 });
    const other = { ...inputs, evidence: ["{}"] };
    const changed = await update({ base: first.state, release: other });
    assert.deepEqual(changed.changes, { same: 1, update: 1 });
    assert.equal(changed.kept?.inputs?.["stamp"], stampOf(other));
    assert.notEqual(stampOf(other), stampOf(inputs));
    // Without the pack neither a change nor none goes through, in an update as in a preview.
    for (const release of [inputs, other]) {
      const forgotten = await update({ base: changed.state, release, pack: "none" });
      assert.equal(forgotten.ok, false);
      assert.ok(forgotten.text.includes(noGate), forgotten.text);
      assert.deepEqual(forgotten.kept?.inputs, changed.kept?.inputs);
    }
  });

  it("refuses a first release without the pack, in preview too, and with the rule switched off", async () => {
    for (const change of [
      { pack: "none" },
      { pack: "none", dryRun: true },
      { pack: { "release-require-stamp": { enforcementLevel: "disabled" } } },
    ] as const) {
      const refused = await update(change);
      assert.equal(refused.ok, false);
      assert.ok(refused.text.includes(noGate), refused.text);
      assert.equal(refused.kept, undefined);
    }
  });

  it("refuses a stamp of another pack, of another release and of other inputs", async () => {
    const [, hash = ""] = stampOf(inputs).split(":");
    for (const [stamp, fault] of [
      [
        `0.0.1:${hash}`,
        `This release was judged by version 0.0.1 of the policy pack, and its provider takes ${version}.`,
      ],
      [stampOf({ ...inputs, version: "1.3.0" }), otherInputs],
      [stampOf({ ...inputs, evidence: ["{}"] }), otherInputs],
    ] as const) {
      const refused = await update({ release: { ...inputs, stamp }, pack: "none" });
      assert.equal(refused.ok, false);
      assert.ok(refused.text.includes(fault), refused.text);
      assert.equal(refused.kept, undefined);
    }
  });
});
