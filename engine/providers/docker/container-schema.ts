/**
 * docker:index/container:Container, property by property, as @pulumi/docker 5.2 has it, but for what that provider changes
 * in its state alone (healthcheck, tmpfs, init, most of mounts, rm, cpuPeriod, cpuQuota): here a change of it replaces the
 * container, since nothing less makes it true.
 */
import type { ContainerArgs, types } from "@pulumi/docker";
import { checkDuration, formatDuration, parseDuration } from "./duration";
import {
  atLeast,
  block,
  bool,
  elementsOf,
  int,
  labels,
  list,
  map,
  matches,
  propertiesOf,
  set,
  str,
  textOf,
} from "./schema";
import type { Codec, Field, FieldsOf, Schema } from "./schema";

const required = true;
const computed = true;

/** Sizes are in MiB here and in bytes there; -1 stands for "unlimited". */
const MEBIBYTE = 1024 * 1024;
const mebibytes: Codec = {
  encode: (size) => (Number(size) > 0 ? Number(size) * MEBIBYTE : size),
  decode: (bytes: number = 0) => (bytes > 0 ? Math.floor(bytes / MEBIBYTE) : bytes),
};
const size = (api: string): Field => int(api, { check: atLeast(0), change: "limit", codec: mebibytes });

const duration = (api: string): Field =>
  str(api, {
    default: "0s",
    check: checkDuration,
    canonical: (text) => parseDuration(text) ?? text,
    codec: {
      encode: (text) => parseDuration(textOf(text)),
      decode: (nanoseconds: number = 0) => formatDuration(nanoseconds),
    },
  });

const absolutePath = (value: string | number): string | undefined =>
  /^([a-zA-Z]:[\\/]|\/)/.test(String(value)) ? undefined : `'${value}' must be an absolute path`;
const base64 = (value: string | number): string | undefined =>
  /^([\w+/]{4})*([\w+/]{2}==|[\w+/]{3}=)?$/.test(String(value))
    ? undefined
    : "the value is not base64 decodeable";
const cpuCount = (value: string | number): string | undefined =>
  /^(\d+\.?\d*|\.\d+)$/.test(String(value)) ? undefined : `'${value}' is not a number of CPUs, such as '0.5'`;
const numericId = (value: string | number): string | undefined =>
  /^\d+$/.test(String(value)) ? undefined : `'${value}' is not a numeric id: names are not supported here`;
const gpuRequest = (value: string | number): string | undefined =>
  /^(all|\d+|device=[^,\s]+(,[^,\s]+)*)$/.test(String(value))
    ? undefined
    : `'${value}' is not supported: give 'all', a number of GPUs or 'device=<id>[,<id>…]'`;

/** Docker stores capabilities upper case and with their prefix, but for ALL. */
const capability = (name: string): string => name.toUpperCase().replace(/^(?!CAP_|ALL$)/, "CAP_");

const healthcheckFields: FieldsOf<types.input.ContainerHealthcheck> = {
  tests: list("Test"),
  interval: duration("Interval"),
  timeout: duration("Timeout"),
  startPeriod: duration("StartPeriod"),
  startInterval: duration("StartInterval"),
  retries: int("Retries", { check: atLeast(0) }),
};
const portFields: FieldsOf<types.input.ContainerPort> = {
  internal: int("", { required }),
  external: int("", { computed }),
  ip: str("", { default: "0.0.0.0" }),
  protocol: str("", { default: "tcp" }),
};
const networkFields: FieldsOf<types.input.ContainerNetworksAdvanced> = {
  name: str("", { required }),
  aliases: set("Aliases"),
  ipv4Address: str("IPAMConfig.IPv4Address"),
  ipv6Address: str("IPAMConfig.IPv6Address"),
  linkLocalIps: set("IPAMConfig.LinkLocalIPs"),
  macAddress: str("MacAddress"),
  driverOpts: set("DriverOpts", {
    codec: {
      encode: (options) =>
        Object.fromEntries(elementsOf(options).map((each) => textOf(each).split(/=(.*)/s))) as object,
      decode: () => [],
    },
  }),
  gwPriority: int("GwPriority", { check: atLeast(0) }),
};
const bindFields: FieldsOf<types.input.ContainerMountBindOptions> = {
  propagation: str("Propagation", { check: matches(/^r?(private|shared|slave)$/) }),
};
const volumeMountFields: FieldsOf<types.input.ContainerMountVolumeOptions> = {
  noCopy: bool("NoCopy"),
  labels: labels("Labels"),
  driverName: str("DriverConfig.Name"),
  driverOptions: map("DriverConfig.Options"),
  subpath: str("Subpath"),
};
const tmpfsFields: FieldsOf<types.input.ContainerMountTmpfsOptions> = {
  sizeBytes: int("SizeBytes"),
  mode: int("Mode"),
};
const mountFields: FieldsOf<types.input.ContainerMount> = {
  target: str("Target", { required }),
  source: str("Source"),
  type: str("Type", { required, check: matches(/^(bind|volume|tmpfs)$/) }),
  readOnly: bool("ReadOnly"),
  bindOptions: block("BindOptions", bindFields),
  volumeOptions: block("VolumeOptions", volumeMountFields),
  tmpfsOptions: block("TmpfsOptions", tmpfsFields),
};
const volumeFields: FieldsOf<types.input.ContainerVolume> = {
  containerPath: str(""),
  fromContainer: str(""),
  hostPath: str("", { check: absolutePath }),
  volumeName: str(""),
  readOnly: bool(""),
  selinuxRelabel: str("", { check: matches(/^(z|Z)$/) }),
};
const uploadFields: FieldsOf<types.input.ContainerUpload> = {
  file: str("", { required, check: absolutePath }),
  content: str(""),
  contentBase64: str("", { check: base64 }),
  source: str(""),
  sourceHash: str(""),
  executable: bool("", { default: false }),
  permissions: str("", { check: matches(/^0[0-7]{3}$/) }),
  owner: str("", { check: numericId }),
  group: str("", { check: numericId }),
};
const ulimitFields: FieldsOf<types.input.ContainerUlimit> = {
  name: str("Name", { required }),
  soft: int("Soft", { required }),
  hard: int("Hard", { required }),
};
const deviceFields: FieldsOf<types.input.ContainerDevice> = {
  hostPath: str("PathOnHost", { required }),
  containerPath: str("PathInContainer"),
  permissions: str("CgroupPermissions", { default: "rwm" }),
};
const deviceRequestFields: FieldsOf<types.input.ContainerDeviceRequest> = {
  driver: str("Driver", { default: "cdi" }),
  count: int("Count"),
  deviceIds: set("DeviceIDs"),
  capabilities: set("Capabilities", { codec: { encode: (all) => [all], decode: () => [] } }),
  options: map("Options"),
};
const throttleFields: FieldsOf<types.input.ContainerDeviceReadBp> = {
  path: str("Path", { required }),
  rate: int("Rate", { required, check: atLeast(0) }),
};
const throttles = (api: string): Field => set(api, { fields: throttleFields, change: "limit" });
const hosts: Codec = {
  encode: (pairs) =>
    elementsOf(pairs).map((each) => `${textOf(propertiesOf(each).host)}:${textOf(propertiesOf(each).ip)}`),
  decode: (entries: string[] = []) =>
    entries.map((entry) => ({ host: entry.replace(/:.*$/, ""), ip: entry.replace(/^[^:]*:/, "") })),
};

/** What is sent when a container is created, and what of it POST /containers/{id}/update takes too. */
export const limitFields = {
  memory: size("HostConfig.Memory"),
  memoryReservation: { ...size("HostConfig.MemoryReservation"), default: 0 },
  memorySwap: int("HostConfig.MemorySwap", { check: atLeast(-1), change: "update", codec: mebibytes }),
  cpuShares: int("HostConfig.CpuShares", { check: atLeast(0), change: "limit" }),
  cpuSet: str("HostConfig.CpusetCpus", { check: matches(/^\d+([,-]\d+)*$/), change: "limit" }),
  deviceReadBps: throttles("HostConfig.BlkioDeviceReadBps"),
  deviceReadIops: throttles("HostConfig.BlkioDeviceReadIOps"),
  deviceWriteBps: throttles("HostConfig.BlkioDeviceWriteBps"),
  deviceWriteIops: throttles("HostConfig.BlkioDeviceWriteIOps"),
  restart: str("HostConfig.RestartPolicy.Name", {
    default: "no",
    check: matches(/^(no|on-failure|always|unless-stopped)$/),
    change: "update",
  }),
  maxRetryCount: int("HostConfig.RestartPolicy.MaximumRetryCount", { change: "update" }),
} satisfies Schema;

const inputs: FieldsOf<ContainerArgs> = {
  ...limitFields,
  name: str(""),
  image: str("Image", { required }),
  command: list("Cmd", { computed }),
  entrypoints: list("Entrypoint", { computed }),
  envs: set("Env", { computed, read: "never" }),
  labels: labels("Labels", { computed, read: "never" }),
  // The bridged provider takes leaving these two out for no change.
  user: str("User", { computed }),
  workingDir: str("WorkingDir", { computed }),
  hostname: str("Hostname", { computed }),
  domainname: str("Domainname"),
  healthcheck: block("Healthcheck", healthcheckFields, { computed }),
  ports: set("", { fields: portFields }),
  publishAllPorts: bool("HostConfig.PublishAllPorts"),
  networkMode: str("HostConfig.NetworkMode", { default: "bridge" }),
  networksAdvanced: set("", { fields: networkFields }),
  hosts: set("HostConfig.ExtraHosts", {
    fields: { host: str("", { required }), ip: str("", { required }) },
    codec: hosts,
  }),
  dns: set("HostConfig.Dns"),
  dnsOpts: set("HostConfig.DnsOptions"),
  dnsSearches: set("HostConfig.DnsSearch"),
  volumes: set("", { fields: volumeFields }),
  mounts: set("HostConfig.Mounts", { fields: mountFields }),
  tmpfs: map("HostConfig.Tmpfs"),
  uploads: set("", { fields: uploadFields }),
  storageOpts: map("HostConfig.StorageOpt", { read: "if set" }),
  readOnly: bool("HostConfig.ReadonlyRootfs", { default: false }),
  capabilities: block("HostConfig", {
    adds: set("CapAdd", { canonical: capability }),
    drops: set("CapDrop", { canonical: capability }),
  } satisfies FieldsOf<types.input.ContainerCapabilities>),
  privileged: bool("HostConfig.Privileged"),
  securityOpts: set("HostConfig.SecurityOpt", { computed }),
  groupAdds: set("HostConfig.GroupAdd"),
  sysctls: map("HostConfig.Sysctls"),
  ulimits: set("HostConfig.Ulimits", { fields: ulimitFields, read: "if set" }),
  usernsMode: str("HostConfig.UsernsMode"),
  pidMode: str("HostConfig.PidMode", { read: "if set" }),
  ipcMode: str("HostConfig.IpcMode", { computed }),
  cgroupnsMode: str("HostConfig.CgroupnsMode", { read: "never", check: matches(/^(private|host)$/) }),
  cgroupParent: str("HostConfig.CgroupParent", { read: "never" }),
  devices: set("HostConfig.Devices", { fields: deviceFields, read: "never" }),
  deviceCgroupRules: set("HostConfig.DeviceCgroupRules", { read: "never" }),
  deviceRequests: set("HostConfig.DeviceRequests", { fields: deviceRequestFields, read: "never" }),
  gpus: str("", { check: gpuRequest }),
  shmSize: int("HostConfig.ShmSize", { computed, check: atLeast(0), codec: mebibytes }),
  cpus: str("HostConfig.NanoCpus", {
    check: cpuCount,
    canonical: Number,
    codec: {
      encode: (cpus) => Math.round(Number(cpus) * 1e9),
      // With a decimal point, as the bridged provider has it.
      decode: (nano: number = 0) => (nano === 0 ? null : String(nano / 1e9).replace(/^\d+$/, "$&.0")),
    },
  }),
  cpuPeriod: int("HostConfig.CpuPeriod", { read: "never", check: atLeast(0) }),
  cpuQuota: int("HostConfig.CpuQuota", { read: "never", check: atLeast(0) }),
  init: bool("HostConfig.Init", { computed }),
  tty: bool("Tty", { default: false }),
  stdinOpen: bool("OpenStdin", { default: false }),
  logDriver: str("HostConfig.LogConfig.Type", { computed }),
  logOpts: map("HostConfig.LogConfig.Config", { read: "if set" }),
  runtime: str("HostConfig.Runtime", { computed }),
  platform: str("", { computed }),
  stopSignal: str("StopSignal", { computed }),
  stopTimeout: int("StopTimeout", { computed }),
  rm: bool("HostConfig.AutoRemove", { default: false }),
  start: bool("", { default: true, change: "update" }),
  mustRun: bool("", { default: true, change: "update" }),
  wait: bool("", { default: false, change: "update" }),
  waitTimeout: int("", { default: 60, change: "update" }),
  attach: bool("", { default: false, change: "update" }),
  logs: bool("", { default: false, change: "update" }),
  removeVolumes: bool("", { default: true, change: "update" }),
  destroyGraceSeconds: int("", { change: "update" }),
  containerReadRefreshTimeoutMilliseconds: int("", { default: 15000, change: "update" }),
};

const networkDataFields: FieldsOf<types.output.ContainerNetworkData> = {
  networkName: str(""),
  ipAddress: str("IPAddress"),
  ipPrefixLength: int("IPPrefixLen"),
  gateway: str("Gateway"),
  globalIpv6Address: str("GlobalIPv6Address"),
  globalIpv6PrefixLength: int("GlobalIPv6PrefixLen"),
  ipv6Gateway: str("IPv6Gateway"),
  macAddress: str("MacAddress"),
};
export const networkFieldsOf = { settings: networkFields, data: networkDataFields };

export const containerSchema: Schema = {
  ...inputs,
  bridge: str("", { output: true }),
  containerLogs: str("", { output: true }),
  exitCode: int("", { output: true }),
  networkDatas: list("", { output: true, fields: networkDataFields }),
};
