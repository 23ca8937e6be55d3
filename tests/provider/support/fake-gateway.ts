/** A gateway in memory: what the resources decide, without Docker. */
import type { Backend } from "../../../provider/gateway/backends";
import { backendName } from "../../../provider/gateway/backends";
import type { BackendsChange, Gateway, GatewayMapName, Maps } from "../../../provider/gateway/gateway";
import type { GatewayMap } from "../../../provider/gateway/maps";
import type { LogLine } from "../../../provider/docker";
import type { ServerStat } from "../../../provider/gateway/runtime";
import type { NewEntry } from "../../../provider/history/entry";
import type { Context } from "../../../provider/resource";

type Call = keyof Gateway;

export class FakeGateway implements Gateway {
  readonly paths = new Map<string, string>();
  readonly routes = new Map<string, string>();
  /** What a restart would bring back. */
  persisted: Maps = { paths: new Map(), routes: new Map() };
  backends: Backend[] = [];
  /** Servers, as `backend/server`, that are not healthy. */
  readonly down = new Set<string>();
  readonly drained = new Set<string>();
  /** Requests sent again, by `backend/server`. */
  readonly resent = new Map<string, number>();
  busy = true;
  /** Which calls were made, in order. */
  readonly calls: string[] = [];
  /** Called before each call; may throw. */
  before: (call: Call) => void = () => undefined;

  /** Ends what follows the access log, as a stop of the gateway does. */
  endLog: () => void = () => undefined;
  private readonly log: LogLine[] = [];
  private readonly readers = new Set<(line: LogLine) => void>();

  private called(call: Call, detail = ""): void {
    this.calls.push(`${call}${detail}`);
    this.before(call);
  }

  async locked<T>(work: () => Promise<T>): Promise<T> {
    this.called("locked");
    return work();
  }

  async readMaps(): Promise<Maps> {
    this.called("readMaps");
    return { paths: new Map(this.paths), routes: new Map(this.routes) };
  }

  async setEntry(map: GatewayMapName, key: string, value: string | undefined): Promise<GatewayMap> {
    this.called("setEntry", ` ${key} ${value}`);
    if (value === undefined) this[map].delete(key);
    else this[map].set(key, value);
    return new Map(this[map]);
  }

  async persistMaps(maps: Maps): Promise<void> {
    this.called("persistMaps");
    this.persisted = maps;
  }

  async readBackends(): Promise<Backend[]> {
    this.called("readBackends");
    return this.backends;
  }

  async changeBackends(change: BackendsChange): Promise<void> {
    this.called("changeBackends");
    this.backends = await change(this.backends);
  }

  async servers(backend: string): Promise<ServerStat[]> {
    this.called("servers");
    return this.backends
      .filter((each) => backendName(each) === backend)
      .flatMap((each) => each.servers)
      .map(({ name }) => {
        const up = !this.down.has(`${backend}/${name}`);
        return {
          backend,
          server: name,
          status: up ? (this.drained.has(`${backend}/${name}`) ? "DRAIN" : "UP") : "DOWN",
          checkStatus: up ? "L7OK" : "L4CON",
          checkCode: up ? 200 : 0,
          inFlight: 0,
          resent: this.resent.get(`${backend}/${name}`) ?? 0,
        };
      });
  }

  async setServerStates(
    backend: string,
    servers: readonly string[],
    state: "drain" | "ready",
  ): Promise<void> {
    const names = servers.map((server) => `${backend}/${server}`);
    this.called("setServerStates", ` ${names.join()} ${state}`);
    for (const name of names) this.drained[state === "drain" ? "add" : "delete"](name);
  }

  async isDrained(): Promise<boolean> {
    this.called("isDrained");
    return !this.busy;
  }

  async readAccessLog(
    { since, follow, signal }: { since: string; follow: boolean; signal: AbortSignal },
    onLine: (line: LogLine) => void,
  ): Promise<void> {
    const from = Date.parse(since);
    for (const line of this.log.filter(({ at }) => Date.parse(at) >= from)) onLine(line);
    if (!follow || signal.aborted) return;
    this.readers.add(onLine);
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve());
      this.endLog = resolve;
    });
    this.readers.delete(onLine);
  }

  /** Writes answers of a version to the access log. */
  answer(version: string, count: number, ms = 10, status = 200): void {
    for (let index = 0; index < count; index++) {
      const text = JSON.stringify({ version, status, ms, termination: "--" });
      const line = { at: new Date(Date.now()).toISOString().replace("Z", `${this.log.length}Z`), text };
      this.log.push(line);
      for (const reader of this.readers) reader(line);
    }
  }
}

/** A world with this gateway in it, whose containers run; what is recorded and said in it can be looked at. */
export function contextOf(
  gateway: Gateway,
  signal: AbortSignal = new AbortController().signal,
): Context & { recorded: NewEntry[]; said: string[] } {
  const recorded: NewEntry[] = [];
  const said: string[] = [];
  return {
    ...{ signal, recorded, said },
    openGateway: () => gateway,
    hasEnded: async () => false,
    describeContainer: async (name) => `Container ${name}: running. It logged nothing.`,
    exec: () => Promise.reject(new Error("Nothing runs here.")),
    runOnce: () => Promise.reject(new Error("Nothing runs here.")),
    record: async (_, entry) => recorded.push(entry),
    progress: (message) => said.push(message),
  };
}
