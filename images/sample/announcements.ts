/** New entries, told to every replica through Redis, or only to the log: the toggle `announcements`. */
import type { Toggle } from "./config";
import type { Entry } from "./entry";
import { log, reason } from "./log";
import type { Redis } from "./redis";

export interface Announcements {
  /** Never throws: an entry that cannot be announced is an entry all the same. */
  publish(entry: Entry): void;
  close(): void;
}

const channel = "entries";

/** `live` takes a second connection, on which `hear` gets every replica's announcements as JSON; `mock` only logs. */
export function openAnnouncements(
  toggle: Toggle,
  redis: Redis,
  connect: () => Redis,
  hear: (announcement: string) => void,
): Announcements {
  if (toggle === "mock") {
    return {
      publish: ({ id }) => log("info", "announcement not sent: announcements are mock", { id }),
      close: () => undefined,
    };
  }
  const subscriber = connect();
  subscriber.on("ready", () => {
    subscriber.subscribe(channel, hear).catch((error: unknown) => {
      log("error", "announcements are not heard", { reason: reason(error) });
    });
  });
  return {
    publish(entry) {
      redis.publish(channel, JSON.stringify({ entry })).catch((error: unknown) => {
        log("warn", "announcement not sent", { id: entry.id, reason: reason(error) });
      });
    },
    close: () => subscriber.destroy(),
  };
}
