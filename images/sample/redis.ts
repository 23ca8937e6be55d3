/** The connection to Redis that the service's parts share. */
import { createClient } from "redis";
import type { Config } from "./config";
import { log, reason } from "./log";

export type Redis = ReturnType<typeof openRedis>;

const answerMs = 5_000;

/** Connects in the background and for as long as it takes; until then every call fails at once. */
export function openRedis({ host, port, password, tls }: Config["redis"]) {
  const client = createClient({
    password,
    disableOfflineQueue: true,
    // A Redis that stays silent to these pings counts as lost: what waits for its answer fails, and a new connection is made.
    pingInterval: answerMs / 2,
    socket: {
      ...{ host, port, ...(tls && { tls }) },
      connectTimeout: answerMs,
      socketTimeout: answerMs,
      reconnectStrategy: (attempts) => Math.min(100 * 2 ** Math.min(attempts, 5), 2_000),
    },
  });
  let lost = "";
  client.on("error", (error) => {
    const now = reason(error);
    if (now !== lost) log("warn", "Redis connection lost", { reason: now });
    lost = now;
  });
  client.on("ready", () => (lost = ""));
  client.connect().catch(() => undefined);
  return client;
}
