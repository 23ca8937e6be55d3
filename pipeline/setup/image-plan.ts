/** How each image comes to be, and the tag by which it is found again: calculation only, no Docker here. */
import { createHash } from "node:crypto";
import { UserError } from "../user-error";
import type { ImageName, ImageSource } from "../../images/manifest";

/** Official images, each pinned by digest: `postgres:17@sha256:…`. */
export interface ImagePins {
  postgres: string;
  redis: string;
  node: string;
  debian: string;
}

/** A file of a build context. */
export interface BuildFile {
  /** Relative to the context, with slashes. */
  path: string;
  content: Buffer;
  executable: boolean;
}

/** What the images are made of: the files of every folder under `images/`, and what the sample's bundles contain. */
export interface BuildInputs {
  folders: Record<ImageFolder, readonly BuildFile[]>;
  /** package-lock.json: it fixes the packages that the sample's bundles take in. */
  lockFile: Buffer;
}
export const imageFolders = ["debian", "postgres", "redis", "node", "gateway", "sample"] as const;
export type ImageFolder = (typeof imageFolders)[number];

/**
 * One image and the way to it. `reference` is its name in the local Docker: equal inputs give an equal reference, so an
 * image that is there need not be made.
 */
export type ImagePlan =
  | { kind: "pull"; name: string; reference: string; pin: string }
  /** Debian's base system, by the script that writes it as a tar. */
  | { kind: "bootstrap"; name: string; reference: string }
  | {
      kind: "build";
      name: string;
      reference: string;
      base: ImagePlan;
      files: readonly BuildFile[];
      /** TypeScript files of the context to be bundled, each into one JavaScript file. */
      bundles: readonly string[];
    };

const sampleBundles = ["server.ts", "migrate.ts", "healthcheck.ts"];

export type SourceChoice = "auto" | ImageSource;

/**
 * Where the images come from; "ask" when only asking a registry can tell. `auto` keeps to the source of the last set-up,
 * since a volume made by one source's Postgres may be of another major version than the other's can open.
 */
export function chooseSource(
  choice: SourceChoice,
  last: ImageSource | undefined,
  officialThere: boolean,
): ImageSource | "ask" {
  if (choice !== "auto") return choice;
  return last ?? (officialThere ? "registry" : "ask");
}

/** The plan of every image that the manifest names. */
export function planImages(
  source: ImageSource,
  pins: ImagePins,
  inputs: BuildInputs,
): Record<ImageName, ImagePlan> {
  const { folders } = inputs;
  const build = (name: ImageFolder, base: ImagePlan, bundles: readonly string[] = []): ImagePlan => {
    const lock =
      bundles.length > 0 ? [{ path: "package-lock.json", content: inputs.lockFile, executable: false }] : [];
    const digest = digestOf(base.reference, [...folders[name], ...lock]);
    return {
      kind: "build",
      name,
      reference: `slipway/${name}:${digest}`,
      base,
      files: folders[name],
      bundles,
    };
  };
  if (source === "registry") {
    return {
      postgres: pull("postgres", pins.postgres),
      redis: pull("redis", pins.redis),
      gateway: build("gateway", pull("debian", pins.debian)),
      sample: build("sample", pull("node", pins.node), sampleBundles),
    };
  }
  const debian: ImagePlan = {
    kind: "bootstrap",
    name: "debian",
    reference: `slipway/debian:${digestOf("", folders.debian)}`,
  };
  return {
    postgres: build("postgres", debian),
    redis: build("redis", debian),
    gateway: build("gateway", debian),
    sample: build("sample", build("node", debian), sampleBundles),
  };
}

function pull(name: string, pin: string): ImagePlan {
  if (!/^[^@]+@sha256:[0-9a-f]{64}$/.test(pin)) {
    throw new UserError(
      `The ${name} image is "${pin}"; it must be pinned by digest, as in ${name}:1@sha256:<64 hex digits>.`,
    );
  }
  return { kind: "pull", name, reference: familiarReference(pin), pin };
}

/** A pin as the local Docker lists it: without its tag, and without what every name begins with unsaid. */
export function familiarReference(pin: string): string {
  const [name = "", digest = ""] = pin.split("@");
  return `${name
    .replace(/:[^:/]+$/, "")
    .replace(/^docker\.io\//, "")
    .replace(/^library\//, "")}@${digest}`;
}

/** 16 hex digits of the SHA-256 over the base's reference and each file's path, mode and content, in any order. */
export function digestOf(base: string, files: readonly BuildFile[]): string {
  const hash = createHash("sha256").update(`${base}\n`);
  for (const { path, content, executable } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(`${JSON.stringify([path, executable, content.length])}\n`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

/** What the first program that prints a version prints: `postgres (PostgreSQL) 15.14 (Debian …)` has "15.14". */
export function versionIn(output: string): string | undefined {
  return /\d+(\.\d+)+/.exec(output)?.[0];
}
