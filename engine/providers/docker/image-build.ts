/** Builds and pushes images through the daemon. */
import type { ImageArgs } from "@pulumi/docker";
import type { Unwrap } from "@pulumi/pulumi";
import type { Properties } from "../../values";
import { makeSecret } from "../../values";
import { contextArchive, dockerfileInContext } from "./build-context";
import { credentialsFor, registryOf, storedCredentials } from "./credentials";
import { attempt } from "./daemon";
import { findImage, pullImage, splitReference } from "./image-pull";
import { maskerOf } from "./mask";
import type { Operation } from "./resource";
import { followProgress } from "./stream";

/** As Check left them. */
type ImageInputs = Unwrap<ImageArgs> & { build: { context: string; dockerfile: string; platform: string } };

/** Builds the image, pushes it where that is wanted, and answers its outputs. */
export async function buildImage(
  operation: Operation,
  properties: Properties,
  push: boolean,
): Promise<Properties> {
  const inputs = properties as unknown as ImageInputs;
  const { imageName, build, registry } = inputs;
  const mask = maskerOf(Object.entries(build.args ?? {}).map(([name, value]) => `${name}=${value}`));
  const imageId = await runBuild(operation, inputs).catch((error: Error) => {
    throw new Error(`error building image ${imageName}: ${mask(error.message)}`);
  });
  return {
    imageName,
    baseImageName: imageName,
    registryServer: registry?.server ?? "",
    context: build.context,
    dockerfile: dockerfileInContext(build),
    platform: build.platform,
    repoDigest: push ? await pushImage(operation, inputs) : imageId,
    __inputs: makeSecret(properties),
  };
}

async function runBuild(operation: Operation, { imageName, build }: ImageInputs): Promise<string> {
  const { daemon, signal } = operation;
  const cached = build.cacheFrom?.images ?? [];
  // A cache that is not there is no fault: then everything is built.
  for (const image of cached) await pullImage(operation, image, build.platform).catch(() => undefined);
  const { archive, dockerfile } = await contextArchive(build);
  const query = {
    t: imageName,
    dockerfile,
    rm: true,
    forcerm: true,
    version: 1,
    platform: build.platform,
    target: build.target,
    networkmode: build.network,
    buildargs: build.args && JSON.stringify(build.args),
    cachefrom: cached.length > 0 ? JSON.stringify(cached) : undefined,
    extrahosts: build.addHosts,
  };
  const registryConfig = storedCredentials();
  const stream = await daemon.stream("POST", "/build", { query, file: archive, registryConfig, signal });
  const { imageId } = await followProgress(daemon, stream, signal);
  const image = await findImage(operation, imageId ?? imageName);
  if (!image) throw new Error("the build ended without an image");
  return image.Id;
}

/** Answers the image's name by digest. */
async function pushImage(operation: Operation, { imageName, registry }: ImageInputs): Promise<string> {
  const { daemon, signal, config } = operation;
  const address = registry?.server ?? registryOf(imageName);
  const { username, password = "" } = registry ?? {};
  const given = username === undefined ? undefined : { username, password, serveraddress: address };
  const { fromImage, tag } = splitReference(imageName);
  return attempt(`error pushing image ${imageName}`, async () => {
    const auth = given ?? (await credentialsFor(address, config)) ?? {};
    const stream = await daemon.stream("POST", `/images/${fromImage}/push`, { query: { tag }, auth, signal });
    const { digest } = await followProgress(daemon, stream, signal);
    return `${fromImage}@${digest ?? ""}`;
  });
}
