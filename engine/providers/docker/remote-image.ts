/** docker:index/remoteImage:RemoteImage: an image of a registry's, pulled unless it is there. */
import type { RemoteImageArgs } from "@pulumi/docker";
import type { ImageInspectInfo } from "dockerode";
import type { DiffResult, Subject } from "../../model";
import type { Properties } from "../../values";
import { attempt, DockerError } from "./daemon";
import { findImage, pullImage } from "./image-pull";
import type { Operation } from "./resource";
import { block, bool, elementsOf, map, set, str, textOf } from "./schema";
import type { FieldsOf, Schema } from "./schema";
import type { Found } from "./schema-resource";
import { SchemaResource, TIMEOUTS_META } from "./schema-resource";

const inputs: FieldsOf<RemoteImageArgs> = {
  name: str("", { required: true }),
  platform: str(""),
  pullTriggers: set(""),
  triggers: map(""),
  keepLocally: bool("", { change: "update" }),
  forceRemove: bool("", { change: "update" }),
  build: block("", {}, { unsupported: "use the resource docker.Image to build" }),
};

export class RemoteImage extends SchemaResource {
  protected readonly schema: Schema = {
    ...inputs,
    imageId: str("", { output: true }),
    repoDigest: str("", { output: true }),
  };
  protected readonly meta = TIMEOUTS_META;
  protected override readonly autonamed = false;
  /**
   * Names that this run has resolved: what a replaced or renamed resource leaves behind must not take the image away from its
   * successor, which is created before it is deleted.
   */
  readonly #resolved = new Set<string>();

  override diff(outputs: Properties, news: Properties, ignoreChanges: string[]): DiffResult {
    return { ...super.diff(outputs, news, ignoreChanges), deleteBeforeReplace: false };
  }

  /** An image that is there is not pulled again, but where there are `pullTriggers`. */
  protected async make(operation: Operation, _subject: Subject, inputs: Properties): Promise<Found> {
    const name = textOf(inputs.name);
    let image = await findImage(operation, name);
    if (!image || elementsOf(inputs.pullTriggers).length > 0) {
      await attempt("Unable to read Docker image into resource", () =>
        pullImage(operation, name, textOf(inputs.platform)),
      );
      image = await findImage(operation, name);
    }
    if (!image) throw new DockerError(`unable to find or pull image ${name}`);
    this.#resolved.add(name);
    return found(name, image);
  }

  protected async look(operation: Operation, id: string, prior: Properties): Promise<Found | undefined> {
    const name = textOf(prior.name) || id.replace(/^sha256:[0-9a-f]{64}/, "");
    const image = await findImage(operation, name);
    return image && found(name, image);
  }

  async delete(operation: Operation, _id: string, outputs: Properties): Promise<void> {
    const name = textOf(outputs.name);
    if (outputs.keepLocally === true || this.#resolved.has(name)) return;
    const image = await findImage(operation, name);
    if (!image) return;
    const query = { force: outputs.forceRemove === true };
    await attempt("Unable to remove Docker image", () =>
      operation.daemon.request("DELETE", `/images/${name}`, { query }),
    );
  }
}

function found(name: string, image: ImageInspectInfo): Found {
  return { id: image.Id + name, actual: { name, imageId: image.Id, repoDigest: repoDigestOf(name, image) } };
}

/** The digest under the image's own name, else any; "" for an image that no registry has. Pure. */
export function repoDigestOf(name: string, { RepoDigests }: ImageInspectInfo): string {
  const repository = name.replace(/[:@].*$/, "");
  return RepoDigests?.find((digest) => digest.startsWith(repository)) ?? RepoDigests?.[0] ?? "";
}
