/** A command in a container of its own, which is gone afterwards: hardened, limited, its output without secrets. */
import { randomBytes, randomUUID } from "node:crypto";
import type Dockerode from "dockerode";
import { docker, splitFrames } from "./docker";
import { redact, secretValues } from "./redact";
import { orCancelled } from "./wait";

export interface OneOff {
  /** What it does, in a word: part of its name and labels. */
  task: string;
  service: string;
  /** Must be on this Docker: nothing is pulled. */
  image: string;
  /** Given to the image's entry point, where it has one. */
  command: readonly string[];
  env: Readonly<Record<string, string>>;
  /** A Docker network's name, or "none". */
  network: string;
  /** Default: the image's. */
  user?: string;
  volume?: { name: string; path: string; readOnly?: boolean };
  memoryMb: number;
  timeoutSeconds: number;
}

export interface Outcome {
  exitCode: number;
  outOfMemory: boolean;
  /** Standard output and error, their newest lines, secrets masked. */
  output: string;
}

/** Differs from process to process, unlike its number in a container. */
const owner = randomUUID();

const ownerLabel = "slipway.owner";
const processes = 256;
const mostLines = 2000;
const shownLines = 15;
const lineLength = 300;

/**
 * Runs a command to its end. A container of the same task, service and network that a process left behind when it died is removed first,
 * so that no such command runs twice at a time.
 * @throws the signal's reason when cancelled, or an Error when the time is over or Docker refuses; the container is gone by then.
 */
export async function runOnce(oneOff: OneOff, signal: AbortSignal): Promise<Outcome> {
  signal.throwIfAborted();
  const client = await docker();
  const labels = {
    "slipway.managed": "true",
    "slipway.component": `${oneOff.service}-${oneOff.task}`,
    "slipway.service": oneOff.service,
    "slipway.network": oneOff.network,
  };
  const deadline = AbortSignal.timeout(oneOff.timeoutSeconds * 1000);
  let container: Dockerode.Container | undefined;
  try {
    await removeLeftovers(client, labels);
    container = await client.createContainer(containerOptions(oneOff, labels));
    return await follow(container, oneOff, AbortSignal.any([signal, deadline]));
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) {
      throw new Error(
        `"${oneOff.command.join(" ")}" did not end within ${oneOff.timeoutSeconds} s and was stopped.`,
      );
    }
    throw inWords(error, oneOff);
  } finally {
    // One that cannot be removed now is a leftover to the next process; what went wrong before matters more.
    await container?.remove({ force: true, v: true }).catch(() => undefined);
  }
}

/** The end of what a command said, indented to stand under a message. */
export function lastLines(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return "It said nothing.";
  const end = lines.slice(-shownLines).map((line) => `  ${line.slice(0, lineLength)}`);
  return `Last log lines:\n${end.join("\n")}`;
}

/** How a command ended, in words: `"npm run x" ended with exit code 1`. */
export function describeEnd(command: readonly string[], outcome: Outcome): string {
  const memory = outcome.outOfMemory ? " (out of memory)" : "";
  return `"${command.join(" ")}" ended with exit code ${outcome.exitCode}${memory}`;
}

/** As `components/hardening.ts` has it for what runs for long; here Docker's own limit of processes can be had. */
function containerOptions(
  oneOff: OneOff,
  labels: Record<string, string>,
): Dockerode.ContainerCreateOptions & { name: string } {
  const { volume } = oneOff;
  const memory = oneOff.memoryMb * 1024 * 1024;
  return {
    name: `slipway-${oneOff.service}-${oneOff.task}-${randomBytes(4).toString("hex")}`,
    Image: oneOff.image,
    Cmd: [...oneOff.command],
    Env: Object.entries(oneOff.env).map(([name, value]) => `${name}=${value}`),
    ...(oneOff.user === undefined ? {} : { User: oneOff.user }),
    Labels: { ...labels, [ownerLabel]: owner },
    HostConfig: {
      NetworkMode: oneOff.network,
      Binds: volume === undefined ? [] : [`${volume.name}:${volume.path}:${volume.readOnly ? "ro" : "rw"}`],
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,mode=1777,size=16m" },
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      Init: true,
      Memory: memory,
      MemorySwap: memory,
      // Beside what serves (1024 and more), this can wait.
      CpuShares: 128,
      PidsLimit: processes,
      LogConfig: { Type: "json-file", Config: { "max-size": "512k", "max-file": "2" } },
    },
  };
}

async function follow(container: Dockerode.Container, oneOff: OneOff, signal: AbortSignal): Promise<Outcome> {
  await orCancelled(container.start(), signal);
  await orCancelled(container.wait(), signal);
  const { State: state } = await container.inspect();
  const log = await container.logs({ stdout: true, stderr: true, tail: mostLines });
  const text = Buffer.concat(splitFrames(log).map((frame) => frame.content)).toString();
  return {
    exitCode: state.ExitCode,
    outOfMemory: state.OOMKilled,
    output: redact(text, secretsOf(oneOff.env)),
  };
}

/** Where the database is, and as whom: no secrets, and needed to understand an error. */
const told: ReadonlySet<string> = new Set(["PGHOST", "PGPORT", "PGDATABASE", "PGUSER"]);

/** A service may keep a secret under any name: whatever is long enough to be one is masked too. */
function secretsOf(env: OneOff["env"]): string[] {
  const named = secretValues(Object.entries(env).map(([name, value]) => `${name}=${value}`));
  const long = Object.entries(env).filter(([name, value]) => value.length >= 12 && !told.has(name));
  return [...named, ...long.map(([, value]) => value)];
}

async function removeLeftovers(client: Dockerode, labels: Record<string, string>): Promise<void> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const found = await client.listContainers({ all: true, filters: { label } });
  const left = found.filter(({ Labels: has }) => ownerLabel in has && has[ownerLabel] !== owner);
  await Promise.all(
    left.map(({ Id: id }) => client.getContainer(id).remove({ force: true, v: true }).catch(ignoreGone)),
  );
}

/** Someone else was quicker, or is at it. */
function ignoreGone(error: unknown): void {
  const { statusCode } = error as { statusCode?: number };
  if (statusCode !== 404 && statusCode !== 409) throw error;
}

function inWords(error: unknown, { image, command }: OneOff): Error {
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string };
  if (statusCode === undefined && code !== undefined) {
    const host = process.env["DOCKER_HOST"] ?? "/var/run/docker.sock";
    return new Error(`Docker does not answer at ${host} (${code}); start it, or point DOCKER_HOST at it.`);
  }
  if (statusCode === 404 && /no such image/i.test(message ?? "")) {
    return new Error(`Image ${image} is not on this Docker; build or pull it, and run again.`);
  }
  return new Error(`Docker could not run "${command.join(" ")}" in ${image}: ${message ?? String(error)}`);
}
