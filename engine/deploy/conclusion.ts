/** The end of every kind of deployment. */
import type { DeploymentResult } from "./context";
import type { Run } from "./run";

/** Says that it failed, if it did, and sums up. */
export function conclude(run: Run): DeploymentResult {
  const { events, packs } = run.context;
  // What went wrong outweighs that somebody gave up.
  const result = run.failed ? "failed" : run.canceled ? "canceled" : "succeeded";
  if (result !== "succeeded") run.diagnose("error", `${run.dryRun ? "preview" : "update"} ${result}`);
  const durationMs = performance.now() - run.startedAt;
  const { changes, stackOutputs } = run;
  const old = stackOutputs && run.base.live.get(stackOutputs.urn)?.outputs;
  const current = stackOutputs && run.news.get(stackOutputs.urn)?.outputs;
  events({
    kind: "summary",
    preview: run.dryRun,
    durationMs,
    changes,
    policyPacks: Object.fromEntries(packs.map(({ name, version }) => [name, version])),
    result,
    ...(stackOutputs && { outputs: { old: old ?? {}, new: current ?? {} } }),
  });
  return { result, changes, durationMs };
}
