/** Malformed evidence by the thousand, for the gate's parser: none may end in a throw, and none may pass. */
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { keyId, payloadType, preAuthEncoding } from "../policy/attestation/envelope";
import { judgeEvidence } from "../policy/attestation/judgement";
import { predicateType, statementType } from "../policy/attestation/statement";

interface Key {
  readonly id: string;
  readonly pem: string;
  readonly privateKey: KeyObject;
}

function makeKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  return { id: keyId(publicKey), pem, privateKey };
}

const now = new Date("2026-11-30T12:00:00.000Z");
const commit = "0123456789abcdef0123456789abcdef01234567";
const sound = {
  _type: statementType,
  subject: [{ name: "commit", digest: { gitCommit: commit } }],
  predicateType,
  predicate: {
    ...{ result: "PASSED", configuration: [], kind: "unit", counts: { passed: 3, failed: 0, skipped: 0 } },
    ...{ startedOn: "2026-11-30T11:00:00.000Z", finishedOn: "2026-11-30T11:01:00.000Z" },
    ...{ producer: { id: "fuzz", tool: "mocha" }, report: { digest: { sha256: "0".repeat(64) } } },
  },
};

function seal(content: string, { id, privateKey }: Key): { [key: string]: unknown } {
  const bytes = Buffer.from(content);
  const sig = sign(null, preAuthEncoding(payloadType, bytes), privateKey).toString("base64");
  return { payload: bytes.toString("base64"), payloadType, signatures: [{ keyid: id, sig }] };
}

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom("", null, -1, 1e999, [], {}, "__proto__"),
);
/** Paths into a statement without which, or with anything else at which, it proves nothing. */
const vital: readonly (readonly string[])[] = [
  ...[["_type"], ["subject"], ["predicateType"], ["predicate"]],
  ...["result", "kind", "counts", "startedOn", "finishedOn", "producer", "report"].map((key) => [
    "predicate",
    key,
  ]),
  ...["passed", "failed", "skipped"].map((key) => ["predicate", "counts", key]),
  ["subject", "0", "digest"],
];

function changed(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return to;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = changed(copy[key], rest, to);
  return copy;
}

function broken(trusted: Key, stranger: Key): fc.Arbitrary<string> {
  const whole = seal(JSON.stringify(sound), trusted);
  const payload = String(whole["payload"]);
  const flipped = fc.nat(JSON.stringify(sound).length - 1).chain((at) =>
    fc.integer({ min: 1, max: 255 }).map((mask) => {
      const bytes = Buffer.from(payload, "base64");
      bytes[at] = (bytes[at] ?? 0) ^ mask;
      return { ...whole, payload: bytes.toString("base64") };
    }),
  );
  const envelope = fc.oneof(
    fc
      .tuple(fc.constantFrom("payload", "payloadType", "signatures"), odd)
      .map(([key, value]) => ({ ...whole, [key]: value })),
    flipped,
    fc.constant(seal(JSON.stringify(sound), stranger)),
    // Signed as it should be, and nonsense all the same.
    fc
      .oneof(
        odd.map((value) => JSON.stringify(value)),
        fc.string(),
      )
      .map((content) => seal(content, trusted)),
    fc
      .tuple(fc.constantFrom(...vital), odd)
      .filter(([path, value]) => !isStillSound(path, value))
      .map(([path, value]) => seal(JSON.stringify(changed(sound, path, value)), trusted)),
  );
  const text = envelope.map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: 6, arbitrary: text },
    {
      weight: 1,
      arbitrary: fc
        .tuple(text, fc.nat(200))
        .map(([all, cut]) => all.slice(0, Math.max(0, all.length - 1 - cut))),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
    { weight: 1, arbitrary: odd.map((value) => JSON.stringify(value)) },
  );
}

/** Some counts are counts whatever they are. */
function isStillSound(path: readonly string[], value: unknown): boolean {
  const isCount = typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
  return (
    isCount &&
    path[1] === "counts" &&
    (path[2] === "skipped" || (path[2] === "passed" && value > 0) || value === 0)
  );
}

/**
 * Judges so many malformed envelopes, each alone.
 *
 * @throws Error with the envelope that made the judge throw, or passed
 */
export function fuzzEvidence(runs: number): void {
  const [trusted, stranger] = [makeKey(), makeKey()];
  const requirements = {
    ...{ requiredKinds: ["unit"], trustedKeys: [trusted.pem], maxAgeHours: 24, maxAgeHoursByKind: {} },
  };
  const judge = (text: string) =>
    judgeEvidence([{ name: "evidence[0]", text }], { commit, images: [] }, requirements, now);
  // What is broken below is sound before.
  if (judge(JSON.stringify(seal(JSON.stringify(sound), trusted))).length > 0)
    throw new Error("the sound one fails");
  fc.assert(
    fc.property(broken(trusted, stranger), (text) => judge(text).length > 0),
    { numRuns: runs },
  );
}

/** `npm run bench fuzz` */
export async function benchFuzz(say: (line: string) => void): Promise<void> {
  const runs = 100_000;
  const start = performance.now();
  fuzzEvidence(runs);
  const seconds = (performance.now() - start) / 1000;
  say(`${runs} malformed envelopes in ${seconds.toFixed(1)} s: none passed, none ended in a throw`);
}
