/** The images of the local stack: found, pulled or built, and written down in `.slipway/images.json`. */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { ImagesManifest, type ImageName, type ImageSource } from "../../images/manifest";
import { bootstrapDebian, buildImage, NoRegistryError, pullImage, runInImage } from "./build";
import { bundle } from "./bundle";
import {
  chooseSource,
  familiarReference,
  imageFolders,
  planImages,
  versionIn,
  type BuildFile,
  type BuildInputs,
  type ImagePins,
  type ImagePlan,
  type SourceChoice,
} from "./image-plan";
import { npmPackage } from "./npm";
import { formatDuration, step, type Say } from "./step";
import { UserError } from "../user-error";

export interface PrepareImagesOptions {
  /** `auto` keeps to the source of the last set-up, else takes the registry when one answers. */
  images: SourceChoice;
  pins: ImagePins;
  /** The checkout, as an absolute path. */
  root: string;
  say: Say;
}

const names: readonly ImageName[] = ["postgres", "redis", "gateway", "sample"];
const versionCommands = {
  postgres: ["postgres", "--version"],
  redis: ["redis-server", "--version"],
  gateway: ["haproxy", "-v"],
};
const origin = { registry: "from the registry", debian: "from Debian's packages" };

/** Makes the images that are not there yet and writes the manifest. Throws UserError that says what to do. */
export async function prepareImages(docker: Docker, options: PrepareImagesOptions): Promise<ImagesManifest> {
  const { pins, root, say } = options;
  const startMs = performance.now();
  const inputs = readInputs(root);
  const present = await listImages(docker);
  const previous = readManifest(root);
  const officialThere = Object.values(pins).every((pin: string) => present.has(familiarReference(pin)));
  const chosen = chooseSource(options.images, previous?.source, officialThere);
  const source = chosen === "ask" ? await askRegistry(docker, pins.debian, root, say) : chosen;
  const plans = planImages(source, pins, inputs);
  const made = new Map<string, Promise<string>>();

  /** The id of the planned image, which is made first when it is not there. */
  function make(plan: ImagePlan): Promise<string> {
    const id = made.get(plan.reference) ?? makeOnce(plan);
    made.set(plan.reference, id);
    return id;
  }

  async function makeOnce(plan: ImagePlan): Promise<string> {
    const id = present.get(plan.reference);
    if (id !== undefined) return id;
    if (plan.kind === "build") await make(plan.base);
    return step(say, `image ${plan.name}`, async () => {
      const did = await create(docker, root, plan);
      return { did, result: (await docker.getImage(plan.reference).inspect()).Id };
    });
  }

  const there = names.filter((name) => present.has(plans[name].reference));
  if (there.length < names.length) for (const name of there) say(`image ${name}: there already`);
  // All to their end, so that nothing is still under way when the first error is told.
  const results = await Promise.allSettled(names.map((name) => make(plans[name])));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  const ids = await Promise.all(names.map((name) => make(plans[name])));
  const images = await Promise.all(
    names.map(async (name, index) => {
      const reference = ids[index] ?? "";
      const known = previous?.images[name];
      if (name === "sample") return [name, { reference, version: sampleVersion(inputs) }] as const;
      if (known?.reference === reference) return [name, known] as const;
      const output = await runInImage(docker, reference, versionCommands[name]);
      return [name, { reference, version: versionIn(output) ?? output }] as const;
    }),
  );
  const manifest = ImagesManifest.parse({ source, images: Object.fromEntries(images) });
  writeManifest(root, manifest);
  if (there.length === names.length)
    say(`images: all there already (${origin[source]}), ${formatDuration(performance.now() - startMs)}`);
  return manifest;
}

/** Tells whether a registry answers: the daemon must reach it, so the daemon pulls the smallest image. */
export async function askRegistry(docker: Docker, pin: string, root: string, say: Say): Promise<ImageSource> {
  const startMs = performance.now();
  try {
    await pullImage(docker, pin, logPath(root, "debian"));
    say(`images: a registry answers, ${formatDuration(performance.now() - startMs)}`);
    return "registry";
  } catch (error) {
    if (!(error instanceof NoRegistryError)) throw error;
    say(`images: no registry answers (${error.message}); building them from Debian's packages`);
    return "debian";
  }
}

async function create(docker: Docker, root: string, plan: ImagePlan): Promise<string> {
  const { name, reference } = plan;
  switch (plan.kind) {
    case "pull":
      try {
        await pullImage(docker, plan.pin, logPath(root, name));
      } catch (error) {
        if (!(error instanceof NoRegistryError)) throw error;
        throw new UserError(
          `No registry answers for ${plan.pin} (${error.message}). Mend the network or Docker's registry mirror, ` +
            "or choose `debian` as source of the images: they are then built here (a Postgres volume does not move along).",
        );
      }
      return `pulled ${plan.pin}`;
    case "bootstrap":
      await bootstrapDebian(docker, {
        reference,
        script: join(root, "images", "debian", "rootfs.sh"),
        logs: join(root, ".slipway", "logs"),
      });
      return `bootstrapped as ${reference}`;
    case "build": {
      const bundled =
        plan.bundles.length > 0 ? await bundle(root, join(root, "images", name), plan.bundles) : [];
      const fetched = name === "node" ? [await npmPackage(root, plan.files, logPath(root, "npm"))] : [];
      const files = [...plan.files.filter(({ path }) => !path.endsWith(".ts")), ...bundled, ...fetched];
      await buildImage(docker, { reference, base: plan.base.reference, files, log: logPath(root, name) });
      return `built as ${reference}`;
    }
  }
}

function logPath(root: string, name: string): string {
  return join(root, ".slipway", "logs", `image-${name}.log`);
}

/** Ids of the local images by each of their names, with tag and with digest. */
async function listImages(docker: Docker): Promise<Map<string, string>> {
  const images = await docker.listImages();
  return new Map(
    images.flatMap(({ Id, RepoTags, RepoDigests }) =>
      [...(RepoTags ?? []), ...(RepoDigests ?? [])].map((name) => [name, Id] as const),
    ),
  );
}

function readInputs(root: string): BuildInputs {
  const folders = imageFolders.map((folder) => [folder, readFolder(join(root, "images", folder))]);
  return {
    folders: Object.fromEntries(folders) as BuildInputs["folders"],
    lockFile: readFileSync(join(root, "package-lock.json")),
  };
}

function readFolder(folder: string): BuildFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const executable = (statSync(path).mode & 0o111) !== 0;
      return { path: path.slice(folder.length + 1), content: readFileSync(path), executable };
    });
}

function sampleVersion(inputs: BuildInputs): string {
  const file = inputs.folders.sample.find(({ path }) => path === "package.json");
  return (JSON.parse(file?.content.toString() ?? "{}") as { version: string }).version;
}

function manifestPath(root: string): string {
  return join(root, ".slipway", "images.json");
}

/** The last set-up's manifest; undefined when there is none that can be read: all of it can be found out again. */
function readManifest(root: string): ImagesManifest | undefined {
  try {
    return ImagesManifest.parse(JSON.parse(readFileSync(manifestPath(root), "utf8")));
  } catch {
    return undefined;
  }
}

function writeManifest(root: string, manifest: ImagesManifest): void {
  const path = manifestPath(root);
  mkdirSync(join(root, ".slipway"), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(manifest, undefined, 2)}\n`);
  renameSync(`${path}.${process.pid}`, path);
}
