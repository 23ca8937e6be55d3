/**
 * One gateway container, operated through `docker exec`: its runtime socket (what routes now), its master socket (reloads)
 * and its volume (what it will route by after a restart). Base.cfg in images/gateway is the other half of this file.
 */
import type { LogLine } from "../docker";
import { exec, NotRunning, openExec, readLog, startContainer } from "../docker";
import { orCancelled, orUndo, poll } from "../wait";
import type { Backend } from "./backends";
import { backendName, parseBackends, renderBackends } from "./backends";
import type { GatewayMap } from "./maps";
import { parseShownMap, renderMap } from "./maps";
import type { ServerStat } from "./runtime";
import { parsePid, parseProc, parseStat } from "./runtime";
import { nextServerState } from "./server-state";

const volume = "/var/lib/gateway";
const runtimeSocket = "/run/haproxy/admin.sock";
const askRuntime = ["socat", "-t5", "-", `UNIX-CONNECT:${runtimeSocket}`];
const masterSocket = "/run/haproxy/master.sock";
const serverStateFile = "/run/haproxy/servers.state";
const mapFile = (map: GatewayMapName) => `${volume}/${map}.map`;

const commandDeadlineMs = 10_000;
const lockDeadlineMs = 60_000;
const reloadDeadlineMs = 15_000;
/** base.cfg's `timeout http-keep-alive`, and a second more. */
const idleConnectionSeconds = 11;

/** For what must not be cancelled. */
const never = new AbortController().signal;

export type GatewayMapName = "paths" | "routes";
export interface Maps {
  paths: GatewayMap;
  routes: GatewayMap;
}

/** The next list of versions, from the one that is there; may throw to leave it alone. */
export type BackendsChange = (backends: readonly Backend[]) => Backend[] | Promise<Backend[]>;

/** What a resource may ask of a gateway. */
export interface Gateway {
  /**
   * Runs `work` while nobody else, in this process or another, changes this gateway. Only the wait for that can be
   * cancelled; what a change takes is bounded by deadlines.
   */
  locked<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The maps by which the gateway routes at this moment. */
  readMaps(): Promise<Maps>;
  /** Sets one entry (undefined removes it) and answers the map as the gateway then has it. */
  setEntry(map: GatewayMapName, key: string, value: string | undefined): Promise<GatewayMap>;
  /** Writes the maps to the volume: the gateway routes the same after a restart. */
  persistMaps(maps: Maps): Promise<void>;
  /** The versions in the volume's backends.cfg. */
  readBackends(): Promise<Backend[]>;
  /**
   * Changes the list of versions under the lock: validated, written, reloaded without losing a request, verified. Servers
   * that are new are in drain. On failure the list is the old one.
   */
  changeBackends(change: BackendsChange, signal?: AbortSignal): Promise<void>;
  /** The servers of one version. */
  servers(backend: string): Promise<ServerStat[]>;
  /** No new requests to these servers of a version, or requests again. */
  setServerStates(
    backend: string,
    servers: readonly string[],
    state: "drain" | "ready",
    signal?: AbortSignal,
  ): Promise<void>;
  /** True once no worker has, nor can get, a request for these servers. */
  isDrained(backend: string, servers: readonly string[]): Promise<boolean>;
  /**
   * Hands over the access log since a time (ISO), line by line; with `follow`, also what comes from now on, until the gateway stops or
   * the signal is aborted.
   */
  readAccessLog(
    options: { since: string; follow: boolean; signal: AbortSignal },
    onLine: (line: LogLine) => void,
  ): Promise<void>;
}

export function openGateway(container: string): Gateway {
  return new DockerGateway(container);
}

class DockerGateway implements Gateway {
  constructor(private readonly container: string) {}

  async locked<T>(work: () => Promise<T>, signal: AbortSignal = never): Promise<T> {
    // flock(1) holds the lock as long as its input is open: should this process die, Docker closes it.
    const { connection } = await this.whileRunning(() =>
      openExec(this.container, [
        ...["flock", "--timeout", String(lockDeadlineMs / 1000), `${volume}/.lock`],
        ...["sh", "-c", "echo locked; exec cat"],
      ]),
    );
    let answer = "";
    const taken = new Promise<boolean>((resolve, reject) => {
      connection.on("data", (chunk: Buffer) => {
        answer += chunk.toString();
        if (answer.includes("locked")) resolve(true);
      });
      connection.once("close", () => resolve(false)).once("error", reject);
    });
    try {
      if (!(await orCancelled(taken, signal))) {
        throw new Error(
          `Gateway ${this.container} was busy with another change for ${lockDeadlineMs / 1000} s. ` +
            `Wait for the other deployment to end, then run again.${answer.trim() === "" ? "" : ` (${answer.trim()})`}`,
        );
      }
      return await work();
    } finally {
      connection.destroy();
    }
  }

  async readMaps(): Promise<Maps> {
    return mapsIn(await this.runtime(showMaps));
  }

  async setEntry(map: GatewayMapName, key: string, value: string | undefined): Promise<GatewayMap> {
    const change = async (command: string) =>
      parseShownMap(await this.runtime(`${command};show map ${mapFile(map)}`));
    if (value === undefined) return change(`del map ${mapFile(map)} ${key}`);
    // `set` of an entry that is not there does nothing; `add` of one that is would double it.
    const shown = await change(`set map ${mapFile(map)} ${key} ${value}`);
    return shown.has(key) ? shown : change(`add map ${mapFile(map)} ${key} ${value}`);
  }

  async persistMaps(maps: Maps): Promise<void> {
    await this.writeFiles(mapFiles(maps));
  }

  async readBackends(): Promise<Backend[]> {
    return parseBackends(await this.run(["cat", `${volume}/backends.cfg`]));
  }

  async changeBackends(change: BackendsChange, signal?: AbortSignal): Promise<void> {
    await this.locked(async () => {
      const before = await this.readBackends();
      const after = await change(before);
      await orUndo(
        () => this.reloadWith(after, before),
        // The files of before: the next reload, whoever asks for it, must not take up what failed.
        () => this.writeFiles(backendFiles(before)),
      );
    }, signal);
  }

  async servers(backend: string): Promise<ServerStat[]> {
    return parseStat(await this.runtime("show stat")).filter((stat) => stat.backend === backend);
  }

  async setServerStates(
    backend: string,
    servers: readonly string[],
    state: "drain" | "ready",
    signal?: AbortSignal,
  ): Promise<void> {
    const commands = servers.map((server) => `set server ${backend}/${server} state ${state}`);
    // Under the lock: a reload at the same time would take the states of before to the new worker.
    await this.locked(() => this.runtime(commands.join(";")), signal);
  }

  async isDrained(backend: string, servers: readonly string[]): Promise<boolean> {
    const { pids, uptimeSeconds } = parseProc(await this.master("show proc"));
    const stats = await this.master(pids.map((pid) => `@!${pid} show stat`).join(";"));
    const inFlight = stats
      .split("# pxname")
      .flatMap((csv) => parseStat(`# pxname${csv}`))
      .filter((stat) => stat.backend === backend && servers.includes(stat.server))
      .reduce((sum, stat) => sum + stat.inFlight, 0);
    // A replaced worker routes one more request for each connection that was idle then, by what it knew then.
    return inFlight === 0 && (pids.length === 1 || uptimeSeconds >= idleConnectionSeconds);
  }

  async readAccessLog(
    options: { since: string; follow: boolean; signal: AbortSignal },
    onLine: (line: LogLine) => void,
  ): Promise<void> {
    return readLog(this.container, options, onLine);
  }

  private async reloadWith(backends: readonly Backend[], before: readonly Backend[]): Promise<void> {
    const now = await this.runtime(`show info;show servers state;${showMaps}`);
    // The maps too, as they are in memory: the new worker starts from the files, and must not route otherwise.
    await this.writeFiles(
      {
        ...backendFiles(backends),
        ...mapFiles(mapsIn(now)),
        [serverStateFile]: nextServerState(now, before, backends),
      },
      // The command cuts the connection it came on, hence the "|| true".
      `echo reload | socat -t5 - UNIX-CONNECT:${masterSocket} || true\n`,
    );
    const wanted = backends.flatMap((backend) =>
      backend.servers.map((server) => `${backendName(backend)}/${server.name}`),
    );
    const served = await poll(
      async () => {
        const answer = await this.runtime("show info;show stat").catch(() => "");
        const servers = parseStat(answer).map((stat) => `${stat.backend}/${stat.server}`);
        const pid = parsePid(answer);
        return (pid !== undefined && pid !== parsePid(now) && sameNames(servers, wanted)) || undefined;
      },
      { everyMs: 25, withinMs: reloadDeadlineMs, signal: never },
    );
    if (served === undefined) {
      throw new Error(
        `Gateway ${this.container} did not take up its new configuration within ${reloadDeadlineMs / 1000} s; it goes on ` +
          `with the one before. Its log says why: docker logs ${this.container}`,
      );
    }
  }

  /** All of the files or none: written beside the old ones, checked, then renamed over them. */
  private async writeFiles(files: Record<string, string>, finish = ""): Promise<void> {
    const contents = Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
    const receive = contents.map(
      ({ name, bytes }) =>
        `head -c ${bytes.length} >${name}.new; [ "$(stat -c %s ${name}.new)" = ${bytes.length} ]; sync ${name}.new\n`,
    );
    const check = "haproxy -c -f /etc/gateway/base.cfg -f backends.cfg.new >&2\n";
    const rename = contents.map(({ name }) => `mv ${name}.new ${name}\n`);
    await this.run(
      [
        ...["sh", "-ec"],
        [`cd ${volume}\n`, ...receive, "backends.cfg" in files ? check : "", ...rename, finish].join(""),
      ],
      Buffer.concat(contents.map(({ bytes }) => bytes)),
    );
  }

  /** A gateway that somebody stopped is started; it routes by its volume again. */
  private async whileRunning<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NotRunning)) throw error;
      await startContainer(this.container);
      const options = { stdin: "show info\n", deadlineMs: commandDeadlineMs };
      const answers = async () => {
        const { exitCode } = await exec(this.container, askRuntime, options).catch(() => ({ exitCode: -1 }));
        return exitCode === 0 || undefined;
      };
      await poll(answers, { everyMs: 100, withinMs: reloadDeadlineMs, signal: never });
      return work();
    }
  }

  private async runtime(commands: string): Promise<string> {
    return this.run(askRuntime, `${commands}\n`);
  }

  private async master(commands: string): Promise<string> {
    return this.run(["socat", "-t5", "-", `UNIX-CONNECT:${masterSocket}`], `${commands}\n`);
  }

  private async run(command: string[], stdin?: string | Buffer): Promise<string> {
    const { exitCode, stdout, stderr } = await this.whileRunning(() =>
      exec(this.container, command, {
        ...(stdin === undefined ? {} : { stdin }),
        deadlineMs: commandDeadlineMs,
      }),
    );
    if (exitCode !== 0) {
      const reasons = stderr.split("\n").filter((line) => !/^\[(NOTICE|WARNING)\]|^$/.test(line));
      throw new Error(`Gateway ${this.container} failed (exit code ${exitCode}): ${reasons.join("; ")}`);
    }
    return stdout;
  }
}

const showMaps = `show map ${mapFile("paths")};show map ${mapFile("routes")}`;

/** Both maps in one answer: paths begin with a slash, services do not. */
function mapsIn(shown: string): Maps {
  const entries = [...parseShownMap(shown)];
  return {
    paths: new Map(entries.filter(([key]) => key.startsWith("/"))),
    routes: new Map(entries.filter(([key]) => !key.startsWith("/"))),
  };
}

function mapFiles(maps: Maps): Record<string, string> {
  return { "paths.map": renderMap(maps.paths), "routes.map": renderMap(maps.routes) };
}

function backendFiles(backends: readonly Backend[]): Record<string, string> {
  const names = backends.map(backendName);
  return {
    "backends.cfg": renderBackends(backends),
    "versions.map": renderMap(new Map(names.map((name) => [name, name]))),
  };
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.toSorted().join() === b.toSorted().join();
}
