import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { addEvidence, readEvidence, verifyEvidence } from "../../../pipeline/evidence/evidence";
import { generateKeys } from "../../../pipeline/evidence/keys";
import { UserError } from "../../../pipeline/user-error";
import type { Statement } from "../../../policy/attestation/statement";
import { makeCheckout, mochaReport, type TestCheckout } from "./support";

const refused = (start: string) => (error: unknown) => {
  assert.ok(error instanceof UserError);
  assert.ok(error.message.startsWith(start), error.message);
  return true;
};
const digest = (text: string) => createHash("sha256").update(text).digest("hex");

describe("evidence", () => {
  let checkout: TestCheckout;
  let keyId: string;
  const now = () => new Date();
  const addUnit = async () => {
    const report = mochaReport(new Date());
    checkout.write("unit.report.json", report);
    await addEvidence(checkout.root, "unit", "unit.report.json");
    return report;
  };
  const verify = async () =>
    (await verifyEvidence(checkout.root, "local", now())).findings.map(({ fault }) => fault);

  beforeEach(async () => {
    checkout = await makeCheckout();
    keyId = generateKeys(checkout.root).id;
  });
  afterEach(() => checkout.remove());

  const ci = ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"] as const;
  const outer = ci.map((name) => process.env[name]);
  beforeEach(() => ci.forEach((name) => delete process.env[name]));
  after(() => ci.forEach((name, index) => outer[index] === undefined || (process.env[name] = outer[index])));

  it("is a signed statement about the commit, its tree, the report and its counts", async () => {
    const report = mochaReport(new Date());
    const file = checkout.write("unit.report.json", report);
    const added = await addEvidence(checkout.root, "unit", file);
    assert.equal(
      added.file,
      join(checkout.root, `.slipway/evidence/unit-${checkout.commit.slice(0, 12)}.json`),
    );
    assert.deepEqual(readdirSync(join(checkout.root, ".slipway/evidence")), [
      `unit-${checkout.commit.slice(0, 12)}.json`,
    ]);

    const envelope = JSON.parse(readFileSync(added.file, "utf8")) as {
      payload: string;
      payloadType: string;
      signatures: { keyid: string }[];
    };
    assert.equal(envelope.payloadType, "application/vnd.in-toto+json");
    assert.deepEqual(
      envelope.signatures.map(({ keyid }) => keyid),
      [keyId],
    );
    assert.deepEqual(JSON.parse(Buffer.from(envelope.payload, "base64").toString("utf8")), {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "commit", digest: { gitCommit: checkout.commit } }],
      predicateType: "https://in-toto.io/attestation/test-result/v0.1",
      predicate: {
        result: "PASSED",
        configuration: [
          { name: "tree", digest: { gitTree: await checkout.git("rev-parse", "HEAD^{tree}") } },
        ],
        kind: "unit",
        counts: { passed: 12, failed: 0, skipped: 1 },
        startedOn: report.stats.start,
        finishedOn: report.stats.end,
        producer: { id: "tester@example.com", tool: "mocha" },
        report: { name: "unit.report.json", digest: { sha256: digest(JSON.stringify(report)) } },
      },
    });
    assert.equal(await checkout.git("status", "--porcelain"), "");
  });

  it("names the run of GitHub Actions that made it", async () => {
    ["https://github.example", "team/app", "42"].forEach(
      (value, index) => (process.env[ci[index] ?? ""] = value),
    );
    await addUnit();
    const [envelope] = readEvidence(checkout.root);
    const { payload } = JSON.parse(envelope?.text ?? "") as { payload: string };
    const { predicate } = JSON.parse(Buffer.from(payload, "base64").toString()) as Statement;
    assert.equal(predicate.producer.id, "https://github.example/team/app/actions/runs/42");
  });

  it("is what the gate accepts", async () => {
    checkout.configurePolicy({ requiredKinds: ["unit"] });
    assert.deepEqual(await verify(), ["missing-kind"]);
    await addUnit();
    assert.deepEqual(await verify(), []);
  });

  it("of a failure is kept, and keeps the gate shut", async () => {
    checkout.configurePolicy({ requiredKinds: ["unit"] });
    const file = checkout.write("unit.report.json", mochaReport(new Date(), { failures: 2 }));
    assert.equal((await addEvidence(checkout.root, "unit", file)).result, "FAILED");
    assert.deepEqual(await verify(), ["failed"]);
  });

  it("of an earlier commit is not of this one", async () => {
    checkout.configurePolicy({ requiredKinds: ["unit"] });
    await addUnit();
    await checkout.git("commit", "--quiet", "--allow-empty", "--message=second");
    assert.deepEqual(await verify(), ["other-commit"]);
  });

  it("names the images where the checks ran against them", async () => {
    checkout.configurePolicy({ requiredKinds: ["e2e"] });
    const image = (name: string) => ({ reference: `sha256:${digest(name)}`, version: "1.0" });
    const write = (sample: string) =>
      checkout.write(".slipway/images.json", {
        source: "debian",
        images: { postgres: image("p"), redis: image("r"), gateway: image("g"), sample: image(sample) },
      });
    write("sample");
    await addEvidence(checkout.root, "e2e", checkout.write("e2e.report.json", mochaReport(new Date())));
    assert.deepEqual(await verify(), []);
    write("another");
    assert.deepEqual(await verify(), ["other-image"]);
    checkout.write(".slipway/images.json", "{}");
    await assert.rejects(
      verify(),
      refused(`${checkout.root}/.slipway/images.json is not what set-up writes (source:`),
    );
  });

  it("is refused for files that differ from the commit, but not for ignored ones", async () => {
    checkout.write("new.ts", "");
    checkout.write(".gitignore", "*.report.json\n.slipway/\n");
    const file = checkout.write("unit.report.json", mochaReport(new Date()));
    await assert.rejects(
      addEvidence(checkout.root, "unit", file),
      new UserError(
        "What was tested is not the commit: these files differ from it: .gitignore, new.ts. Commit them or put them back, and run the checks again.",
      ),
    );
    assert.deepEqual(readEvidence(checkout.root), []);
  });

  it("is refused for a report that is older than the commit", async () => {
    const hourAgo = new Date(Date.now() - 3_600_000);
    const mocha = checkout.write("unit.report.json", mochaReport(hourAgo));
    await assert.rejects(
      addEvidence(checkout.root, "unit", mocha),
      refused(`${mocha} is of ${hourAgo.toISOString()}, and the commit of `),
    );
    const checks = checkout.write("build.report.json", { checks: [{ name: "x", passed: true }] });
    utimesSync(checks, hourAgo, hourAgo);
    await assert.rejects(
      addEvidence(checkout.root, "build", checks),
      refused(`${checks} is of ${hourAgo.toISOString()}`),
    );
  });

  it("is refused for an unknown kind, a missing report, and outside of a checkout", async () => {
    const file = checkout.write("unit.report.json", mochaReport(new Date()));
    await assert.rejects(
      addEvidence(checkout.root, "units", file),
      new UserError(
        '--kind is "units"; it can be unit, e2e, lighthouse, audit, build, migrations, quality-gate.',
      ),
    );
    await assert.rejects(
      addEvidence(checkout.root, "unit", "none.json"),
      new UserError(
        `${checkout.root}/none.json cannot be read (ENOENT). Give --file the report that the tool wrote.`,
      ),
    );
    await checkout.git("update-ref", "-d", "HEAD");
    await assert.rejects(
      addEvidence(checkout.root, "unit", file),
      refused(`Evidence belongs to a commit, and none can be read in ${checkout.root}: fatal: `),
    );
  });

  it("is judged by a stack's own policy configuration", async () => {
    await assert.rejects(
      verifyEvidence(checkout.root, "nowhere", now()),
      new UserError(
        `There is no policy configuration of a stack "nowhere": ${checkout.root}/policy/config/nowhere.json cannot be read as JSON.`,
      ),
    );
  });
});
