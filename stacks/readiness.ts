/** What a release says of people and of documents: who wrote it, what was signed, what migrates, and whether what must be written is written. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Documents, ReleaseInputs } from "../provider/schema/release";
import { environments, type Environment } from "./environments";

export interface Readiness {
  /** E-mail address of who wrote the commit; absent where the checkout does not have it. */
  readonly author?: string;
  readonly approvals: string[];
  readonly waivers: string[];
  readonly migrations: NonNullable<ReleaseInputs["migrations"]>;
  readonly documents: Documents;
}

/** Gathers it from a checkout: its history, `docs/`, the migrations of the service's image, and what is signed in `.slipway`. */
export function readReadiness(
  root: string,
  { environment, service, commit }: { environment: Environment; service: string; commit: string },
): Readiness {
  const author = readAuthor(root, commit);
  const short = commit.slice(0, 12);
  return {
    ...(author === "" ? {} : { author }),
    approvals: readFiles(join(root, ".slipway/approvals"), (name) =>
      new RegExp(`^${environment}-.*-${short}\\.json$`).test(name),
    ),
    waivers: readFiles(join(root, ".slipway/waivers"), (name) => name.startsWith(`${environment}-`)),
    migrations: readMigrations(join(root, "images", service, "migrations")),
    documents: readDocuments(root),
  };
}

function readAuthor(root: string, commit: string): string {
  try {
    const args = ["show", "--no-patch", "--format=%ae", commit];
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    // A shallow checkout may not have it; nothing that people sign counts then.
    return "";
  }
}

/** By the head of each file, as the service itself reads them. */
function readMigrations(folder: string): Readiness["migrations"] {
  const names = list(folder).filter((name) => name.endsWith(".up.sql"));
  return names.map((name) => {
    const contract = readFileSync(join(folder, name), "utf8").startsWith("-- phase: contract\n");
    return { id: name.replace(".up.sql", ""), phase: contract ? "contract" : "expand" };
  });
}

const exercisedSchema = z.record(z.string(), z.iso.date().nullable());
const date = z.union([z.iso.date(), z.date().transform((value) => value.toISOString().slice(0, 10))]);
const directionSchema = z.object({ owner: z.string(), last_reviewed: date, expires: date });

/** What is missing or cannot be read is absent: the gates say so. */
export function readDocuments(root: string): Documents {
  const runbooks = list(join(root, "docs/runbooks")).filter((name) => name.endsWith(".md"));
  const exercised =
    exercisedSchema.safeParse(readJson(join(root, "docs/runbooks/exercised.json"))).data ?? {};
  const direction = readDirection(read(join(root, "docs/directions/deployment.md")));
  const checklist = read(join(root, "docs/deployment/go_live_checklist.md"));
  return {
    runbooks: Object.fromEntries(
      runbooks.map((name) => name.replace(".md", "")).map((name) => [name, exercised[name] ?? null]),
    ),
    ...(direction === undefined ? {} : { direction }),
    environmentMatrixCurrent: read(join(root, "docs/deployment/env_matrix.md")).includes(
      environmentMatrixMark(root),
    ),
    ...(checklist === "" ? {} : { openChecklistItems: openItems(checklist) }),
  };
}

/** What the matrix of environments carries: a digest of all that it is made of. */
export function environmentMatrixMark(root: string): string {
  const sources = [
    "Pulumi.yaml",
    ...environments.map((name) => `Pulumi.${name}.yaml`),
    "stacks/secrets-matrix.ts",
  ];
  const content = sources.map((file) => read(join(root, file))).join("\0");
  return `<!-- sources: ${createHash("sha256").update(content).digest("hex").slice(0, 16)} -->`;
}

function readDirection(text: string): Documents["direction"] {
  const [, head = ""] = /^---\n([\s\S]*?)\n---\n/.exec(text) ?? [];
  const { data } = directionSchema.safeParse(parseYaml(head));
  return data && { owner: data.owner, lastReviewed: data.last_reviewed, expires: data.expires };
}

function openItems(checklist: string): string[] {
  return [...checklist.matchAll(/^\s*- \[ \] (.+)$/gm)].map(([, item = ""]) => item.slice(0, 200));
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(read(file));
  } catch {
    return undefined;
  }
}

function readFiles(folder: string, wanted: (name: string) => boolean): string[] {
  return list(folder)
    .filter(wanted)
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
