/** A Docker that answers: the one that runs, else this machine's own, installed and started when that is possible. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { canInstall, commandEnvironment, hasProgram, installPackages, runLogged } from "./command";
import { daemonReason, lastLines, step, type Say } from "./step";
import { UserError } from "../user-error";

const answerMs = 5_000;
const startMs = 60_000;

/** What is known of this machine when its Docker does not answer. */
export interface Situation {
  /** DOCKER_HOST, when it is set. */
  dockerHost: string | undefined;
  /** Why it did not answer. */
  reason: string;
  /** The socket is there, but closed to this user. */
  denied: boolean;
  linux: boolean;
  root: boolean;
  installed: boolean;
  canInstall: boolean;
}

/** What to do about a Docker that does not answer: start it, install it first, or tell the user what to do. */
export function chooseRemedy(situation: Situation): "start" | "install" | { error: string } {
  const { dockerHost, reason, denied, linux, root, installed } = situation;
  if (dockerHost !== undefined) {
    return {
      error:
        `Docker does not answer at DOCKER_HOST=${dockerHost} (${reason}). ` +
        "Start the engine there, or unset DOCKER_HOST to use this machine's own.",
    };
  }
  if (denied) {
    return {
      error:
        `Docker runs, but this user may not use it (${reason}). Run this as root with sudo, ` +
        "or join the group docker (sudo usermod -aG docker $USER) and log in again.",
    };
  }
  if (!linux)
    return { error: `Docker does not answer (${reason}). Start Docker Desktop, or set DOCKER_HOST.` };
  if (!root) {
    const next = installed
      ? "Start it (sudo systemctl start docker)"
      : "Install and start it (on Debian and Ubuntu: sudo apt-get install docker.io)";
    return {
      error: `Docker does not answer (${reason}), and only root can start it. ${next}, or run this as root.`,
    };
  }
  if (installed) return "start";
  if (situation.canInstall) return "install";
  return {
    error:
      "Docker is not installed, and set-up installs it on Debian and Ubuntu only. " +
      "Install Docker Engine 20.10 or newer with your system's own means, start it, and run this again.",
  };
}

/**
 * Connects to DOCKER_HOST, else to the default socket; starts or installs the engine there when that is possible.
 * The configuration of an engine that runs is never touched. Throws UserError that says what to do.
 */
export async function ensureDocker(root: string, say: Say): Promise<Docker> {
  return step(say, "docker", async () => {
    // Here and not at the top: the module takes 80 ms to load, and not every command needs it.
    const { default: Dockerode } = await import("dockerode");
    const docker = new Dockerode();
    const pinger = new Dockerode({ timeout: answerMs });
    const failure = await ping(pinger);
    if (failure === undefined) return { did: "running already", result: docker };
    const remedy = chooseRemedy({
      dockerHost: process.env.DOCKER_HOST,
      reason: daemonReason(failure),
      denied: (failure as { code?: unknown }).code === "EACCES",
      linux: process.platform === "linux",
      root: process.getuid?.() === 0,
      installed: hasProgram("dockerd"),
      canInstall: canInstall(),
    });
    if (typeof remedy === "object") throw new UserError(remedy.error);
    if (remedy === "install") {
      say("docker: not installed; installing docker.io with apt-get");
      await installPackages(join(root, ".slipway", "logs", "apt.log"), ["docker.io"]);
    }
    await start(pinger, root);
    return {
      did: remedy === "install" ? "docker.io installed and started" : "engine started",
      result: docker,
    };
  });
}

/** Undefined when Docker answers, else why it does not. */
async function ping(docker: Docker): Promise<Error | undefined> {
  try {
    await docker.ping();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Starts the installed engine and waits until it answers. */
async function start(docker: Docker, root: string): Promise<void> {
  if (existsSync("/run/systemd/system")) {
    await runLogged(join(root, ".slipway", "logs", "docker.log"), "systemctl", ["start", "docker"]);
    return waitForAnswer(docker, () => undefined, "journalctl -u docker");
  }
  // The package may have started it just now: a second engine would only fail on the first one's pid file.
  if (isStarting()) return waitForAnswer(docker, () => undefined, "/var/log/docker.log");
  mkdirSync(join(root, ".slipway"), { recursive: true });
  const log = join(root, ".slipway", "dockerd.log");
  const output = openSync(log, "w");
  const engine = spawn("dockerd", [], {
    detached: true,
    stdio: ["ignore", output, output],
    env: commandEnvironment(),
  });
  let ended: string | undefined;
  engine.on("error", (error) => (ended = error.message));
  engine.on("exit", (code, signal) => (ended = `dockerd ended with ${signal ?? `exit code ${code}`}`));
  engine.unref();
  await waitForAnswer(
    docker,
    () => ended && `${ended}; its log ends with:\n${lastLines(readFileSync(log, "utf8"))}`,
    log,
  );
}

function isStarting(): boolean {
  try {
    const pid = readFileSync("/var/run/docker.pid", "utf8").trim();
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "dockerd";
  } catch {
    return false;
  }
}

async function waitForAnswer(docker: Docker, ended: () => string | undefined, log: string): Promise<void> {
  const deadline = performance.now() + startMs;
  for (;;) {
    const failure = await ping(docker);
    if (failure === undefined) return;
    const reason = ended();
    if (reason !== undefined) throw new UserError(`Docker could not be started: ${reason}`);
    if (performance.now() > deadline) {
      throw new UserError(
        `Docker was started, but did not answer within ${startMs / 1_000} s (${daemonReason(failure)}); see ${log}.`,
      );
    }
    await sleep(100);
  }
}
