import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { registerEvidenceCommands } from "../../../pipeline/evidence/commands";
import { UserError } from "../../../pipeline/user-error";
import { makeCheckout, mochaReport, type TestCheckout } from "./support";

describe("npm run evidence", () => {
  let checkout: TestCheckout;
  beforeEach(async () => (checkout = await makeCheckout()));
  afterEach(() => {
    process.exitCode = undefined;
    checkout.remove();
  });

  /** The lines that a command says. */
  async function evidence(...args: string[]): Promise<string[]> {
    const lines: string[] = [];
    const program = new Command().exitOverride();
    registerEvidenceCommands(program, checkout.root, (line) => lines.push(line));
    await program.parseAsync(["evidence", ...args], { from: "user" });
    return lines;
  }

  it("makes a key, adds a report, lists and verifies it, and tells of one that was tampered with", async () => {
    const short = checkout.commit.slice(0, 12);
    const file = join(checkout.root, `.slipway/evidence/unit-${short}.json`);
    const report = mochaReport(new Date());
    checkout.write("unit.report.json", report);
    checkout.configurePolicy({ requiredKinds: ["unit"] });

    const [key, where] = await evidence("keygen");
    assert.match(key ?? "", /^key [0-9a-f]{64}$/);
    assert.match(where ?? "", new RegExp(`^public half: ${checkout.root}/.slipway/keys/evidence.pub;`));
    assert.deepEqual(await evidence("add", "--kind", "unit", "--file", "unit.report.json"), [
      `unit PASSED for ${short}: 12 passed, 0 failed, 1 skipped (mocha)`,
      `written to ${file}`,
    ]);
    const [listed] = await evidence("list");
    assert.ok(
      listed?.startsWith(`unit          ${short}  PASSED  12 passed, 0 failed  ${report.stats.end}  `),
      listed,
    );
    assert.deepEqual(await evidence("verify"), [`${short}: all evidence is there`]);
    assert.equal(process.exitCode, undefined);

    const envelope = JSON.parse(readFileSync(file, "utf8")) as { payload: string };
    const forged = Buffer.from(envelope.payload, "base64").toString().replace('"passed":12', '"passed":99');
    writeFileSync(file, JSON.stringify({ ...envelope, payload: Buffer.from(forged).toString("base64") }));
    const told = await evidence("verify");
    assert.match(told[0] ?? "", new RegExp(`^unit-${short}.json was changed after it was signed`));
    assert.deepEqual(told.slice(1), [`${short}: 1 to mend`]);
    assert.equal(process.exitCode, 1);

    writeFileSync(file, "{");
    assert.deepEqual(await evidence("list"), [`unit-${short}.json  malformed: it is not JSON`]);
  });

  it("names what failed", async () => {
    await evidence("keygen");
    checkout.write("gate.report.json", { checks: [{ name: "size budget", passed: false }] });
    const [result, failure] = await evidence("add", "--kind", "quality-gate", "--file", "gate.report.json");
    assert.equal(
      result,
      `quality-gate FAILED for ${checkout.commit.slice(0, 12)}: 0 passed, 1 failed, 0 skipped (checks)`,
    );
    assert.equal(failure, "  size budget");
  });

  it("asks for a key before it signs", async () => {
    checkout.write("unit.report.json", mochaReport(new Date()));
    await assert.rejects(
      evidence("add", "--kind", "unit", "--file", "unit.report.json"),
      new UserError(
        `There is no key to sign with: ${checkout.root}/.slipway/keys/evidence.key is missing. Run npm run evidence -- keygen.`,
      ),
    );
  });
});
