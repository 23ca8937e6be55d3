/** Makes, reads and judges the evidence in `.slipway/evidence`: one DSSE envelope a file, `<kind>-<first 12 of the commit>.json`. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { ImagesManifest } from "../../images/manifest";
import { parseJson, payloadType } from "../../policy/attestation/envelope";
import {
  defaultRequirements,
  judgeEvidence,
  type Finding,
  type NamedEnvelope,
  type Requirements,
} from "../../policy/attestation/judgement";
import {
  evidenceKinds,
  predicateType,
  statementType,
  type EvidenceKind,
  type Statement,
} from "../../policy/attestation/statement";
import { UserError } from "../user-error";
import { readCheckout, type Checkout } from "./checkout";
import { seal, writeWhole } from "./envelopes";
import { ownPublicKey, readSigningKey } from "./keys";
import { readReport, type Report } from "./report";

const folder = (root: string): string => join(root, ".slipway/evidence");
/** These kinds judge what runs, so the images are part of what they are about. */
const aboutImages: readonly EvidenceKind[] = ["e2e", "lighthouse"];
/** Between the clocks of who commits and who tests, in milliseconds. */
const clockSkew = 5 * 60_000;

export interface AddedEvidence {
  readonly file: string;
  readonly commit: string;
  readonly result: Statement["predicate"]["result"];
  readonly report: Report;
}

/**
 * Turns a report about the checked-out commit into signed evidence, and answers where it is. A report of failure is evidence as well.
 *
 * @throws UserError when the kind is unknown, files differ from the commit, there is no key, the report is none, is older than the commit, or nothing ran
 */
export async function addEvidence(root: string, kind: string, reportFile: string): Promise<AddedEvidence> {
  if (!isKind(kind)) throw new UserError(`--kind is "${kind}"; it can be ${evidenceKinds.join(", ")}.`);
  const key = readSigningKey(root);
  const checkout = await readCheckout(root);
  if (checkout.changed.length > 0) {
    throw new UserError(
      `What was tested is not the commit: these files differ from it: ${checkout.changed.join(", ")}. Commit them or put them back, and run the checks again.`,
    );
  }
  const { bytes, modified } = readBytes(resolve(root, reportFile));
  const report = readReport(kind, reportFile, bytes.toString("utf8"));
  const finishedOn = report.finishedOn ?? modified;
  if (finishedOn.getTime() < checkout.committedOn.getTime() - clockSkew) {
    throw new UserError(
      `${reportFile} is of ${finishedOn.toISOString()}, and the commit of ${checkout.committedOn.toISOString()}: it is about an earlier one. Run the checks again on this commit.`,
    );
  }
  const statement = makeStatement(kind, checkout, report, {
    startedOn: report.startedOn ?? finishedOn,
    finishedOn,
    images: aboutImages.includes(kind) ? readImages(root) : {},
    report: {
      name: basename(reportFile),
      digest: { sha256: createHash("sha256").update(bytes).digest("hex") },
    },
  });
  const file = join(folder(root), `${kind}-${checkout.commit.slice(0, 12)}.json`);
  writeWhole(file, `${JSON.stringify(seal(statement, payloadType, key))}\n`);
  return { file, commit: checkout.commit, result: statement.predicate.result, report };
}

/** What `verify` answers: nothing found means that the gate is open for this commit. */
export interface Verdict {
  readonly commit: string;
  readonly findings: readonly Finding[];
}

/**
 * Judges the evidence for the checked-out commit as the policy pack does for a stack: by the stack's policy configuration, with this machine's key trusted.
 *
 * @throws UserError when the stack has no policy configuration
 */
export async function verifyEvidence(root: string, stack: string, now: Date): Promise<Verdict> {
  const { commit } = await readCheckout(root);
  const own = ownPublicKey(root);
  const requirements = { ...defaultRequirements, ...readRequirements(root, stack) };
  const trustedKeys = [...requirements.trustedKeys, ...(own === undefined ? [] : [own])];
  const images = Object.values(readImages(root));
  return {
    commit,
    findings: judgeEvidence(readEvidence(root), { commit, images }, { ...requirements, trustedKeys }, now),
  };
}

/** Every file of evidence, in order of name; the text is not checked. */
export function readEvidence(root: string): NamedEnvelope[] {
  if (!existsSync(folder(root))) return [];
  return readdirSync(folder(root))
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder(root), name), "utf8") }));
}

function isKind(kind: string): kind is EvidenceKind {
  return (evidenceKinds as readonly string[]).includes(kind);
}

function makeStatement(
  kind: EvidenceKind,
  { commit, tree, person }: Checkout,
  { tool, counts }: Report,
  facts: {
    startedOn: Date;
    finishedOn: Date;
    images: Readonly<Record<string, string>>;
    report: Statement["predicate"]["report"];
  },
): Statement {
  const images = Object.entries(facts.images).map(([name, reference]) => ({
    name,
    digest: { sha256: reference.split("sha256:")[1] ?? "" },
  }));
  return {
    _type: statementType,
    subject: [{ name: "commit", digest: { gitCommit: commit } }, ...images],
    predicateType,
    predicate: {
      result: counts.failed > 0 ? "FAILED" : "PASSED",
      configuration: [{ name: "tree", digest: { gitTree: tree } }],
      kind,
      counts,
      startedOn: facts.startedOn.toISOString(),
      finishedOn: facts.finishedOn.toISOString(),
      producer: { id: producer(person), tool },
      report: facts.report,
    },
  };
}

/** A run of GitHub Actions by its address, else the person. */
function producer(person: string): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = process.env;
  return server && repository && run ? `${server}/${repository}/actions/runs/${run}` : person || "unknown";
}

function readBytes(file: string): { bytes: Buffer; modified: Date } {
  try {
    return { bytes: readFileSync(file), modified: statSync(file).mtime };
  } catch (error) {
    throw new UserError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"}). Give --file the report that the tool wrote.`,
    );
  }
}

/** The images on this machine, by name; none before set-up. */
function readImages(root: string): Record<string, string> {
  const file = join(root, ".slipway/images.json");
  if (!existsSync(file)) return {};
  const manifest = parseJson(readFileSync(file, "utf8"), ImagesManifest);
  if (!manifest.success) {
    throw new UserError(`${file} is not what set-up writes (${manifest.detail}). Run npm run setup.`);
  }
  return Object.fromEntries(
    Object.entries(manifest.data.images).map(([name, { reference }]) => [name, reference]),
  );
}

function readRequirements(root: string, stack: string): Partial<Requirements> {
  const file = join(root, `policy/config/${stack}.json`);
  try {
    const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, Partial<Requirements>>;
    return config["release-require-evidence"] ?? {};
  } catch {
    throw new UserError(
      `There is no policy configuration of a stack "${stack}": ${file} cannot be read as JSON.`,
    );
  }
}
