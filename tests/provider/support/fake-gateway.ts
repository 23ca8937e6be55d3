/** A gateway in memory: what the resources decide, without Docker. */
import type { Backend } from "../../../provider/gateway/backends";
import { backendName } from "../../../provider/gateway/backends";
import type { BackendsChange, Gateway, GatewayMapName, Maps } from "../../../provider/gateway/gateway";
import type { GatewayMap } from "../../../provider/gateway/maps";
import type { ServerStat } from "../../../provider/gateway/runtime";
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
  busy = true;
  /** Which calls were made, in order. */
  readonly calls: string[] = [];
  /** Called before each call; may throw. */
  before: (call: Call) => void = () => undefined;

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
          status: up ? "UP" : "DOWN",
          checkStatus: up ? "L7OK" : "L4CON",
          checkCode: up ? 200 : 0,
          inFlight: 0,
        };
      });
  }

  async setServerStates(
    backend: string,
    servers: readonly string[],
    state: "drain" | "ready",
  ): Promise<void> {
    this.called("setServerStates", ` ${servers.map((server) => `${backend}/${server}`).join()} ${state}`);
  }

  async isDrained(): Promise<boolean> {
    this.called("isDrained");
    return !this.busy;
  }
}

/** A world with this gateway in it, whose containers run. */
export function contextOf(gateway: Gateway, signal: AbortSignal = new AbortController().signal): Context {
  return {
    signal,
    openGateway: () => gateway,
    hasEnded: async () => false,
    describeContainer: async (name) => `Container ${name}: running. It logged nothing.`,
  };
}
