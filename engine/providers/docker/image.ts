/**
 * docker:index/image:Image: an image built from a folder, and pushed unless told not to. Builds with Docker's classic builder,
 * whatever the real provider would take by default (BuildKit), and leaves no intermediate containers behind.
 */
import { existsSync } from "node:fs";
import { isAbsolute, posix } from "node:path";
import type { ImageArgs, types } from "@pulumi/docker";
import type { CheckFailure, DiffResult } from "../../model";
import type { Properties } from "../../values";
import { containsUnknowns, isObject, isUnknown, unwrapSecrets, valuesEqual } from "../../values";
import { contextDigest } from "./build-context";
import type { BuildSource } from "./build-context";
import { checkInputs } from "./check";
import { buildImage } from "./image-build";
import { findImage } from "./image-pull";
import type { Resource } from "./resource";
import { block, bool, elementsOf, list, map, propertiesOf, str, textOf } from "./schema";
import type { FieldsOf } from "./schema";

const buildFields: FieldsOf<types.input.DockerBuild> = {
  context: str(""),
  dockerfile: str(""),
  args: map(""),
  target: str(""),
  platform: str(""),
  network: str(""),
  addHosts: list(""),
  cacheFrom: block("", { images: list("") }),
  builderVersion: str("", { check: (value) => builderFault(String(value)) }),
};
const schema: FieldsOf<ImageArgs> = {
  imageName: str("", { required: true }),
  build: block("", buildFields),
  registry: block("", { server: str(""), username: str(""), password: str("") }),
  skipPush: bool(""),
  buildOnPreview: bool(""),
};

function builderFault(version: string): string | undefined {
  if (version === "BuilderV1") return undefined;
  return version === "BuilderBuildKit"
    ? "'BuilderBuildKit' is not supported here: give 'BuilderV1', or leave builderVersion out and build what both can"
    : `invalid Docker Builder version '${version}': give 'BuilderV1'`;
}

export class Image implements Resource {
  /** Fills in where the build's files are, for which platform, and the digest of those files: a change of it is a rebuild. */
  readonly check: Resource["check"] = async (subject, olds, news, randomSeed) => {
    const checked = checkInputs(schema, { name: subject.name, autonamed: false }, olds, news, randomSeed);
    const inputs = withoutDefaults(checked.inputs);
    const failures = [...checked.failures];
    inputs.buildOnPreview ??= false;
    inputs.build ??= {};
    const { build } = inputs;
    if (isObject(build) && failures.length === 0) {
      build.context ??= ".";
      if (!isUnknown(build.context)) build.dockerfile ??= posix.join(textOf(build.context), "Dockerfile");
      build.platform ??= `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
      if (!isUnknown(build.context) && build.dockerfile !== undefined && !isUnknown(build.dockerfile)) {
        const source = { context: textOf(build.context), dockerfile: textOf(build.dockerfile) };
        const fault = dockerfileFault(source);
        if (fault) failures.push({ property: "build", reason: fault });
        else build.contextDigest = await contextDigest(source);
      }
    }
    failures.push(...nameFailures(inputs));
    return { inputs, failures };
  };

  /** Against the inputs that the state keeps: any difference is a rebuild, but for the registry's credentials. */
  readonly diff: Resource["diff"] = (outputs, news, ignoreChanges) => {
    const olds = propertiesOf(unwrapSecrets(outputs.__inputs ?? {}));
    const result: Required<DiffResult> = {
      changes: "none",
      replaces: [],
      deleteBeforeReplace: false,
      diffs: [],
      detailedDiff: {},
    };
    for (const name of new Set([...Object.keys(olds), ...Object.keys(news)])) {
      const [before, now] = [olds[name], news[name]];
      if (valuesEqual(before, now) || ignoreChanges.includes(name)) continue;
      if (name === "registry" && before && now && propertiesOf(before).server === propertiesOf(now).server)
        continue;
      const kind = before === undefined ? "add" : now === undefined ? "delete" : "update";
      result.detailedDiff[name] = { kind, inputDiff: false };
      result.diffs.push(name);
      result.changes = "some";
    }
    return result;
  };

  /** With `buildOnPreview` builds, and pushes nothing; else shows the inputs. */
  readonly preview: Resource["preview"] = async (operation, inputs) => {
    const { dockerfile = null, context = null, args = null } = propertiesOf(inputs.build);
    const isKnown = !containsUnknowns([inputs.imageName ?? null, dockerfile, context, args]);
    const isBuilt = inputs.buildOnPreview === true && isObject(inputs.build) && isKnown;
    return isBuilt ? buildImage(operation, inputs, false) : inputs;
  };

  readonly create: Resource["create"] = async (operation, _subject, inputs) => ({
    id: textOf(inputs.imageName),
    properties: await buildImage(operation, inputs, inputs.skipPush !== true),
  });

  readonly update: Resource["update"] = (operation, _id, _outputs, inputs) =>
    buildImage(operation, inputs, inputs.skipPush !== true);

  /** Answers what it is given, but for an image that was only ever here and is not any more. */
  readonly read: Resource["read"] = async (operation, id, inputs, outputs) => {
    const isLocal = inputs?.skipPush === true && typeof outputs?.repoDigest === "string";
    const isGone = isLocal && !(await findImage(operation, textOf(outputs.repoDigest)));
    return isGone ? { id: "", properties: {} } : { id, properties: outputs ?? {}, ...(inputs && { inputs }) };
  };

  /** Images stay: others may be built on them, or run them. */
  async delete(): Promise<void> {}
}

/** This provider's inputs have no `__defaults`. */
function withoutDefaults(inputs: Properties): Properties {
  const kept = Object.entries(inputs).filter(([key]) => key !== "__defaults");
  return Object.fromEntries(
    kept.map(([key, value]) => [key, isObject(value) ? withoutDefaults(value) : value]),
  );
}

function dockerfileFault({ context, dockerfile }: BuildSource): string | undefined {
  if (existsSync(dockerfile)) return undefined;
  const problem = `could not open dockerfile at relative path "${dockerfile}"`;
  if (isAbsolute(dockerfile))
    return `expected a relative Dockerfile path; got "${dockerfile}" instead: there is no such file`;
  const within = posix.join(context, dockerfile);
  if (existsSync(within)) return `${problem}. Try setting \`dockerfile\` to "${within}"`;
  return `${problem}: there is no such file in ${process.cwd()}`;
}

/** What is pushed, or looked for in a registry, needs a name that says which. */
function nameFailures(inputs: Properties): CheckFailure[] {
  const cached = elementsOf(propertiesOf(propertiesOf(inputs.build).cacheFrom).images);
  if (cached.length === 0 && inputs.skipPush === true) return [];
  const named = propertiesOf(inputs.registry).server ? [] : [inputs.imageName, ...cached];
  return named
    .filter((name): name is string => typeof name === "string" && !isUnknown(name))
    .filter((name) => !/^(localhost|[^/]*[.:][^/]*)\//.test(name))
    .map((name) => ({
      property: "imageName",
      reason:
        `"${name}": repository name must be canonical.\nThis resource requires all image names to be fully qualified.\n` +
        "For example, if you are attempting to push to Dockerhub, prefix your image name with `docker.io`:\n\n" +
        "`docker.io/repository/image:tag`\n\nTo build for this machine only, set `skipPush`.",
    }));
}
