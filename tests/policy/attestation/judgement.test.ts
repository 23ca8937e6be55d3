import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeEvidence, type Requirements } from "../../../policy/attestation/judgement";
import type { Statement } from "../../../policy/attestation/statement";
import { commit, digest, makeKey, seal, statement } from "../compliant";

const key = makeKey();
const stranger = makeKey();
const now = new Date("2026-11-21T12:00:00.000Z");
const before = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
const subject = { commit, images: [`sha256:${digest("sample")}`, `redis@sha256:${digest("redis")}`] };
const requirements: Requirements = {
  ...{ requiredKinds: ["unit"], trustedKeys: [key.pem], maxAgeHours: 24, maxAgeHoursByKind: {} },
};
const unit = (changes = {}, at = before(1)): Statement => statement("unit", at, changes);
const run = "Run the checks on this commit";

function judge(texts: string[], changes: Partial<Requirements> = {}): [fault: string, message: string][] {
  const named = texts.map((text, index) => ({ name: `evidence[${index}]`, text }));
  const findings = judgeEvidence(named, subject, { ...requirements, ...changes }, now);
  return findings.map(({ fault, message }) => [fault, message]);
}
const faults = (...args: Parameters<typeof judge>): string[] => judge(...args).map(([fault]) => fault);

describe("judging evidence", () => {
  it("takes the age of a kind from that kind's own limit, where it has one", () => {
    const old = [seal(unit({}, before(30)), key), seal(statement("audit", before(30)), key)];
    const requiredKinds = ["unit", "audit"];
    const found = judge(old, { requiredKinds, maxAgeHoursByKind: { unit: 48, audit: 12 } });
    assert.equal(found.length, 1);
    assert.match(
      found[0]?.[1] ?? "",
      /^evidence\[1\] \(audit\) finished at .*, 30 hours ago\. Allowed: 12 hours\./,
    );
  });

  it("finds nothing when every required kind is proved", () => {
    assert.deepEqual(judge([seal(unit(), key)]), []);
    const both = [seal(unit(), key), seal(statement("e2e", before(1)), key)];
    assert.deepEqual(judge(both, { requiredKinds: ["e2e", "unit"] }), []);
  });

  it("has a message of its own for each thing that can be wrong", () => {
    const own = key.id.slice(0, 12);
    const foreign = stranger.id.slice(0, 12);
    const add = "then npm run evidence -- add --kind <kind> --file <report>.";
    const elsewhere = { ...unit(), subject: [{ digest: { gitCommit: "f".repeat(40) } }] };
    const otherImage = {
      ...unit(),
      subject: [...unit().subject, { name: "redis", digest: { sha256: digest("another") } }],
    };
    const tampered = JSON.stringify(unit({ counts: { passed: 99, failed: 0, skipped: 0 } }));
    assert.deepEqual(judge([]), [
      [
        "missing-kind",
        `There is no evidence of unit for commit 0123456789ab. Required: unit. ${run}, ${add}`,
      ],
    ]);
    assert.deepEqual(judge(["nonsense"])[0], [
      "malformed-envelope",
      "evidence[0] is no DSSE envelope (it is not JSON). Remove its file from .slipway/evidence, and add the report again.",
    ]);
    assert.deepEqual(judge([seal({ _type: "x" }, key)])[0]?.[0], "malformed-statement");
    assert.deepEqual(judge([seal("{", key)])[0], [
      "malformed-statement",
      "evidence[0] is signed, but holds no test result in an in-toto statement (it is not JSON). Add the report again.",
    ]);
    assert.deepEqual(judge([seal(unit(), stranger)]), [
      [
        "unknown-key",
        `evidence[0] is signed by key ${foreign}, which is not trusted. Trusted: ${own}. Add the report with a trusted key, or add the key to trustedKeys.`,
      ],
    ]);
    assert.deepEqual(judge([seal(unit(), key, { payload: Buffer.from(tampered).toString("base64") })]), [
      [
        "bad-signature",
        `evidence[0] was changed after it was signed: its signature by key ${own} does not fit its content. Remove its file, and add the report again.`,
      ],
    ]);
    assert.deepEqual(judge([seal(elsewhere, key)]), [
      [
        "other-commit",
        `evidence[0] (unit) is about commit ffffffffffff; the release is commit 0123456789ab. ${run}, and add their report.`,
      ],
    ]);
    assert.deepEqual(judge([seal(otherImage, key)]), [
      [
        "other-image",
        `evidence[0] (unit) is about image redis sha256:${digest("another").slice(0, 12)}, which is not in the release. Run the checks on the release's images.`,
      ],
    ]);
    assert.deepEqual(
      judge([seal(unit({ result: "FAILED", counts: { passed: 3, failed: 2, skipped: 0 } }), key)]),
      [
        [
          "failed",
          "evidence[0] (unit) says FAILED: 2 failed, 3 passed. Allowed: PASSED, 0 failed. Mend what failed, and run it again.",
        ],
      ],
    );
    assert.deepEqual(judge([seal(unit({ counts: { passed: 0, failed: 0, skipped: 7 } }), key)]), [
      [
        "no-tests",
        "evidence[0] (unit) says PASSED, but nothing ran: 0 passed. Allowed: at least 1. Check which tests the run selected.",
      ],
    ]);
    assert.deepEqual(judge([seal(unit({}, before(25)), key)]), [
      [
        "too-old",
        "evidence[0] (unit) finished at 2026-11-20T11:00:00.000Z, 25 hours ago. Allowed: 24 hours. Run the checks again.",
      ],
    ]);
    assert.deepEqual(judge([seal(unit({}, before(-1)), key)]), [
      [
        "from-the-future",
        "evidence[0] (unit) finished at 2026-11-21T13:00:00.000Z, which is still to come (now: 2026-11-21T12:00:00.000Z). Set the clock where it was made, and run the checks again.",
      ],
    ]);
    assert.deepEqual(judge([seal(unit(), key)], { trustedKeys: ["nonsense", key.pem] }), [
      [
        "malformed-key",
        "trustedKeys[0] is no Ed25519 public key. Allowed: SPKI in PEM, or 32 bytes in base64. Copy .slipway/keys/evidence.pub.",
      ],
    ]);
  });

  it("takes neither a warning nor a pass with failures for a pass", () => {
    assert.deepEqual(faults([seal(unit({ result: "WARNED" }), key)]), ["failed"]);
    assert.deepEqual(faults([seal(unit({ counts: { passed: 9, failed: 1, skipped: 0 } }), key)]), ["failed"]);
  });

  it("tells everything that is wrong with one proof", () => {
    assert.deepEqual(faults([seal(unit({ result: "FAILED" }, before(48)), key)]), ["failed", "too-old"]);
  });

  it("allows the whole of the greatest age", () => {
    assert.deepEqual(faults([seal(unit({}, before(24)), key)]), []);
  });

  it("lets clocks differ by five minutes, and no more", () => {
    assert.deepEqual(faults([seal(unit({}, before(-5 / 60)), key)]), []);
    assert.deepEqual(faults([seal(unit({}, before(-5.1 / 60)), key)]), ["from-the-future"]);
  });

  it("lets the newest proof of a kind count, so that an earlier pass hides no later failure", () => {
    const pass = seal(unit({}, before(3)), key);
    const fail = seal(unit({ result: "FAILED" }, before(2)), key);
    assert.deepEqual(faults([pass, fail]), ["failed"]);
    assert.deepEqual(faults([fail, pass, seal(unit({}, before(1)), key)]), []);
  });

  it("passes over evidence of other commits, other keys and other kinds when there is a good one", () => {
    const elsewhere = { ...unit(), subject: [{ digest: { gitCommit: "f".repeat(40) } }] };
    const others = [seal(elsewhere, key), seal(unit(), stranger), seal(statement("audit", before(900)), key)];
    assert.deepEqual(judge([...others, seal(unit(), key)]), []);
  });

  it("tells of a proof that was tampered with, needed or not", () => {
    const tampered = seal(unit(), key, { payload: Buffer.from("{}").toString("base64") });
    assert.deepEqual(faults([tampered, seal(unit(), key)]), ["bad-signature"]);
  });

  it("is for images in the release under whatever name", () => {
    const tested = {
      ...unit(),
      subject: [...unit().subject, { name: "cache", digest: { sha256: digest("redis") } }],
    };
    assert.deepEqual(judge([seal(tested, key)]), []);
  });

  it("survives 2,000 signed texts that are no statement, and lets none of them pass", () => {
    const field = fc.constantFrom("_type", "subject", "predicateType", "predicate");
    const junk = fc.jsonValue({ maxDepth: 1 });
    const nonsense = fc.oneof(
      fc.string({ unit: "binary" }),
      junk,
      fc.tuple(field, junk).map(([name, value]) => ({ ...unit(), [name]: value })),
      fc.nat(JSON.stringify(unit()).length - 1).map((length) => JSON.stringify(unit()).slice(0, length)),
    );
    fc.assert(
      fc.property(nonsense, (payload) => {
        assert.deepEqual(faults([seal(payload, key)]), ["malformed-statement", "missing-kind"]);
      }),
      { numRuns: 2000 },
    );
  });
});
