/** Does the evidence allow this release? The same answer in the policy pack and in `npm run evidence -- verify`. */
import { openEnvelope, parseJson, readPublicKey, type TrustedKey } from "./envelope";
import { evidenceKinds, statementSchema, type EvidenceKind, type Statement } from "./statement";

export interface Requirements {
  readonly requiredKinds: readonly string[];
  /** Ed25519 public keys: SPKI in PEM, or 32 bytes in base64. */
  readonly trustedKeys: readonly string[];
  /** How long before now the checks may have finished. */
  readonly maxAgeHours: number;
  /** The same for single kinds. */
  readonly maxAgeHoursByKind: Readonly<Record<string, number>>;
}

/**
 * Every kind; a week, so that what was proved is what is still true of the world around it; a day for the audit, as vulnerabilities become known daily. No
 * key is trusted until one is named.
 */
export const defaultRequirements: Requirements = {
  requiredKinds: [...evidenceKinds],
  trustedKeys: [],
  maxAgeHours: 168,
  maxAgeHoursByKind: { audit: 24 },
};

/** What is to be released. */
export interface Subject {
  /** Full id. */
  readonly commit: string;
  /** Pinned references. */
  readonly images: readonly string[];
}

/** An envelope's text, and what to call it in a message. */
export interface NamedEnvelope {
  readonly name: string;
  readonly text: string;
}

export type Fault =
  | "malformed-key"
  | "malformed-envelope"
  | "malformed-statement"
  | "unknown-key"
  | "bad-signature"
  | "missing-kind"
  | "other-commit"
  | "other-image"
  | "failed"
  | "no-tests"
  | "too-old"
  | "from-the-future";

export interface Finding {
  readonly fault: Fault;
  readonly message: string;
}

/** How far the clocks of producer and judge may differ, in milliseconds: five minutes, as Kerberos allows. */
const clockSkew = 5 * 60_000;
const hour = 3_600_000;

/**
 * Judges evidence; empty when every required kind is proved for the commit. Of several proofs of a kind the newest counts, so that a later failure is not
 * hidden by an earlier pass. Whatever is malformed or tampered with is told, needed or not.
 */
export function judgeEvidence(
  envelopes: readonly NamedEnvelope[],
  subject: Subject,
  requirements: Requirements,
  now: Date,
): Finding[] {
  const findings: Finding[] = [];
  const trusted = readTrustedKeys(requirements.trustedKeys, findings);
  const { proofs, strangers, claimed } = sortOut(envelopes, trusted, findings);
  const missing: string[] = [];
  for (const kind of requirements.requiredKinds) {
    const ofKind = proofs
      .filter(({ statement }) => statement.predicate.kind === kind)
      .sort((a, b) => finished(b.statement) - finished(a.statement));
    const proof = ofKind.find(({ statement }) => commitsOf(statement).includes(subject.commit));
    const stranger = strangers.find((other) => other.kind === kind);
    if (proof !== undefined) {
      findings.push(...judgeProof(proof.name, proof.statement, subject, requirements, now));
    } else if (ofKind[0] !== undefined) {
      const commits = commitsOf(ofKind[0].statement).map(short).join(", ") || "none";
      findings.push({
        fault: "other-commit",
        message: `${ofKind[0].name} (${kind}) is about commit ${commits}; the release is commit ${short(subject.commit)}. Run the checks on this commit, and add their report.`,
      });
    } else if (stranger !== undefined) {
      findings.push({ fault: "unknown-key", message: stranger.message });
    } else if (!claimed.has(kind)) {
      missing.push(kind);
    }
  }
  if (missing.length > 0) {
    findings.push({
      fault: "missing-kind",
      message: `There is no evidence of ${missing.join(", ")} for commit ${short(subject.commit)}. Required: ${requirements.requiredKinds.join(", ")}. Run the checks on this commit, then npm run evidence -- add --kind <kind> --file <report>.`,
    });
  }
  return findings;
}

function readTrustedKeys(texts: readonly string[], findings: Finding[]): TrustedKey[] {
  return texts.flatMap((text, index) => {
    const key = readPublicKey(text);
    if (key !== undefined) return [key];
    findings.push({
      fault: "malformed-key",
      message: `trustedKeys[${index}] is no Ed25519 public key. Allowed: SPKI in PEM, or 32 bytes in base64. Copy .slipway/keys/evidence.pub.`,
    });
    return [];
  });
}

interface Sorted {
  /** Signed by a trusted key. */
  readonly proofs: { name: string; statement: Statement }[];
  /** Signed by others: told only where nothing better is there, for keys are changed and evidence is shared. */
  readonly strangers: { kind: EvidenceKind | undefined; message: string }[];
  /** What those that were tampered with claim to be. */
  readonly claimed: Set<string | undefined>;
}

function sortOut(
  envelopes: readonly NamedEnvelope[],
  trusted: readonly TrustedKey[],
  findings: Finding[],
): Sorted {
  const sorted: Sorted = { proofs: [], strangers: [], claimed: new Set() };
  for (const { name, text } of envelopes) {
    const opened = openEnvelope(text, trusted);
    if (opened.outcome === "malformed-envelope") {
      findings.push({
        fault: "malformed-envelope",
        message: `${name} is no DSSE envelope (${opened.detail}). Remove its file from .slipway/evidence, and add the report again.`,
      });
      continue;
    }
    const statement = parseJson(opened.payload.toString("utf8"), statementSchema);
    const kind = statement.success ? statement.data.predicate.kind : undefined;
    if (opened.outcome === "bad-signature") {
      sorted.claimed.add(kind);
      findings.push({
        fault: "bad-signature",
        message: `${name} was changed after it was signed: its signature by key ${short(opened.keyId)} does not fit its content. Remove its file, and add the report again.`,
      });
    } else if (opened.outcome === "unknown-key") {
      const ids = trusted.map(({ id }) => short(id)).join(", ") || "none";
      sorted.strangers.push({
        kind,
        message: `${name} is signed by key ${short(opened.keyId) || "(not named)"}, which is not trusted. Trusted: ${ids}. Add the report with a trusted key, or add the key to trustedKeys.`,
      });
    } else if (statement.success) {
      sorted.proofs.push({ name, statement: statement.data });
    } else {
      findings.push({
        fault: "malformed-statement",
        message: `${name} is signed, but holds no test result in an in-toto statement (${statement.detail}). Add the report again.`,
      });
    }
  }
  return sorted;
}

function judgeProof(
  name: string,
  { subject: about, predicate }: Statement,
  subject: Subject,
  requirements: Requirements,
  now: Date,
): Finding[] {
  const maxAgeHours = requirements.maxAgeHoursByKind[predicate.kind] ?? requirements.maxAgeHours;
  const findings: Finding[] = [];
  const say = (fault: Fault, message: string) =>
    findings.push({ fault, message: `${name} (${predicate.kind}) ${message}` });
  const { passed, failed } = predicate.counts;
  const digests = subject.images.map((reference) => reference.split("sha256:")[1]);
  for (const { name: image = "(no name)", digest } of about) {
    const sha256 = digest["sha256"];
    if (sha256 === undefined || digests.includes(sha256)) continue;
    say(
      "other-image",
      `is about image ${image} sha256:${short(sha256)}, which is not in the release. Run the checks on the release's images.`,
    );
  }
  if (predicate.result !== "PASSED" || failed > 0) {
    say(
      "failed",
      `says ${predicate.result}: ${failed} failed, ${passed} passed. Allowed: PASSED, 0 failed. Mend what failed, and run it again.`,
    );
  } else if (passed === 0) {
    say(
      "no-tests",
      "says PASSED, but nothing ran: 0 passed. Allowed: at least 1. Check which tests the run selected.",
    );
  }
  const age = now.getTime() - Date.parse(predicate.finishedOn);
  if (age > maxAgeHours * hour) {
    say(
      "too-old",
      `finished at ${predicate.finishedOn}, ${Math.floor(age / hour)} hours ago. Allowed: ${maxAgeHours} hours. Run the checks again.`,
    );
  } else if (age < -clockSkew) {
    say(
      "from-the-future",
      `finished at ${predicate.finishedOn}, which is still to come (now: ${now.toISOString()}). Set the clock where it was made, and run the checks again.`,
    );
  }
  return findings;
}

/** The commits that a statement is about. */
export function commitsOf({ subject }: Statement): string[] {
  return subject.map(({ digest }) => digest["gitCommit"]).filter((commit) => commit !== undefined);
}

function finished({ predicate }: Statement): number {
  return Date.parse(predicate.finishedOn);
}

/** Ids as people know them from git: their first 12 digits. */
function short(id: string): string {
  return id.slice(0, 12);
}
