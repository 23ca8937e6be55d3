/**
 * What every hook has in common: how ECS asks at a stage of a deployment, and how it is answered (ECS Developer Guide, "Lambda hooks for
 * Amazon ECS service deployments"). Where a strategy has no stages, Pulumi invokes the same function, and waits for its end.
 */
import { setTimeout as wait } from "node:timers/promises";
import { log, reason } from "./log";

/** What ECS sends, as far as the hooks read it. */
export interface StageEvent {
  readonly executionId: string;
  readonly lifecycleStage: string;
  readonly executionDetails: { readonly serviceArn: string; readonly targetServiceRevisionArn: string };
  /** What the service was declared with for this hook, and what the hook itself answered last. */
  readonly hookDetails?: Readonly<Record<string, unknown>> | null;
}

/** What Pulumi sends. */
export interface DirectEvent {
  readonly taskDefinition: string;
  readonly phase: "contract" | "expand";
}

/** What a hook is asked. */
export interface Ask {
  /** The same for each call about one deployment, another for the next. */
  readonly deployment: string;
  /** ARN of the new version's service revision; undefined where Pulumi asks. */
  readonly revision: string | undefined;
  /** ARN of the new version's task definition; undefined where ECS asks, which names the revision instead. */
  readonly taskDefinition: string | undefined;
  readonly phase: "contract" | "expand";
  readonly details: Readonly<Record<string, unknown>>;
  /** The time for this hook is over: it is the last call. */
  readonly expired: boolean;
}

export type Answer =
  | { readonly status: "SUCCEEDED" }
  | { readonly status: "FAILED"; readonly fault: string }
  | {
      readonly status: "IN_PROGRESS";
      readonly afterSeconds: number;
      /** Comes back in the next call's `details`. */
      readonly details?: Readonly<Record<string, unknown>>;
    };

interface StageAnswer {
  readonly hookStatus: Answer["status"];
  readonly callBackDelay?: number;
  readonly hookDetails?: Readonly<Record<string, unknown>>;
}

/** A Lambda handler: asks `work` once for ECS, which calls again; or, for Pulumi, until it is done. */
export function hook(work: (ask: Ask) => Promise<Answer>) {
  return async (
    event: StageEvent | DirectEvent,
    context: { readonly awsRequestId: string },
  ): Promise<StageAnswer> => {
    if ("lifecycleStage" in event) return toStage(await once(work, askOf(event)), startOf(event));
    const started = Date.now();
    let details: Ask["details"] = {};
    for (;;) {
      const { taskDefinition, phase } = event;
      const expired = isOver(started);
      const answer = await once(work, {
        ...{ deployment: context.awsRequestId, revision: undefined, taskDefinition, phase, details, expired },
      });
      if (answer.status === "SUCCEEDED") return { hookStatus: answer.status };
      // What Pulumi shows.
      if (answer.status === "FAILED") throw new Error(answer.fault);
      details = { ...details, ...answer.details };
      await wait(answer.afterSeconds * 1000);
    }
  };
}

/** A variable of the function's environment. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`the function's variable ${name} is not set`);
  return value;
}

function askOf(event: StageEvent): Ask {
  const revision = event.executionDetails.targetServiceRevisionArn;
  return {
    deployment: revision,
    revision,
    taskDefinition: undefined,
    phase: "expand",
    details: event.hookDetails ?? {},
    expired: isOver(startOf(event)),
  };
}

/** When this hook was first called in this deployment, which it keeps in its own details. */
function startOf({ hookDetails }: StageEvent): number {
  const started = hookDetails?.["started"];
  return typeof started === "number" ? started : Date.now();
}

function isOver(started: number): boolean {
  return Date.now() - started > Number(setting("TIMEOUT_SECONDS")) * 1000;
}

async function once(work: (ask: Ask) => Promise<Answer>, ask: Ask): Promise<Answer> {
  let answer: Answer;
  try {
    answer = await work(ask);
  } catch (error) {
    answer = { status: "FAILED", fault: reason(error) };
  }
  const { status } = answer;
  log(status === "FAILED" ? "error" : "info", status === "FAILED" ? answer.fault : status, {
    deployment: ask.deployment,
    phase: ask.phase,
  });
  return answer;
}

function toStage(answer: Answer, started: number): StageAnswer {
  if (answer.status !== "IN_PROGRESS") return { hookStatus: answer.status };
  return {
    hookStatus: answer.status,
    callBackDelay: answer.afterSeconds,
    hookDetails: { ...answer.details, started },
  };
}
