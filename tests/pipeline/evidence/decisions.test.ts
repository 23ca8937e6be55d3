import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { registerDecisionCommands } from "../../../pipeline/evidence/commands";
import { generateKeys } from "../../../pipeline/evidence/keys";
import { UserError } from "../../../pipeline/user-error";
import {
  approvalSchema,
  approvalType,
  openDecision,
  waiverSchema,
  waiverType,
} from "../../../policy/attestation/decision";
import { makeCheckout, type TestCheckout } from "./support";

const why = ["--reason", "checkout is down since noon", "--ticket", "OPS-7"];

describe("what people sign", () => {
  let checkout: TestCheckout;
  beforeEach(async () => (checkout = await makeCheckout()));
  afterEach(() => checkout.remove());

  async function sign(...args: string[]): Promise<string> {
    const lines: string[] = [];
    const program = new Command().exitOverride();
    registerDecisionCommands(program, checkout.root, (line) => lines.push(line));
    await program.parseAsync(args, { from: "user" });
    return lines.join("\n");
  }

  function circumstances() {
    const approvers = {
      "approver@slipway.example": readFileSync(join(checkout.root, ".slipway/keys/approver.pub"), "utf8"),
    };
    const now = new Date();
    return { approvers, environment: "production", author: "author@slipway.example", now };
  }

  it("is an approval of the commit that is checked out, which the gates take", async () => {
    generateKeys(checkout.root, "approver");
    assert.equal(statSync(join(checkout.root, ".slipway/keys/approver.key")).mode & 0o777, 0o600);
    const file = join(
      checkout.root,
      `.slipway/approvals/production-hotfix-${checkout.commit.slice(0, 12)}.json`,
    );
    assert.equal(await sign("approve", "--action", "hotfix", ...why), `written to ${file}`);
    const text = readFileSync(file, "utf8");
    const opened = openDecision(text, approvalType, approvalSchema, circumstances());
    assert.equal(opened.outcome, "valid");
    const { decision, approver } = opened;
    const { commit, action, service, ticket, signedOn, expiresOn } = decision;
    assert.deepEqual(
      [approver, commit, action, service, ticket],
      ["approver@slipway.example", checkout.commit, "hotfix", "sample", "OPS-7"],
    );
    assert.equal(Date.parse(expiresOn) - Date.parse(signedOn), 86_400_000);
    // A waiver is not an approval, whatever it holds.
    assert.equal(openDecision(text, waiverType, waiverSchema, circumstances()).outcome, "refused");
  });

  it("is a waiver of a rule for a while", async () => {
    generateKeys(checkout.root, "approver");
    const what = ["--policy", "containers-require-limits", "--resource", "backbone-*", "--days", "30"];
    const file = join(checkout.root, ".slipway/waivers/production-containers-require-limits-OPS-7.json");
    assert.equal(await sign("waive", ...what, ...why), `written to ${file}`);
    const opened = openDecision(readFileSync(file, "utf8"), waiverType, waiverSchema, circumstances());
    assert.equal(opened.outcome, "valid");
    assert.equal(opened.decision.resource, "backbone-*");
  });

  it("is refused without a key, for too long, for no reason and for an unknown action", async () => {
    await assert.rejects(
      sign("approve", "--action", "hotfix", ...why),
      new UserError(
        `There is no key to sign with: ${join(checkout.root, ".slipway/keys/approver.key")} is missing. Run npm run evidence -- keygen --approver.`,
      ),
    );
    generateKeys(checkout.root, "approver");
    for (const days of ["31", "0", "soon"]) {
      await assert.rejects(
        sign("approve", "--action", "hotfix", ...why, "--days", days),
        new UserError(`--days is "${days}"; it can be more than 0, up to 30.`),
      );
    }
    await assert.rejects(
      sign("approve", "--action", "hotfix", "--reason", "because", "--ticket", "OPS-7"),
      new UserError(
        "reason says nothing that holds: 10 to 1000 characters. Allowed: --action one of release, hotfix, go-live; --reason of 10 to 1000 characters; --ticket an id.",
      ),
    );
    await assert.rejects(
      sign("approve", "--action", "yolo", ...why),
      /^UserError: action says nothing that holds|action says nothing that holds/,
    );
  });
});
