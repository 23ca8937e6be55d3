/** Deployments without a program. */
import { conclude } from "./conclusion";
import type { DeploymentContext, DeploymentResult } from "./context";
import { DeploymentStopped } from "./context";
import { performDeletes } from "./deletes";
import { refreshState } from "./refresh";
import { messageOf, Run } from "./run";

/** Deletes every resource of the stack (or the targets), without the program. The caller closes the journal and providers. */
export function destroy(context: DeploymentContext): Promise<DeploymentResult> {
  return perform(context, async (run) => {
    for (const message of run.targets.missing((urn) => run.base.withUrn(urn).length > 0)) run.error(message);
    if (run.failed) return;
    if (context.options.refresh) await refreshState(run, () => true, false);
    if (!run.failed) await performDeletes(run);
  });
}

/** Reads every resource (or the targets) from its provider and saves what it finds, without the program. */
export function refresh(context: DeploymentContext): Promise<DeploymentResult> {
  return perform(context, (run) => refreshState(run, () => true, true));
}

async function perform(
  context: DeploymentContext,
  task: (run: Run) => Promise<void>,
): Promise<DeploymentResult> {
  const run = new Run(context);
  try {
    run.checkStopped();
    await task(run);
  } catch (error) {
    if (!(error instanceof DeploymentStopped)) run.error(messageOf(error));
  }
  await run.slots.idle();
  return conclude(run);
}
