/** Finding images, and pulling those that are not there. */
import type { ImageInspectInfo } from "dockerode";
import { credentialsFor, registryOf } from "./credentials";
import type { Operation } from "./resource";
import { followProgress } from "./stream";

export const findImage = ({ daemon }: Operation, name: string): Promise<ImageInspectInfo | undefined> =>
  daemon.find<ImageInspectInfo>(`/images/${name}/json`);

/** Pulls `image` (name, name:tag or name@digest), with the credentials for its registry if there are any. */
export async function pullImage(operation: Operation, image: string, platform?: string): Promise<void> {
  const { daemon, signal } = operation;
  const registry = registryOf(image);
  try {
    if (/^sha256:|^[0-9a-f]{64}$/.test(image))
      throw new Error("it is an image's id, which no registry can be asked for");
    const auth = await credentialsFor(registry, operation.config);
    const query = { ...splitReference(image), platform };
    const stream = await daemon.stream("POST", "/images/create", { query, signal, ...(auth && { auth }) });
    await followProgress(daemon, stream, signal);
  } catch (error) {
    throw new Error(
      `image "${image}" is not in this Docker, and pulling it failed: ${(error as Error).message}. Check its name and that ` +
        `the registry ${registry} can be reached, or build or load it first.`,
    );
  }
}

/** As POST /images/create takes it: a digest goes where the tag does. Pure. */
export function splitReference(image: string): { fromImage: string; tag: string } {
  const [, name = image, digest] = /^([^@]*)@(.+)$/.exec(image) ?? [];
  const [, repository = name, tag = "latest"] = /^(.*):([^:/]+)$/.exec(name) ?? [];
  return { fromImage: repository, tag: digest ?? tag };
}
