/** What Docker is asked for when a container is created or changed. Pure. */
import type { ContainerArgs } from "@pulumi/docker";
import type { Unwrap } from "@pulumi/pulumi";
import type { Properties } from "../../values";
import { containerSchema, limitFields, networkFieldsOf } from "./container-schema";
import { parseDuration } from "./duration";
import type { ApiObject } from "./mapping";
import { toApi } from "./mapping";
import { elementsOf, propertiesOf, textOf } from "./schema";

/** A container's inputs as Check left them. */
export type ContainerInputs = Unwrap<ContainerArgs>;
export const asContainerInputs = (inputs: Properties): ContainerInputs =>
  inputs as unknown as ContainerInputs;

export interface ContainerBody extends ApiObject {
  Image: string;
  Labels: Record<string, string>;
}
export interface NetworkToJoin {
  name: string;
  settings: ApiObject;
}

const UNCONFINED_PATHS = "systempaths=unconfined";

/** The body of POST /containers/create, and the networks to connect afterwards (the API takes one at creation). */
export function containerBody(properties: Properties): {
  body: ContainerBody;
  laterNetworks: NetworkToJoin[];
} {
  const inputs = asContainerInputs(properties);
  const { HostConfig, ...config } = toApi(containerSchema, properties);
  const host = HostConfig as ApiObject;
  const [first, laterNetworks] = splitNetworks(properties);
  const { ports = [], volumes = [], securityOpts, devices, gpus } = inputs;
  const body: ApiObject = {
    ...config,
    ExposedPorts: Object.fromEntries(ports.map((port) => [portKey(port), {}])),
    Volumes: Object.fromEntries(
      volumes.flatMap(({ containerPath }) => (containerPath ? [[containerPath, {}]] : [])),
    ),
    HostConfig: {
      ...host,
      PortBindings: portBindings(ports),
      Binds: volumes.flatMap((volume) => bind(volume) ?? []),
      VolumesFrom: volumes.flatMap(({ fromContainer }) => fromContainer || []),
      // Left out, it would be what the daemon is set to.
      Init: inputs.init ?? false,
    },
  };
  const hostConfig = body.HostConfig as ApiObject;
  if (securityOpts?.includes(UNCONFINED_PATHS)) {
    hostConfig.SecurityOpt = securityOpts.filter((option) => option !== UNCONFINED_PATHS);
    hostConfig.MaskedPaths = [];
    hostConfig.ReadonlyPaths = [];
  }
  if (devices) {
    hostConfig.Devices = (hostConfig.Devices as ApiObject[]).map((each) => ({
      PathInContainer: each.PathOnHost,
      ...each,
    }));
  }
  if (gpus) hostConfig.DeviceRequests = [gpuRequest(gpus)];
  if (first) body.NetworkingConfig = { EndpointsConfig: { [first.name]: first.settings } };
  return { body: body as ContainerBody, laterNetworks };
}

/** The body of POST /containers/{id}/update. Docker would keep the old swap limit, and refuse a memory limit above it. */
export function limitsBody(properties: Properties): ApiObject {
  const { memory, memorySwap } = properties;
  const swap = memory && !memorySwap ? { memorySwap: 2 * Number(memory) } : {};
  return toApi(limitFields, { ...properties, ...swap }).HostConfig as ApiObject;
}

type Port = NonNullable<ContainerInputs["ports"]>[number];
const portKey = ({ internal, protocol }: Port): string => `${internal}/${protocol ?? "tcp"}`;

/** A port without `external` gets a free one. */
function portBindings(ports: Port[]): Record<string, ApiObject[]> {
  const bindings: Record<string, ApiObject[]> = {};
  for (const port of ports) {
    const binding = { HostIp: port.ip ?? "", HostPort: port.external ? String(port.external) : "" };
    (bindings[portKey(port)] ??= []).push(binding);
  }
  return bindings;
}

function bind(volume: NonNullable<ContainerInputs["volumes"]>[number]): string | undefined {
  const { volumeName, hostPath, containerPath, fromContainer, readOnly, selinuxRelabel } = volume;
  const source = hostPath || volumeName;
  const mode = (readOnly ? "ro" : "rw") + (selinuxRelabel ? `,${selinuxRelabel}` : "");
  return source && !fromContainer ? `${source}:${containerPath}:${mode}` : undefined;
}

/** "all", a number, or "device=<id>,…". */
function gpuRequest(gpus: string): ApiObject {
  const devices = /^device=(.*)$/.exec(gpus)?.[1]?.split(",");
  const which = devices ? { DeviceIDs: devices } : { Count: gpus === "all" ? -1 : Number(gpus) };
  return { ...which, Capabilities: [["gpu"]] };
}

/**
 * With the default networkMode the container joins `networksAdvanced` in place of the bridge. (HostConfig.NetworkMode stays
 * "bridge" all the same: that is what the bridged provider leaves, and reads back.)
 */
function splitNetworks(inputs: Properties): [NetworkToJoin | undefined, NetworkToJoin[]] {
  const networks = elementsOf(inputs.networksAdvanced).map((each) => ({
    name: textOf(propertiesOf(each).name),
    settings: toApi(networkFieldsOf.settings, propertiesOf(each)),
  }));
  const mode = inputs.networkMode ?? "bridge";
  const isDefault = mode === "bridge" || mode === "default";
  const first = isDefault ? networks[0] : networks.find(({ name }) => name === mode);
  return [first, networks.filter((network) => network !== first)];
}

/**
 * What older daemons would ignore without a word: the input, and the API version it needs. (Source: the version history of
 * Docker's Engine API.)
 */
export function versionedInputs(inputs: ContainerInputs): { input: string; needs: string }[] {
  const all: [input: string, needs: string, isUsed: unknown][] = [
    ["healthcheck.startInterval", "1.44", parseDuration(inputs.healthcheck?.startInterval ?? "0s")],
    ["mounts.volumeOptions.subpath", "1.45", inputs.mounts?.some((mount) => mount.volumeOptions?.subpath)],
    ["networksAdvanced.gwPriority", "1.48", inputs.networksAdvanced?.some(({ gwPriority }) => gwPriority)],
  ];
  return all.filter(([, , isUsed]) => isUsed).map(([input, needs]) => ({ input, needs }));
}
