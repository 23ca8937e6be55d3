import assert from "node:assert/strict";
import { evidenceKinds } from "../../../../policy/attestation/statement";
import { requireEvidence as rule } from "../../../../policy/rules/release/require-evidence";
import { commit, container, makeKey, release, seal, statement } from "../../compliant";
import { judge, notApplicable, unknown } from "../../support";

const key = makeKey();
const config = { trustedKeys: [key.pem] };
const evidence = evidenceKinds.map((kind) => seal(statement(kind, new Date()), key));
const missing = (kinds: string, required: readonly string[] = evidenceKinds) =>
  `Release "sample-release": There is no evidence of ${kinds} for commit 0123456789ab. Required: ${required.join(", ")}. Run the checks on this commit, then npm run evidence -- add --kind <kind> --file <report>.`;

describe("release-require-evidence", () => {
  it("lets a release with every kind of evidence pass, and is silent about other types", async () => {
    assert.deepEqual(await judge(rule, release({ evidence }), { config }), []);
    assert.equal(await judge(rule, container()), notApplicable);
  });

  it("refuses a release without evidence", async () => {
    for (const none of [[], undefined, {}]) {
      assert.deepEqual(await judge(rule, release({ evidence: none }), { config }), [
        missing(evidenceKinds.join(", ")),
      ]);
    }
  });

  it("asks nothing of the way back: that version passed when it was released", async () => {
    assert.deepEqual(await judge(rule, release({ evidence: [], rollback: true }), { config }), []);
    assert.notDeepEqual(await judge(rule, release({ evidence: [], rollback: false }), { config }), []);
  });

  it("trusts no key unless the configuration names it", async () => {
    const messages = await judge(rule, release({ evidence }));
    assert.equal(messages.length, evidenceKinds.length);
    assert.equal(
      messages[0],
      `Release "sample-release": evidence[0] is signed by key ${key.id.slice(0, 12)}, which is not trusted. Trusted: none. Add the report with a trusted key, or add the key to trustedKeys.`,
    );
  });

  it("takes kinds and age from its configuration", async () => {
    const hourAgo = new Date(Date.now() - 3_600_000);
    const one = release({ evidence: [seal(statement("unit", hourAgo), key)] });
    assert.deepEqual(await judge(rule, one, { config: { ...config, requiredKinds: ["unit"] } }), []);
    assert.deepEqual(
      await judge(rule, one, { config: { ...config, requiredKinds: ["unit"], maxAgeHours: 0.5 } }),
      [
        `Release "sample-release": evidence[0] (unit) finished at ${hourAgo.toISOString()}, 1 hours ago. Allowed: 0.5 hours. Run the checks again.`,
      ],
    );
  });

  it("is closed to what is not known before the update", async () => {
    const closed = (path: string): string =>
      `"sample-release" does not know ${path} before the update. Allowed: values that are known in preview. Take them from files or configuration, not from a resource.`;
    assert.deepEqual(await judge(rule, release({ commit: unknown, evidence }), { config }), [
      closed("commit"),
    ]);
    assert.deepEqual(await judge(rule, release({ commit: undefined, evidence }), { config }), [
      'Release "sample-release" names no commit, so nothing can be proved about it. Allowed: a commit\'s full id. Read it from the checkout.',
    ]);
    assert.deepEqual(await judge(rule, release({ commit, evidence: unknown }), { config }), [
      closed("evidence"),
    ]);
    assert.deepEqual(await judge(rule, release({ evidence: [unknown, ...evidence.slice(1)] }), { config }), [
      'Release "sample-release": evidence[0] is no DSSE envelope (it is not JSON). Remove its file from .slipway/evidence, and add the report again.',
      missing("unit"),
      closed("evidence[0]"),
    ]);
  });
});
