/** The sample service: wires its parts, starts, and leaves without losing a request. */
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openAnnouncements } from "./announcements";
import { createApp } from "./app";
import { readConfig, type Config } from "./config";
import { openGuestBook } from "./guest-book";
import { openLive, type Live } from "./live";
import { log, reason } from "./log";
import { MigrationError, readMigrations } from "./migrations";
import { run } from "./migrator";
import { openRedis } from "./redis";
import { sessionsIn } from "./sessions";
import { visitsIn } from "./visits";

function start(config: Config): void {
  const guestBook = openGuestBook(config.postgres);
  const redis = openRedis(config.redis);
  let draining = false;
  let migrating = config.migrateOnStart;
  const app = createApp({
    guestBook,
    visits: visitsIn(redis),
    sessions: sessionsIn(redis),
    announce: (entry) => announcements.publish(entry),
    release: {
      version: config.version,
      commit: config.commit,
      featureFlags: config.featureFlags,
      toggles: config.toggles,
    },
    log,
    notReady: () => (draining ? "draining" : migrating ? "migrations are not applied yet" : undefined),
    draining: () => draining,
  });
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
  const live = openLive(server, config.version);
  const announcements = openAnnouncements(
    config.toggles.announcements,
    redis,
    () => openRedis(config.redis),
    (announcement) => live.send(announcement),
  );
  // Longer than any gateway keeps an idle connection: the gateway closes first, so no request meets a closing one.
  server.keepAliveTimeout = 75_000;
  server.on("error", fatal);
  server.listen(config.port, () => log("info", "listening", { port: config.port, version: config.version }));

  const leave = async (signal: string): Promise<void> => {
    draining = true;
    log("info", "draining", { signal, drainSeconds: config.drainSeconds });
    live.leave();
    await drain(server, live, config.drainSeconds);
    announcements.close();
    redis.destroy();
    await guestBook.close();
    log("info", "stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => void leave(signal).catch(fatal));

  if (migrating) {
    applyMigrations(config).then(() => (migrating = false), fatal);
  }
}

/** Retries until Postgres is up. Throws only for what no retry can mend. */
async function applyMigrations(config: Config): Promise<void> {
  const migrations = readMigrations(join(__dirname, "migrations"));
  for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 2_000)) {
    try {
      log("info", "migrations applied", { ids: await run(config.postgres, migrations) });
      return;
    } catch (error) {
      if (error instanceof MigrationError) throw error;
      log("warn", "migrations not applied yet", { reason: reason(error), retryInMs: waitMs });
      await sleep(waitMs);
    }
  }
}

/** Stops accepting, lets the requests in flight finish, and cuts what is still open after `seconds`. */
async function drain(server: Server, live: Live, seconds: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const deadline = setTimeout(() => {
    server.closeAllConnections();
    live.cut();
  }, seconds * 1_000);
  await closed;
  clearTimeout(deadline);
}

function fatal(error: unknown): void {
  log("error", "cannot run", { reason: reason(error) });
  process.exit(1);
}

try {
  start(readConfig(process.env));
} catch (error) {
  fatal(error);
}
