/** Ctrl-C and its like: the first asks to stop cleanly, the second ends at once (pkg/backend/cancellation_scope.go). */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Aborts the signal that `task` gets at the first SIGINT, SIGTERM or SIGHUP, after telling; at the second the process ends.
 */
export async function cancellable<T>(
  tell: (message: string) => void,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(1);
    tell(
      "^C received; cancelling. If you would like to terminate immediately, press ^C again.\n" +
        "Note that terminating immediately may lead to orphaned resources and other inconsistencies.",
    );
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    return await task(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, interrupt);
  }
}
