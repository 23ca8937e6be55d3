/** One run of a program against a stack: takes what it registers, and at the end deletes what it no longer does. */
import type { Goal, ProviderReference, ResourceState, Urn } from "../model";
import type { Properties } from "../values";
import { conclude } from "./conclusion";
import type {
  DeploymentContext,
  DeploymentResult,
  InvokeGoal,
  InvokeResult,
  ReadGoal,
  RegisterResult,
} from "./context";
import { DeploymentStopped } from "./context";
import { performDeletes } from "./deletes";
import { runSteps } from "./execution";
import type { Plan } from "./generator";
import { planRegistration } from "./generator";
import { finishStack, registerOutputs } from "./outputs";
import { applyStackPolicies } from "./policies";
import { planRead } from "./read";
import { refreshState } from "./refresh";
import { Registrar } from "./registrar";
import { messageOf, Run } from "./run";
import { checkSkipped } from "./untargeted";
import { isProviderType, makeReference, makeUrn, packageOf } from "./urn";

/**
 * An update or a preview of a stack. Every call may be made concurrently; a registration is answered when its steps are done.
 *
 * Calls reject with `DeploymentStopped` once the deployment failed or was canceled: the errors themselves are events.
 */
export class Deployment {
  /** Resolves when the deployment fails or is canceled before `finish`: the host may then end a program that does not end by itself. */
  readonly stopped: Promise<void>;
  private readonly run: Run;
  private readonly registrar: Registrar;
  private result: Promise<DeploymentResult> | undefined;
  /** Registrations and reads that are not answered yet. */
  private readonly open = new Set<Promise<unknown>>();

  constructor(context: DeploymentContext) {
    this.run = new Run(context);
    this.stopped = new Promise((resolve) => {
      void this.run.stopped.then(() => {
        if (!this.result) resolve();
      });
    });
    this.registrar = new Registrar(this.run, (goal) => this.registerDefaultProvider(goal));
  }

  /**
   * Before the program starts: refreshes what is to be, and warns of what an earlier run left pending. When that goes wrong, it resolves
   * all the same; the program's calls are refused then.
   */
  start(): Promise<void> {
    const { run } = this;
    const { options, journal } = run.context;
    return this.unlessStopped(async () => {
      const isStale = (old: ResourceState): boolean => options.refresh || old.refreshBeforeUpdate === true;
      if (run.base.resources.some(isStale)) await refreshState(run, isStale, false);
      else if (!run.dryRun && journal.pendingOperations.length > 0) this.warnOfPending();
      for (const message of run.replaceTargets.missing((urn) => run.base.live.has(urn))) run.error(message);
      if (run.failed) run.stop();
    });
  }

  registerResource(asked: Goal): Promise<RegisterResult> {
    return this.accept(async () => {
      const goal = await this.registrar.complete(asked);
      const plan = await this.perform(() => planRegistration(this.run, goal), goal);
      const { urn, id = "", custom, outputs = {} } = plan.state;
      this.registrar.registered(urn, goal);
      // Old outputs of a component may refer to what is not registered yet.
      return { urn, id, object: custom ? outputs : {}, unknown: plan.unknown ?? false };
    }, asked);
  }

  /** Outputs of a component or of the stack. */
  registerResourceOutputs(urn: Urn, outputs: Properties): Promise<void> {
    return this.accept(() => registerOutputs(this.run, urn, outputs));
  }

  readResource(goal: ReadGoal): Promise<{ urn: Urn; object: Properties }> {
    return this.accept(async () => {
      const provider = await this.registrar.provider(packageOf(goal.type), goal);
      const plan = await this.perform(async () => planRead(this.run, goal, provider), goal);
      return { urn: plan.state.urn, object: plan.state.outputs ?? {} };
    }, goal);
  }

  /** Rejects with the provider's own error (the program is told, the deployment goes on). */
  async invoke({ token, args, ...request }: InvokeGoal): Promise<InvokeResult> {
    const reference = await this.guard(() => this.registrar.provider(packageOf(token), request));
    const instance = this.run.registry.get(reference);
    if (!instance) throw new Error(`unknown provider '${reference}' for function ${token}`);
    return instance.invoke(token, args);
  }

  /** Makes a diagnostic of severity "error" and fails the deployment: for faults the hosts find (a transform that threw …). */
  fail(message: string, urn?: Urn): void {
    this.run.error(message, urn);
    this.run.stop();
  }

  /**
   * No more registrations will come: called on SignalAndWaitForShutdown, or when the program has ended (`error` when it ended badly; ""
   * when it has told the user already). Performs the deletes, asks the stack policies, emits the summary; closes neither journal nor
   * providers: those are the caller's. Calls after the first get the first one's answer.
   */
  finish(error?: string): Promise<DeploymentResult> {
    this.result ??= this.end(error);
    return this.result;
  }

  private async end(error: string | undefined): Promise<DeploymentResult> {
    const { run } = this;
    await this.unlessStopped(async () => {
      if (error !== undefined) {
        if (error !== "") run.diagnose("error", error);
        run.failed = true;
        return run.stop();
      }
      await Promise.allSettled(this.open);
      const unknown = run.targets.missing((urn) => run.base.withUrn(urn).length > 0 || run.urns.has(urn));
      await performDeletes(run);
      for (const message of unknown) run.error(message);
    });
    await run.decisions.idle();
    await run.slots.idle();
    await finishStack(run);
    await this.unlessStopped(() => applyStackPolicies(run));
    return conclude(run);
  }

  private async unlessStopped(task: () => Promise<void>): Promise<void> {
    try {
      await this.guard(task);
    } catch (error) {
      if (!(error instanceof DeploymentStopped)) throw error;
    }
  }

  /** Decides and runs steps until nothing more follows. */
  private async perform(decide: () => Promise<Plan>, goal: Goal | ReadGoal): Promise<Plan> {
    const { run } = this;
    const plan = await run.decide(this.urnOf(goal), async () => {
      const decided = await decide();
      checkSkipped(run, decided.steps);
      return decided;
    });
    if (plan.after) await Promise.race([plan.after, run.stopped]);
    await runSteps(run, plan.steps);
    return plan.next ? this.perform(plan.next, goal) : plan;
  }

  private async registerDefaultProvider(goal: Goal): Promise<ProviderReference> {
    const { state } = await this.perform(() => planRegistration(this.run, goal), goal);
    return makeReference(state.urn, state.id ?? "");
  }

  private urnOf(goal: { type: string; name: string; parent?: Urn }): Urn | undefined {
    const { project, stack } = this.run.context;
    // What the user did not write is not what an error is about.
    if (isProviderType(goal.type) && goal.name.startsWith("default")) return undefined;
    if (goal.parent !== undefined && !this.run.urns.has(goal.parent)) return undefined;
    return makeUrn(stack, project, goal.parent, goal.type, goal.name);
  }

  /** Nothing is taken once the deployment is being finished, and it waits for what was. */
  private async accept<T>(task: () => Promise<T>, goal?: Goal | ReadGoal): Promise<T> {
    if (this.result) throw new DeploymentStopped();
    const answer = this.guard(task, goal);
    this.open.add(answer);
    try {
      return await answer;
    } finally {
      this.open.delete(answer);
    }
  }

  /** What goes wrong is told and stops the deployment. @throws DeploymentStopped */
  private async guard<T>(task: () => Promise<T>, goal?: Goal | ReadGoal): Promise<T> {
    this.run.checkStopped();
    try {
      return await task();
    } catch (error) {
      if (error instanceof DeploymentStopped) throw error;
      return this.run.abort(messageOf(error), goal && this.urnOf(goal));
    }
  }

  private warnOfPending(): void {
    const { pendingOperations } = this.run.context.journal;
    const list = pendingOperations.map(
      ({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}`,
    );
    this.run.diagnose(
      "warning",
      `Attempting to deploy or update resources with ${list.length} pending operations from previous deployment.\n` +
        `${list.join("\n")}\n` +
        "These resources are in an unknown state because the engine was interrupted while waiting for changes to these resources " +
        "to complete. Confirm with the provider whether each operation took effect; `pulumi refresh` reads what there is.",
    );
  }
}
