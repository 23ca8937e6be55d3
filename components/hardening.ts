import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

export interface HardeningArgs {
  /** Memory limit in MiB; swap is not allowed on top. */
  readonly memoryMb: number;
  /** Processes and threads at most (RLIMIT_NPROC of the container's user: the docker provider has no pids limit). */
  readonly processes: number;
  /** Directories that must be writable though the root is not, each held in memory. */
  readonly scratch: readonly string[];
  /** How long the container may take to stop before it is killed, in seconds. */
  readonly stopSeconds: number;
  /** Its weight where processors are short: what all requests go through comes before what serves some. @default 1024, Docker's own */
  readonly cpuShares?: number;
}

/** The labels by which whatever Slipway made is recognised. */
export function labels(component: string): { label: string; value: string }[] {
  return [
    { label: "slipway.component", value: component },
    { label: "slipway.managed", value: "true" },
  ];
}

/**
 * What every container has in common: a read-only root, no capabilities, no way to gain privileges, limits on memory and
 * processes, a bounded log, and a restart after a crash. Values are spelt as Docker hands them back, so that a refresh finds no
 * difference.
 */
export function hardening(args: HardeningArgs) {
  return {
    readOnly: true,
    init: true,
    tmpfs: Object.fromEntries(
      args.scratch.map((path) => [path, "rw,noexec,nosuid,nodev,mode=1777,size=16m"]),
    ),
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
    memory: args.memoryMb,
    memorySwap: args.memoryMb,
    ...(args.cpuShares === undefined ? {} : { cpuShares: args.cpuShares }),
    ulimits: [{ name: "nproc", soft: args.processes, hard: args.processes }],
    restart: "unless-stopped",
    logDriver: "json-file",
    logOpts: { "max-file": "3", "max-size": "10m" },
    stopTimeout: args.stopSeconds,
    destroyGraceSeconds: args.stopSeconds,
  } satisfies Partial<docker.ContainerArgs>;
}

/** A health check, spelt as Docker hands it back. Each run starts a process in the container: what nobody waits for may be rare. */
export function healthCheck(
  command: readonly string[],
  graceSeconds: number,
  intervalSeconds = 1,
): pulumi.Input<docker.types.input.ContainerHealthcheck> {
  return {
    tests: ["CMD", ...command],
    interval: `${intervalSeconds}s`,
    timeout: "3s",
    retries: 5,
    startPeriod: `${graceSeconds}s`,
  };
}
