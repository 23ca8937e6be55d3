import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Properties } from "../../../engine/values";
import { checkInputs } from "../../../provider/check";
import { diffResource } from "../../../provider/diff";
import { readHistory } from "../../../provider/history/journal";
import { deploymentRecord } from "../../../provider/resources/deployment-record";
import type { DeploymentRecordInputs } from "../../../provider/schema/deployment-record";
import { FakeGateway, contextOf } from "../support/fake-gateway";

const context = contextOf(new FakeGateway());

describe("DeploymentRecord", () => {
  let folder: string;
  let history: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-record-"));
    history = join(folder, "local.jsonl");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const inputs = (changes: Partial<DeploymentRecordInputs> = {}): DeploymentRecordInputs => ({
    ...{ history, environment: "local", service: "sample", version: "1.1.0", from: "1.0.0" },
    ...{ commit: "a".repeat(40), action: "deploy", strategy: "canary", rollbackTarget: "1.0.0" },
    shiftedAt: "2026-01-01T12:00:00.000Z",
    steps: [{ weightPercent: 100, seconds: 5, verdict: "passed", target: { requests: 9, errors: 0 } }],
    featureFlags: { search: true },
    toggles: { payments: "mock" },
    ...changes,
  });
  /** As they come over the wire. */
  const wire = (value: object) => JSON.parse(JSON.stringify(value)) as Properties;
  const create = async (changes?: Partial<DeploymentRecordInputs>) => {
    const asked = inputs(changes);
    return { ...asked, ...(await deploymentRecord.create(asked, context)) };
  };
  const versions = async () => (await readHistory(history)).map(({ version }) => version);

  it("accepts what it is for, and names what is wrong", () => {
    assert.deepEqual(checkInputs(deploymentRecord.schema, wire(inputs())), []);
    const faults = checkInputs(deploymentRecord.schema, {
      ...wire(inputs()),
      ...{ history: "", action: "abort", strategy: "big bang", shiftedAt: "yesterday", commit: "abc" },
      fault: "none",
    });
    assert.deepEqual(faults.map(({ reason }) => reason).sort(), [
      'action is "abort"; allowed: "deploy" or "rollback"',
      'commit is "abc"; allowed: a full commit id, 40 hexadecimal digits',
      "fault is not known here: is it misspelt?",
      'history is ""; allowed: the path of the journal, relative to the project\'s folder or absolute',
      'shiftedAt is "yesterday"; allowed: an ISO time',
      'strategy is "big bang"; allowed: "direct", "blue-green", "canary" or "rolling"',
    ]);
  });

  it("adds the deployment to the journal, and answers its place", async () => {
    const record = await create();
    const [entry] = await readHistory(history);
    assert.deepEqual({ ...entry, history }, record);
    assert.equal(record.sequence, 1);
    assert.equal(deploymentRecord.id(inputs()), "local/sample");
  });

  it("adds another for another shift or another version, for nothing else", async () => {
    const first = await create();
    const later = inputs({ shiftedAt: "2026-01-01T13:00:00.000Z", action: "rollback", version: "1.0.0" });
    const second = { ...later, ...(await deploymentRecord.update(later, first, context)) };
    assert.equal(second.sequence, 2);
    assert.equal(second.previousHash, first.hash);

    const flags = { ...later, featureFlags: {}, commit: "b".repeat(40), steps: [] };
    const third = await deploymentRecord.update(flags, second, context);
    assert.deepEqual([third.sequence, third.hash, third.at], [2, second.hash, second.at]);
    assert.deepEqual(await versions(), ["1.1.0", "1.0.0"]);
  });

  it("does not tell a deployment twice whose record a crash kept out of the state", async () => {
    const lost = await create();
    await create({ service: "other" });
    const again = await create();
    assert.equal(again.hash, lost.hash);
    assert.equal((await readHistory(history)).length, 2);
  });

  it("leaves the journal when it is deleted", async () => {
    await deploymentRecord.delete(await create(), context);
    assert.deepEqual(await versions(), ["1.1.0"]);
  });

  it("finds a journal as it should be, later entries and all, and takes back what it said before", async () => {
    const record = await create();
    await create({ service: "other" });
    const read = await deploymentRecord.read({ ...record, journalFault: "was cut" }, context);
    assert.equal(read?.journalFault, undefined);
    assert.equal(JSON.stringify(read).includes("journalFault"), false);
    assert.equal(read?.hash, record.hash);
  });

  it("tells of a journal without its entry, or with another in its place, in every preview until it is mended", async () => {
    const record = await create();
    const gone = `Entry 1 of ${history} is gone, or is not the one that was written (hash ${record.hash}).`;
    const whole = readFileSync(history, "utf8");

    rmSync(history);
    assert.equal((await deploymentRecord.read(record, context))?.journalFault, gone);
    await create({ version: "6.6.6" });
    const read = { ...record, ...(await deploymentRecord.read(record, context)) };
    assert.equal(read.journalFault, gone);
    assert.equal(read.hash, record.hash);

    const diff = diffResource(deploymentRecord, wire(inputs()), wire(read), wire(inputs()));
    assert.deepEqual(diff.diffs, ["journalFault"]);
    assert.deepEqual(diff.replaces, []);

    const updated = { ...inputs(), ...(await deploymentRecord.update(inputs(), read, context)) };
    assert.equal(updated.journalFault, gone);
    assert.equal(updated.hash, record.hash);
    writeFileSync(history, whole);
    assert.equal((await deploymentRecord.update(inputs(), updated, context)).journalFault, undefined);
  });

  it("tells of a fault elsewhere in the journal", async () => {
    await create({ service: "other" });
    const record = await create();
    writeFileSync(history, readFileSync(history, "utf8").replace("mock", "live"));
    const read = await deploymentRecord.read(record, context);
    assert.equal(read?.journalFault, "Entry 1 was edited: its hash does not fit what it says.");
  });

  it("is replaced by another service's or environment's", () => {
    const { replaces } = diffResource(
      deploymentRecord,
      wire(inputs()),
      {},
      {
        ...wire(inputs()),
        ...{ service: "other", environment: "staging" },
      },
    );
    assert.deepEqual(replaces.sort(), ["environment", "service"]);
  });
});
