/** Makes single images in Docker: by a build, by a pull, by an import of a bootstrapped Debian. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { execa } from "execa";
import { pack } from "tar-stream";
import { canInstall, commandEnvironment, hasProgram, installPackages } from "./command";
import type { BuildFile } from "./image-plan";
import { daemonReason, lastLines } from "./step";
import { UserError } from "../user-error";

/** Time for a registry to answer at all; the pull itself may take longer. */
const registryAnswerMs = 10_000;

/** No registry could be reached for a pull. */
export class NoRegistryError extends Error {}

/** Builds a context on `base` and tags the result. The output goes to `log`. */
export async function buildImage(
  docker: Docker,
  options: {
    reference: string;
    base: string;
    files: readonly BuildFile[];
    log: string;
  },
): Promise<void> {
  const context = pack();
  for (const { path, content, executable } of options.files) {
    context.entry({ name: path, mode: executable ? 0o755 : 0o644, mtime: new Date(0) }, content);
  }
  context.finalize();
  const stream = await docker.buildImage(Readable.from(context), {
    t: options.reference,
    buildargs: { BASE: options.base, ...proxies() },
    // The build fetches packages: on the host's network it does so wherever the host itself can.
    networkmode: "host",
    rm: true,
    forcerm: true,
  });
  await follow(stream, options.log, `building ${options.reference}`);
}

/** Docker hands these on to the build's programs without the Dockerfile naming them, and keeps them out of the image. */
function proxies(): Record<string, string> {
  const names = ["http_proxy", "https_proxy", "no_proxy"].flatMap((name) => [name, name.toUpperCase()]);
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** Pulls an image by its digest. Throws NoRegistryError when no registry answers. */
export async function pullImage(docker: Docker, pin: string, log: string): Promise<void> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), registryAnswerMs);
  let stream: NodeJS.ReadableStream;
  try {
    stream = await docker.pull(pin, { abortSignal: deadline.signal });
  } catch (error) {
    const reason = daemonReason(error);
    if ((error as { statusCode?: unknown }).statusCode === 404 || reason.includes("manifest unknown")) {
      throw new UserError(`The registry has no ${pin} (${reason}). Correct its digest in Pulumi.yaml.`);
    }
    throw new NoRegistryError(
      deadline.signal.aborted ? `no answer in ${registryAnswerMs / 1_000} s` : reason,
    );
  } finally {
    clearTimeout(timer);
  }
  await follow(stream, log, `pulling ${pin}`);
}

/**
 * Bootstraps Debian's base system with `script`, imports and tags it. Installs debootstrap where that is missing.
 * Throws UserError on a machine other than root's Debian or Ubuntu.
 */
export async function bootstrapDebian(
  docker: Docker,
  options: { reference: string; script: string; logs: string },
): Promise<void> {
  if (!hasProgram("debootstrap")) {
    if (!canInstall()) throw new UserError(cannotBootstrap);
    await installPackages(join(options.logs, "apt.log"), ["debootstrap", "debian-archive-keyring"]);
  } else if (process.getuid?.() !== 0) throw new UserError(cannotBootstrap);
  const log = join(options.logs, "debian.log");
  mkdirSync(options.logs, { recursive: true });
  const script = execa("unshare", ["--mount", "sh", options.script], {
    env: commandEnvironment(),
    stdin: "ignore",
    buffer: { stdout: false },
    stderr: ["pipe", { file: log }],
    reject: false,
  });
  // Without a name: a script that fails may end its tar early, and an import of that is no Debian.
  const importing = docker
    .importImage(script.stdout)
    .then((stream) => follow(stream, join(options.logs, "import.log"), "importing Debian's base system"))
    .catch((error: unknown) => {
      script.kill();
      return error instanceof Error ? error : new Error(String(error));
    });
  const [result, imported] = await Promise.all([script, importing]);
  const id = imported instanceof Error ? undefined : imported.at(-1)?.status;
  if (result.failed && !result.isTerminated) {
    if (id) await docker.getImage(id).remove();
    throw new UserError(
      `debootstrap failed; all of it is in ${log}, its end is:\n${lastLines(result.stderr)}`,
    );
  }
  if (imported instanceof Error) throw imported;
  const [repo = "", tag = ""] = options.reference.split(":");
  await docker.getImage(id ?? "").tag({ repo, tag });
}

const cannotBootstrap =
  "Images can be built from Debian's packages by root on Debian and Ubuntu only. " +
  "Run this as root there, or let this machine's Docker reach an image registry.";

/** What a program of an image prints. The container has no network and is gone afterwards. */
export async function runInImage(docker: Docker, image: string, command: readonly string[]): Promise<string> {
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: [...command],
    Cmd: [],
    Tty: true,
    HostConfig: { NetworkMode: "none" },
  });
  try {
    const output = await container.attach({ stream: true, stdout: true, stderr: true });
    await container.start();
    return await text(output);
  } finally {
    await container.remove({ force: true });
  }
}

interface Progress {
  stream?: string;
  status?: string;
  error?: string;
}

/**
 * Reads the daemon's progress to its end, into `log` as it comes. Throws UserError with the last lines when it tells
 * of an error, or breaks off.
 */
async function follow(stream: NodeJS.ReadableStream, log: string, doing: string): Promise<Progress[]> {
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, "");
  const events: Progress[] = [];
  try {
    for await (const line of linesOf(stream)) {
      const event = JSON.parse(line) as Progress;
      events.push(event);
      appendFileSync(log, event.stream ?? `${event.error ?? event.status ?? ""}\n`);
    }
  } catch (error) {
    throw new UserError(
      `${doing}: Docker broke off (${daemonReason(error)}); what it said is in ${log}. Run this again.`,
    );
  }
  if (events.some(({ error }) => error !== undefined)) {
    throw new UserError(
      `${doing} failed; all of it is in ${log}, its end is:\n${lastLines(readFileSync(log, "utf8"))}`,
    );
  }
  return events;
}

async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield line;
  }
  if (rest.trim() !== "") yield rest;
}
