/** What is to be deployed: gathered from the checkout and from what set-up left in `.slipway`; and its gate. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ImagesManifest } from "../images/manifest";
import { Release } from "../provider/sdk/release";
import type { Environment } from "./environments";
import type { StackMemory, Target } from "./target";

export interface ReleaseFacts {
  /** Full id of the commit that is checked out. */
  readonly commit: string;
  readonly images: ImagesManifest["images"];
  /** The envelopes about a commit in `.slipway/evidence`, as text; the policy pack judges them. */
  readonly evidenceOf: (commit: string) => string[];
}

/**
 * Reads the release from a checkout.
 *
 * @throws pulumi.RunError when this is no git checkout, or set-up has not run
 */
export function readRelease(root: string): ReleaseFacts {
  return {
    commit: readCommit(root),
    images: readImages(join(root, ".slipway/images.json")),
    evidenceOf: (commit) => readEvidence(join(root, ".slipway/evidence"), commit),
  };
}

/**
 * Declares the release, which carries the whole case for this deployment, and makes every resource declared after it depend on it: a
 * gating rule that stops the release stops everything.
 */
export function declareRelease(
  environment: Environment,
  service: string,
  { version: { version, commit, image }, rollback }: Target,
  { images: { postgres, redis, gateway }, evidenceOf }: ReleaseFacts,
  { live, previous }: StackMemory,
): Release {
  // Where the live version is released again, the way back is still the one before it.
  const previousVersion = live === version ? previous : live;
  const release = new Release(`${service}-release`, {
    ...{ service, version, commit, environment, rollback },
    images: {
      postgres: postgres.reference,
      redis: redis.reference,
      gateway: gateway.reference,
      [service]: image,
    },
    evidence: evidenceOf(commit),
    ...(previousVersion === null ? {} : { previousVersion }),
  });
  pulumi.runtime.registerStackTransformation(({ props, opts }) => ({
    props,
    opts: pulumi.mergeOptions(opts, { dependsOn: release }),
  }));
  return release;
}

function readCommit(root: string): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
  } catch (error) {
    throw new pulumi.RunError(
      `A release belongs to a commit, and none can be read here (${String(error).split("\n")[0]}). ` +
        "Run this in a git checkout with at least one commit.",
    );
  }
}

function readImages(file: string): ImagesManifest["images"] {
  const next = "Run `npm run setup`: it finds or builds the images and writes this file.";
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new pulumi.RunError(`There is no ${file}, so no image is known. ${next}`);
  }
  try {
    return ImagesManifest.parse(JSON.parse(text)).images;
  } catch (error) {
    throw new pulumi.RunError(`${file} is not what set-up writes: ${String(error)}. ${next}`);
  }
}

/** The envelopes named by the commit; where it has none, all there are, so that the gate can tell whose they are. */
function readEvidence(folder: string, commit: string): string[] {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch {
    return [];
  }
  const envelopes = files.filter((file) => file.endsWith(".json")).sort();
  const own = envelopes.filter((file) => file.endsWith(`-${commit.slice(0, 12)}.json`));
  return (own.length > 0 ? own : envelopes).map((file) => readFileSync(join(folder, file), "utf8"));
}
