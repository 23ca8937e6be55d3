/** docker:index/container:Container. */
import { createHash } from "node:crypto";
import { InitError } from "../../deploy/context";
import type { DiffResult, Subject } from "../../model";
import type { Properties } from "../../values";
import { INPUTS_LABEL, URN_LABEL } from "./conflicts";
import { asContainerInputs, containerBody, limitsBody } from "./container-body";
import { containerFaults } from "./container-faults";
import {
  bringUp,
  connect,
  createOrAdopt,
  refuseUnknownToDaemon,
  removeQuietly,
  upload,
} from "./container-make";
import { containerSchema } from "./container-schema";
import type { Inspection } from "./container-state";
import { containerOutputs } from "./container-state";
import { attempt, DockerError } from "./daemon";
import { withReplacement } from "./diff";
import type { Operation } from "./resource";
import { block, canonical, textOf } from "./schema";
import type { Found } from "./schema-resource";
import { SchemaResource, TIMEOUTS_META } from "./schema-resource";

/**
 * A container that was made but not made ready has no `networkDatas` (the bridged provider leaves it null as well): that is
 * how the next update knows that it must be replaced, whatever became of it since.
 */
const isReady = (outputs: Properties): boolean => Array.isArray(outputs.networkDatas);

export class Container extends SchemaResource {
  protected readonly schema = containerSchema;
  protected readonly meta = { ...TIMEOUTS_META, schema_version: "2" };

  protected override readonly faults = containerFaults;

  override diff(outputs: Properties, news: Properties, ignoreChanges: string[]): DiffResult {
    const diff = super.diff(impliedSwap(outputs, news), news, ignoreChanges);
    const replaced = isReady(outputs) ? diff : withReplacement(diff, "networkDatas");
    return { ...replaced, deleteBeforeReplace: true };
  }

  protected async make(
    operation: Operation,
    subject: Subject,
    properties: Properties,
    planned: Properties,
  ): Promise<Found> {
    const inputs = asContainerInputs(properties);
    await refuseUnknownToDaemon(operation, inputs);
    const { body, laterNetworks } = containerBody(properties);
    const labels = { [URN_LABEL]: subject.urn, [INPUTS_LABEL]: digestOf(properties) };
    body.Labels = { ...body.Labels, ...labels };
    const query = { name: inputs.name ?? "", platform: inputs.platform };
    const { id, isNew } = await createOrAdopt(operation, query, body);
    const progress = { isStarted: !isNew };
    try {
      if (isNew) {
        for (const { name, settings } of laterNetworks) await connect(operation, id, name, settings);
        await upload(operation, id, inputs.uploads ?? []);
      }
      return await bringUp(operation, id, inputs, planned, progress);
    } catch (error) {
      const message = (error as Error).message;
      if (!progress.isStarted && (await removeQuietly(operation, id))) throw error;
      throw new InitError(id, { ...planned, id, __meta: JSON.stringify(this.meta) }, [message]);
    }
  }

  protected async look({ daemon }: Operation, id: string, prior: Properties): Promise<Found | undefined> {
    const container = await daemon.find<Inspection>(`/containers/${id}/json`);
    if (!container) return undefined;
    const actual = containerOutputs(container, prior);
    const isImport = Object.keys(prior).length === 0;
    return {
      id: container.Id,
      actual: isImport || isReady(prior) ? actual : { ...actual, networkDatas: null },
    };
  }

  protected override async change(
    operation: Operation,
    id: string,
    outputs: Properties,
    properties: Properties,
    planned: Properties,
  ): Promise<Found | undefined> {
    const inputs = asContainerInputs(properties);
    const body = limitsBody(properties);
    if (JSON.stringify(body) !== JSON.stringify(limitsBody(outputs))) {
      await attempt("Unable to update a container", () =>
        operation.daemon.request("POST", `/containers/${id}/update`, { body }),
      );
    }
    const isToStart = outputs.mustRun === false && inputs.mustRun !== false && inputs.start !== false;
    if (!isToStart) return this.look(operation, id, planned);
    try {
      return await bringUp(operation, id, inputs, planned, { isStarted: true });
    } catch (error) {
      const properties = { ...planned, networkDatas: null, id, __meta: JSON.stringify(this.meta) };
      throw new InitError(id, properties, [(error as Error).message]);
    }
  }

  async delete({ daemon, signal }: Operation, id: string, outputs: Properties): Promise<void> {
    const grace = Number(outputs.destroyGraceSeconds ?? 0);
    await attempt(`Unable to remove container ${textOf(outputs.name) || id}`, async () => {
      // Removing by force kills at once: only a container with a grace is asked to stop.
      if (grace > 0 && outputs.attach !== true) {
        await ignoring([404], daemon.request("POST", `/containers/${id}/stop`, { query: { t: grace } }));
      }
      const query = { force: true, v: outputs.removeVolumes !== false };
      const isBusy = await ignoring([404, 409], daemon.request("DELETE", `/containers/${id}`, { query }));
      if (isBusy !== 409) return;
      // "removal … is already in progress": an auto-removed container is on its way.
      const removed = { query: { condition: "removed" }, signal };
      await ignoring([404], daemon.request("POST", `/containers/${id}/wait`, removed));
    });
  }
}

/** Docker gives a container with a memory limit twice that in swap; a program that says nothing of swap means that. */
function impliedSwap(outputs: Properties, news: Properties): Properties {
  const { memory, memorySwap } = outputs;
  const isImplied = memorySwap === -1 || memorySwap === 2 * Number(memory ?? 0);
  return !news.memorySwap && isImplied ? { ...outputs, memorySwap: null } : outputs;
}

const digestOf = (inputs: Properties): string =>
  createHash("sha256")
    .update(JSON.stringify(canonical(block("", containerSchema), inputs)))
    .digest("hex");

/** Answers the status where it is one of those to ignore. */
async function ignoring(statuses: number[], request: Promise<unknown>): Promise<number | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    if (error instanceof DockerError && statuses.includes(error.status ?? 0)) return error.status;
    throw error;
  }
}
