/** A service `sample` with versions 1.0.0 (live), 2.0.0 and 3.0.0, two servers each, on a gateway in memory. */
import type { Properties } from "../../../engine/values";
import type { RolloutOutputs } from "../../../provider/rollout/run";
import type { RolloutInputs } from "../../../provider/schema/rollout";
import type { Strategy } from "../../../provider/schema/strategy";
import { FakeGateway } from "./fake-gateway";

export function rolloutInputs(version: string, strategy: Strategy = { kind: "direct" }): RolloutInputs {
  return {
    ...{ gateway: "g", service: "sample", pathPrefix: "/", version, strategy },
    ...{ smokeTest: "s", environment: "local", history: "history.jsonl" },
  };
}

/** State after a rollout of the version, some time ago. */
export function rolloutState(version: string): RolloutInputs & RolloutOutputs {
  return {
    ...rolloutInputs(version),
    ...{ live: version, previous: null, shiftedAt: "2026-01-01T00:00:00.000Z", shiftMilliseconds: 7 },
    steps: [{ weightPercent: 100, seconds: 0, verdict: "passed", target: { requests: 0, errors: 0 } }],
    plan: [`all traffic to ${version}`],
  };
}

export function gatewayAtOne(): FakeGateway {
  const gateway = new FakeGateway();
  gateway.backends = ["1.0.0", "2.0.0", "3.0.0"].map((version) => ({
    ...{ service: "sample", version, healthPath: "/healthz" },
    servers: ["s1", "s2"].map((name) => ({ name, container: `sample-${version}-${name}`, port: 8080 })),
  }));
  gateway.paths.set("/", "sample");
  gateway.routes.set("sample", "1.0.0|-|0");
  gateway.persisted = { paths: new Map(gateway.paths), routes: new Map(gateway.routes) };
  return gateway;
}

/** The service's route, in memory and in the volume. */
export function routesOf(gateway: FakeGateway): (string | undefined)[] {
  return [gateway.routes.get("sample"), gateway.persisted.routes.get("sample")];
}

/** As they are on the wire: what is undefined is not there. */
export function asProperties(values: object): Properties {
  return JSON.parse(JSON.stringify(values)) as Properties;
}
