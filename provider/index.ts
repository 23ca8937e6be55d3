/**
 * The `slipway` provider plugin. The engine starts it (`PulumiPlugin.yaml` beside package.json), reads the port from its first line of
 * output, and speaks gRPC to it; it needs no argument. Ends by itself when the engine does.
 */
import { describeContainer, hasEnded } from "./docker";
import { openGateway } from "./gateway/gateway";
import { version } from "./package.json";
import { backend } from "./resources/backend";
import { release } from "./resources/release";
import { rollout } from "./resources/rollout";
import { smokeTest } from "./resources/smoke-test";
import { serve } from "./server";

const kinds = {
  "slipway:index:Release": release,
  "slipway:index:Backend": backend,
  "slipway:index:SmokeTest": smokeTest,
  "slipway:index:Rollout": rollout,
};

/** How often the engine is looked for: a killed one says no goodbye. */
const watchEveryMs = 1000;

async function main(): Promise<void> {
  const server = await serve(kinds, version, { openGateway, hasEnded, describeContainer });
  const stop = () => void server.close().finally(() => process.exit(0));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const engine = process.ppid;
  setInterval(() => process.ppid === engine || stop(), watchEveryMs).unref();
  process.stdout.write(`${server.port}\n`);
}

void main();
