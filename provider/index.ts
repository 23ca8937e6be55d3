/**
 * The `slipway` provider plugin. The engine starts it (`PulumiPlugin.yaml` beside package.json), reads the port from its first line of
 * output, and speaks gRPC to it. Its one argument is the engine's address, to which it tells how operations are doing; without one it
 * is silent. Ends by itself when the engine does.
 */
import { describeContainer, exec, hasEnded } from "./docker";
import { openEngineLog } from "./engine-log";
import { openGateway } from "./gateway/gateway";
import { append } from "./history/journal";
import { runOnce } from "./one-off";
import { version } from "./package.json";
import { backend } from "./resources/backend";
import { backup } from "./resources/backup";
import { deploymentRecord } from "./resources/deployment-record";
import { milestone } from "./resources/milestone";
import { login } from "./resources/login";
import { migration } from "./resources/migration";
import { release } from "./resources/release";
import { rollout } from "./resources/rollout";
import { smokeTest } from "./resources/smoke-test";
import { serve } from "./server";

const kinds = {
  "slipway:index:Release": release,
  "slipway:index:Backup": backup,
  "slipway:index:Migration": migration,
  "slipway:index:Login": login,
  "slipway:index:Backend": backend,
  "slipway:index:SmokeTest": smokeTest,
  "slipway:index:Rollout": rollout,
  "slipway:index:DeploymentRecord": deploymentRecord,
  "slipway:index:Milestone": milestone,
};

/** How often the engine is looked for: a killed one says no goodbye. */
const watchEveryMs = 1000;

async function main(): Promise<void> {
  const world = { openGateway, exec, hasEnded, describeContainer, runOnce, record: append };
  const server = await serve(kinds, version, world, openEngineLog(process.argv[2]));
  const stop = () => void server.close().finally(() => process.exit(0));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const engine = process.ppid;
  setInterval(() => process.ppid === engine || stop(), watchEveryMs).unref();
  process.stdout.write(`${server.port}\n`);
}

void main();
