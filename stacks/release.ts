/** What is to be deployed: gathered from the checkout and from what set-up left in `.slipway`; and its gate. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ImagesManifest } from "../images/manifest";
import type { ReleaseInputs, Upstream } from "../provider/schema/release";
import { Release } from "../provider/sdk/release";
import type { Environment } from "./environments";
import { readReadiness } from "./readiness";
import { rememberedVersions, type StackMemory, type Target } from "./target";

export interface ReleaseCase {
  readonly environment: Environment;
  readonly service: string;
  readonly target: Target;
  readonly memory: StackMemory;
  /** The backbone's images by name, pinned; none where a cloud runs it. */
  readonly images: Readonly<Record<string, string>>;
  /** Envelopes about the commit, as text; the policy pack judges them. */
  readonly evidence: readonly string[];
  /** What the environment before this one runs. */
  readonly upstream?: Upstream;
  /** The checkout's folder: it has documents, migrations, and what was signed. */
  readonly root: string;
  /** How traffic will move. */
  readonly strategy: NonNullable<ReleaseInputs["strategy"]>;
  /** How long the version is watched after the deployment. */
  readonly monitorSeconds: number;
  readonly hotfix: boolean;
}

/**
 * Declares the release, which carries the whole case for this deployment, and makes every resource declared after it depend on it: a
 * gating rule that stops the release stops everything.
 */
export function declareRelease({
  environment,
  service,
  target,
  memory,
  images,
  evidence,
  upstream,
  root,
  strategy,
  monitorSeconds,
  hotfix,
}: ReleaseCase): Release {
  const { version, commit, image } = target.version;
  // Where the live version is released again, the way back is still the one before it.
  const previousVersion = memory.live === version ? memory.previous : memory.live;
  const release = new Release(`${service}-release`, {
    ...{ service, version, commit, environment, rollback: target.rollback },
    images: { ...images, [service]: image },
    evidence: [...evidence],
    ...readReadiness(root, { environment, service, commit }),
    ...{ strategy, monitorSeconds, hotfix },
    released: releasedBefore(version, target.rollback, memory),
    held: target.held.map((each) => each.version),
    ...(previousVersion === null ? {} : { previousVersion }),
    ...(upstream === undefined ? {} : { upstream }),
  });
  pulumi.runtime.registerStackTransformation(({ props, opts }) => ({
    props,
    opts: pulumi.mergeOptions(opts, { dependsOn: release }),
  }));
  return release;
}

/**
 * The versions to go back to. A release does not name itself, nor the one that its own entry will push out of the memory: the next update, without a change,
 * says the same.
 */
function releasedBefore(version: string, rollback: boolean, { versions }: StackMemory): string[] {
  const names = versions.map((each) => each.version);
  return rollback ? names : names.filter((name) => name !== version).slice(0, rememberedVersions - 1);
}

/**
 * Full id of the commit that is checked out.
 *
 * @throws pulumi.RunError when this is no git checkout
 */
export function readCommit(root: string): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
  } catch (error) {
    throw new pulumi.RunError(
      `A release belongs to a commit, and none can be read here (${String(error).split("\n")[0]}). ` +
        "Run this in a git checkout with at least one commit.",
    );
  }
}

/**
 * The images that set-up found or built.
 *
 * @throws pulumi.RunError when set-up has not run
 */
export function readImages(root: string): ImagesManifest["images"] {
  const file = join(root, ".slipway/images.json");
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

/** The envelopes of `.slipway/evidence` named by the commit; where it has none, all there are, so that the gate can tell whose they are. */
export function readEvidence(root: string, commit: string): string[] {
  const folder = join(root, ".slipway/evidence");
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
