/** How a container comes to be: created, given its files and networks, started, waited for. */
import { readFile } from "node:fs/promises";
import type { Properties } from "../../values";
import { describeNameConflict, describePortConflict, INPUTS_LABEL, URN_LABEL } from "./conflicts";
import type { ContainerBody, ContainerInputs } from "./container-body";
import { versionedInputs } from "./container-body";
import type { Inspection } from "./container-state";
import { containerOutputs } from "./container-state";
import { startAndAttach, startAndWait } from "./container-wait";
import { attempt, DockerError } from "./daemon";
import { pullImage } from "./image-pull";
import { maskerOf } from "./mask";
import type { Operation } from "./resource";
import type { Found } from "./schema-resource";
import { collect } from "./stream";

/** An older daemon would leave these inputs out of account without a word. */
export async function refuseUnknownToDaemon({ daemon }: Operation, inputs: ContainerInputs): Promise<void> {
  const versioned = versionedInputs(inputs);
  if (versioned.length === 0) return;
  const { ApiVersion } = await daemon.request<{ ApiVersion: string }>("GET", "/version");
  const minor = (version: string): number => Number(version.split(".")[1]);
  for (const { input, needs } of versioned) {
    if (minor(ApiVersion) >= minor(needs)) continue;
    throw new Error(
      `${input} needs Docker API ${needs}, this daemon has ${ApiVersion}: leave it out or upgrade Docker`,
    );
  }
}

/**
 * Creates the container; pulls its image where that is missing. A name that is taken by what an interrupted update made for
 * this very resource is no obstacle: a running container from the same inputs is adopted, one that never ran is made anew.
 */
export async function createOrAdopt(
  operation: Operation,
  query: { name: string; platform: string | undefined },
  body: ContainerBody,
  mayPull = true,
): Promise<{ id: string; isNew: boolean }> {
  const { daemon } = operation;
  const { name, platform } = query;
  try {
    const { Id } = await daemon.request<{ Id: string }>("POST", "/containers/create", { query, body });
    return { id: Id, isNew: true };
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    if (error.status === 404 && mayPull && /no such image/i.test(error.message)) {
      await attempt("Unable to create container", () => pullImage(operation, body.Image, platform));
      return createOrAdopt(operation, query, body, false);
    }
    const taken = error.status === 409 && (await daemon.find<Inspection>(`/containers/${name}/json`));
    if (!taken) throw new Error(`Unable to create container: ${error.message}`);
    const { [URN_LABEL]: urn = "", [INPUTS_LABEL]: digest } = body.Labels;
    const labels = taken.Config.Labels;
    const isOurs = labels[URN_LABEL] === urn;
    if (isOurs && taken.State.Status === "created" && (await removeQuietly(operation, taken.Id))) {
      return createOrAdopt(operation, query, body, mayPull);
    }
    const isSame = isOurs && labels[INPUTS_LABEL] === digest;
    if (isSame && taken.State.Running) return { id: taken.Id, isNew: false };
    throw new Error(describeNameConflict(name, urn, taken));
  }
}

/** Of a container that never ran: nothing is lost with it. False when it could not be removed. */
export async function removeQuietly({ daemon }: Operation, id: string): Promise<boolean> {
  try {
    await daemon.request("DELETE", `/containers/${id}`, { query: { force: true, v: true } });
    return true;
  } catch {
    return false;
  }
}

export const connect = (
  { daemon }: Operation,
  id: string,
  network: string,
  settings: object,
): Promise<unknown> =>
  attempt(`Unable to connect to network '${network}'`, () =>
    daemon.request("POST", `/networks/${encodeURIComponent(network)}/connect`, {
      body: { Container: id, EndpointConfig: settings },
    }),
  );

/** Puts files into a container that has not started; folders that are missing are made, owned by root. */
export async function upload(
  { daemon }: Operation,
  id: string,
  uploads: NonNullable<ContainerInputs["uploads"]>,
): Promise<void> {
  if (uploads.length === 0) return;
  const { pack } = await import("tar-stream");
  const archive = pack();
  for (const { file: path, source, content, contentBase64, permissions, ...rest } of uploads) {
    const data = source
      ? await attempt(`could not read file for upload to ${path}`, () => readFile(source))
      : Buffer.from(content || contentBase64 || "", content ? "utf8" : "base64");
    const mode = permissions ? parseInt(permissions, 8) : rest.executable ? 0o744 : 0o644;
    const owner = { uid: Number(rest.owner ?? 0), gid: Number(rest.group ?? 0) };
    archive.entry({ name: path.replace(/^\/+/, ""), mode, ...owner, mtime: new Date() }, data);
  }
  archive.finalize();
  const file = await collect(archive);
  await attempt("Unable to upload volume content", () =>
    daemon.request("PUT", `/containers/${id}/archive`, { query: { path: "/" }, file }),
  );
}

/**
 * Starts the container as the inputs want it: not at all, at once, until it is healthy (`wait`) or until it has ended
 * (`attach`). `progress` tells the caller, should it fail, whether the container ever ran.
 */
export async function bringUp(
  operation: Operation,
  id: string,
  inputs: ContainerInputs,
  planned: Properties,
  progress: { isStarted: boolean },
): Promise<Found> {
  const start = async (): Promise<void> => {
    await startContainer(operation, id);
    progress.isStarted = true;
  };
  const { wait = false, waitTimeout = 60, attach = false, logs = false, tty = false } = inputs;
  const known: Properties = {};
  let container: Inspection | undefined;
  if (inputs.start === false) {
    // Created is all it is to be.
  } else if (wait) {
    const waiting = { id, timeoutSeconds: waitTimeout, mask: maskerOf(inputs.envs ?? []) };
    container = await startAndWait(operation, waiting, start);
  } else if (attach) {
    const { exitCode, log } = await startAndAttach(operation, id, { logs, tty }, start);
    Object.assign(known, { exitCode, networkDatas: [], ...(log !== undefined && { containerLogs: log }) });
  } else {
    await start();
  }
  container ??= await operation.daemon.find<Inspection>(`/containers/${id}/json`);
  return { id, actual: { ...known, ...(container && containerOutputs(container, planned)) } };
}

async function startContainer({ daemon }: Operation, id: string): Promise<void> {
  try {
    await daemon.request("POST", `/containers/${id}/start`);
  } catch (error) {
    const { message } = error as Error;
    const conflict = await describePortConflict(daemon, message).catch(() => undefined);
    throw new Error(conflict ?? `Unable to start container: ${message}`);
  }
}
