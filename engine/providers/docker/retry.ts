/** Deleting what something else may still hold for a moment. */
import { setTimeout as sleep } from "node:timers/promises";
import { DockerError } from "./daemon";
import type { Operation } from "./resource";

/** As long as the bridged provider tries. */
const GIVE_UP_AFTER_MS = 30_000;
const PAUSE_MS = 200;

/**
 * Deletes what is at `path`; nothing there is as good. Where the daemon answers that it is still `held`, tries again for 30
 * seconds, since a container's removal may lag behind.
 */
export async function deleteWhenFree(
  { daemon, signal }: Operation,
  path: string,
  query: Record<string, boolean>,
  held: RegExp,
): Promise<void> {
  const deadline = Date.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    try {
      await daemon.request("DELETE", path, { query });
      return;
    } catch (error) {
      if (!(error instanceof DockerError) || signal.aborted) throw error;
      if (error.status === 404) return;
      if (!held.test(error.message)) throw error;
      if (Date.now() > deadline) throw new DockerError(`${error.message} (tried for 30 s)`, error.status);
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {
      throw signal.reason;
    });
  }
}
