import assert from "node:assert/strict";
import { waiverType, type Waiver } from "../../../../policy/attestation/decision";
import { requireLimits } from "../../../../policy/rules/containers/require-limits";
import { listWaivers as rule } from "../../../../policy/rules/pack/list-waivers";
import { requireEvidence } from "../../../../policy/rules/release/require-evidence";
import { activateWaivers } from "../../../../policy/waivers";
import { container, makeKey, release, seal, type TestKey } from "../../compliant";
import { judge, notApplicable, unknown } from "../../support";

const key = makeKey();
const config = { approvers: { "approver@slipway.example": key.pem, "author@slipway.example": key.pem } };
const daysFromNow = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const broken = container({ memory: undefined });
const fault =
  'Container "backbone-redis" has no memory limit. Allowed: memory of at least 1 MiB. Set memory, and memorySwap to the same.';

function waiver(changes: Partial<Waiver> = {}, by: TestKey = key): string {
  const content = {
    policy: requireLimits.name,
    resource: "backbone-*",
    environment: "local",
    reason: "the limit is being measured",
    ticket: "OPS-7",
    signedOn: daysFromNow(-1),
    expiresOn: daysFromNow(1),
    ...changes,
  };
  return seal(content, by, {}, waiverType);
}

const mend =
  "Allowed: one signed by an approver other than the author, for this environment, for 30 days at most. Remove it, or have it signed anew.";

describe("pack-list-waivers", () => {
  afterEach(() => activateWaivers([]));

  it("activates a waiver that holds, and tells of it", async () => {
    const expiresOn = daysFromNow(1);
    assert.deepEqual(await judge(rule, release({ waivers: [waiver({ expiresOn })] }), { config }), [
      `advisory: In force until ${expiresOn}: containers-require-limits on backbone-*, by approver@slipway.example (OPS-7: the limit is being measured).`,
    ]);
    assert.deepEqual(await judge(requireLimits, broken), [
      `advisory: Waived by approver@slipway.example until ${expiresOn} (OPS-7): ${fault}`,
    ]);
  });

  it("ends with the release that carries it: without it the rule holds again", async () => {
    await judge(rule, release({ waivers: [waiver()] }), { config });
    assert.deepEqual(await judge(rule, release({ waivers: [] }), { config }), []);
    assert.deepEqual(await judge(requireLimits, broken), [fault]);
    assert.equal(await judge(rule, container()), notApplicable);
  });

  it("tells of an expired one, and lets the rule hold again", async () => {
    const expiresOn = daysFromNow(-0.5);
    assert.deepEqual(await judge(rule, release({ waivers: [waiver({ expiresOn })] }), { config }), [
      `advisory: Expired at ${expiresOn}, so the rule holds again: containers-require-limits on backbone-*, by approver@slipway.example (OPS-7: the limit is being measured). Remove it.`,
    ]);
    assert.deepEqual(await judge(requireLimits, broken), [fault]);
  });

  it("refuses, with a message each, what is forged, foreign, too long, the author's own or for a rule that cannot be waived", async () => {
    const stranger = makeKey();
    const changed = JSON.parse(waiver()) as { payload: string };
    const payload = Buffer.from(changed.payload, "base64").toString().replace("local", "prod ");
    const [signedOn, expiresOn] = [daysFromNow(-1), daysFromNow(31)];
    const later = daysFromNow(0.5);
    const author = { author: "Approver@slipway.example" };
    for (const [envelope, why, changes] of [
      [
        "{}",
        "is no DSSE envelope (payload: Invalid input: expected string, received undefined; payloadType: Invalid input: expected string, received undefined; signatures: Invalid input: expected array, received undefined)",
      ],
      [seal({}, key), `is no DSSE envelope (payloadType: expected ${waiverType})`],
      [
        JSON.stringify({ ...changed, payload: Buffer.from(payload).toString("base64") }),
        "was changed after it was signed",
      ],
      [waiver({}, stranger), `is signed by key ${stranger.id.slice(0, 12)}, which is no approver's`],
      [
        waiver({ ticket: "" }),
        "says nothing that holds (ticket: Too small: expected string to have >=1 characters)",
      ],
      [waiver({ reason: "because" }), "says nothing that holds (reason: 10 to 1000 characters)"],
      [waiver(), "is signed by approver@slipway.example, who wrote the commit", author],
      [waiver(), "cannot be told from the author's own: the release names no author", { author: undefined }],
      [waiver({ environment: "production" }), "is for production, and this is local"],
      [waiver({ signedOn, expiresOn }), `runs from ${signedOn} to ${expiresOn}, longer than 30 days`],
      [waiver({ signedOn: later }), `is signed at ${later}, which is still to come`],
    ] as const) {
      assert.deepEqual(
        await judge(rule, release({ waivers: [envelope], ...changes }), { config }),
        [`Release "sample-release": waivers[0] ${why}. ${mend}`],
        why,
      );
      assert.deepEqual(await judge(requireLimits, broken), [fault]);
    }
    for (const [policy, why] of [
      [requireEvidence.name, "cannot be waived"],
      ["no-such-rule", "is no rule"],
    ] as const) {
      assert.deepEqual(await judge(rule, release({ waivers: [waiver({ policy })] }), { config }), [
        `Release "sample-release": waivers[0] is for ${policy}, which ${why}. Allowed: the name of a rule that can be waived. Remove it.`,
      ]);
    }
  });

  it("trusts nobody unless the configuration names them, and is closed to what is not known", async () => {
    assert.match(String(await judge(rule, release({ waivers: [waiver()] }))), /which is no approver's/);
    assert.match(
      String(await judge(rule, release({ waivers: unknown }), { config })),
      /^"sample-release" does not know waivers before the update\./,
    );
  });
});
