/** docker:index/volume:Volume. Every change replaces it, and its data with it. */
import type { VolumeArgs } from "@pulumi/docker";
import type { VolumeInspectInfo } from "dockerode";
import type { Subject } from "../../model";
import type { Properties } from "../../values";
import { attempt } from "./daemon";
import { fromApi, toApi } from "./mapping";
import type { Operation } from "./resource";
import { deleteWhenFree } from "./retry";
import { block, labels, map, str } from "./schema";
import type { FieldsOf, Schema } from "./schema";
import type { Found } from "./schema-resource";
import { SchemaResource } from "./schema-resource";

const inputs: FieldsOf<VolumeArgs> = {
  name: str("Name"),
  driver: str("Driver", { computed: true }),
  driverOpts: map("DriverOpts"),
  labels: labels("Labels"),
  cluster: block("", {}, { unsupported: "cluster volumes need a Swarm; use the Pulumi CLI for one" }),
};
const volumeSchema: Schema = { ...inputs, mountpoint: str("Mountpoint", { output: true }) };

/** An existing volume of the same name is adopted, as Docker itself does; its data stays. */
export class Volume extends SchemaResource {
  protected readonly schema = volumeSchema;
  protected readonly meta = { schema_version: "1" };

  protected async make(
    { daemon }: Operation,
    _subject: Subject,
    inputs: Properties,
    planned: Properties,
  ): Promise<Found> {
    const body = toApi(volumeSchema, inputs);
    const volume = await attempt("Unable to create volume", () =>
      daemon.request<VolumeInspectInfo>("POST", "/volumes/create", { body }),
    );
    // One that was there before may have other labels: the state has the program's, until a refresh.
    return { id: volume.Name, actual: { ...outputsOf(volume, planned), labels: planned.labels ?? [] } };
  }

  protected async look({ daemon }: Operation, id: string, prior: Properties): Promise<Found | undefined> {
    const volume = await daemon.find<VolumeInspectInfo>(`/volumes/${encodeURIComponent(id)}`);
    return volume && { id: volume.Name, actual: outputsOf(volume, prior) };
  }

  async delete(operation: Operation, id: string): Promise<void> {
    const path = `/volumes/${encodeURIComponent(id)}`;
    await attempt("Unable to remove volume", () =>
      deleteWhenFree(operation, path, { force: true }, /volume is in use/),
    );
  }
}

/** What is DriverOpts in a request is Options in an answer. */
const outputsOf = (volume: VolumeInspectInfo, prior: Properties): Properties =>
  fromApi(volumeSchema, { ...volume, DriverOpts: volume.Options }, prior);
