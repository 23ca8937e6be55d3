/** What each kind of step does. Nothing here tells of it or decides. */
import type { PendingOperationType, ResourceState, StepOp } from "../model";
import type { Properties } from "../values";
import { UNKNOWN } from "../values";
import { InitError } from "./context";
import { propertiesEqual } from "./diff";
import type { HookPhase } from "./hooks";
import { runBeforeHooks } from "./hooks";
import { subjectOf } from "./provider-instance";
import type { Run } from "./run";
import type { Applied, Step } from "./step";
import { ProtectedError } from "./step";
import { isProviderType } from "./urn";

const NOTHING: Applied = { save: () => {} };
const now = (): string => new Date().toISOString();

export function applyStep(run: Run, step: Step): Promise<Applied> | Applied {
  const { old, new: state } = step;
  const apply = APPLY[step.op];
  if (!apply) throw new Error(`a ${step.op} step cannot be run`);
  return apply(run, state ?? required(old), old, step);
}

type Apply = (
  run: Run,
  /** The resource after the step, or the one that goes. */
  state: ResourceState,
  old: ResourceState | undefined,
  step: Step,
) => Promise<Applied> | Applied;

const APPLY: Partial<Record<StepOp, Apply>> = {
  same,
  create,
  "create-replacement": create,
  update,
  delete: remove,
  "delete-replaced": remove,
  discard: remove,
  "discard-replaced": remove,
  replace: () => NOTHING,
  "remove-pending-replace": (run, old) => ({ save: () => run.context.journal.drop(old) }),
  read,
  "read-replacement": read,
  import: importResource,
  "import-replacement": importResource,
};

async function same(
  run: Run,
  state: ResourceState,
  previous: ResourceState | undefined,
  step: Step,
): Promise<Applied> {
  if (step.mode === "skipped") return NOTHING;
  const old = required(previous);
  copyFields(state, old, ["id", "outputs"]);
  if (isProviderType(state.type) && step.mode !== "untargeted") {
    await run.registry.same(state.urn, old.id ?? "", old.inputs ?? {});
  }
  return { save: () => run.context.journal.put(state, old) };
}

async function create(
  run: Run,
  state: ResourceState,
  old: ResourceState | undefined,
  step: Step,
): Promise<Applied> {
  const { journal } = run.context;
  await runBeforeHooks(run, { point: "BeforeCreate", resource: state, new: state });
  const inputs = state.inputs ?? {};
  const operation = await operate(run, "creating", state, async (operations) => {
    const timeout = state.customTimeouts?.create ?? 0;
    const result = await operations.create(subjectOf(state.urn), inputs, timeout);
    if (result.id === "" && !run.dryRun) throw new Error("provider did not return an ID from create");
    return result;
  });
  if (operation.result) complete(state, operation.result);
  state.created = state.modified = now();
  const applied = afterwards({ point: "AfterCreate", resource: state, new: state }, operation.failure);
  // What was deleted ahead leaves the state only now. Anything else is marked before its successor is there: at no moment may the
  // state hold two live resources of one URN.
  const gone = old?.pendingReplacement ? old : undefined;
  applied.save = () => {
    if (old && !gone && step.mode === "keep-old") markDeleted(run, old);
    journal.put(state, gone, operation.token);
  };
  return applied;
}

async function update(run: Run, state: ResourceState, previous: ResourceState | undefined): Promise<Applied> {
  const old = required(previous);
  copyFields(state, old, ["id"]);
  await runBeforeHooks(run, { point: "BeforeUpdate", resource: state, old, new: state });
  const news = state.inputs ?? {};
  const { id = "", inputs = {}, outputs = {} } = old;
  const operation = await operate(run, "updating", state, (operations) =>
    operations.update(
      { ...subjectOf(state.urn), id },
      inputs,
      outputs,
      news,
      state.customTimeouts?.update ?? 0,
      state.ignoreChanges ?? [],
    ),
  );
  if (operation.result) {
    complete(state, { ...operation.result, id });
    state.modified = now();
  }
  // What exists was not made from the new inputs: the next update must see that they differ.
  if (operation.failure) state.inputs = { ...inputs };
  const applied = afterwards({ point: "AfterUpdate", resource: state, old, new: state }, operation.failure);
  applied.save = () => run.context.journal.put(state, old, operation.token);
  return applied;
}

async function remove(run: Run, old: ResourceState, _: unknown, step: Step): Promise<Applied> {
  const { journal } = run.context;
  if (step.logical && old.protect) {
    throw new ProtectedError(
      `resource "${old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, remove the \`protect\` flag ` +
        "from the resource in your Pulumi program and run `pulumi up`",
    );
  }
  await runBeforeHooks(run, { point: "BeforeDelete", resource: old, old });
  const needless =
    run.dryRun ||
    !old.custom ||
    old.external ||
    old.retainOnDelete ||
    old.pendingReplacement ||
    (old.deletedWith !== undefined && run.deleted.has(old.deletedWith));
  let token: number | undefined;
  if (!needless) {
    if (!isProviderType(old.type)) await run.ensureProvider(old.provider ?? "");
    const { id = "", inputs = {}, outputs = {} } = old;
    const operation = await operate(run, "deleting", old, async (operations) => {
      const timeout = old.customTimeouts?.delete ?? 0;
      await operations.delete({ ...subjectOf(old.urn), id }, inputs, outputs, timeout);
      return { id, properties: outputs };
    });
    if (operation.failure) throw operation.failure;
    token = operation.token;
  }
  const applied = afterwards({ point: "AfterDelete", resource: old, old }, undefined);
  applied.save = () => {
    if (step.mode !== "ahead") return journal.drop(old, token);
    old.pendingReplacement = true;
    journal.touch(old);
    if (token !== undefined) journal.abandon(token);
    run.deletedAhead.get(old)?.setGone();
  };
  return applied;
}

async function read(
  run: Run,
  state: ResourceState,
  old: ResourceState | undefined,
  step: Step,
): Promise<Applied> {
  const { id = "", inputs = {} } = state;
  let failure: InitError | undefined;
  if (id === UNKNOWN) state.outputs = {};
  else {
    try {
      // Properties go as inputs and as state, as the engine always did.
      const subject = { ...subjectOf(state.urn), id };
      const result = await required(run.operationsOf(state)).read(subject, inputs, inputs);
      if (result.id === "") throw new Error(`resource '${id}' does not exist`);
      complete(state, result);
    } catch (error) {
      failure = partial(error, state);
    }
  }
  if (old) {
    copyFields(state, old, ["created", "modified"]);
    const unchanged =
      propertiesEqual(inputs, old.inputs ?? {}) && propertiesEqual(state.outputs, old.outputs ?? {});
    if (!unchanged) state.modified = now();
  }
  return {
    ...(failure && { failure }),
    save: () => {
      if (old && step.mode === "keep-old") markDeleted(run, old);
      run.context.journal.put(state, step.mode === "keep-old" ? undefined : old);
    },
  };
}

/** `old` is what the import replaces, if anything. What is there but not ready is imported too: the update that follows sees to it. */
async function importResource(
  run: Run,
  state: ResourceState,
  old: ResourceState | undefined,
): Promise<Applied> {
  const id = state.importID ?? "";
  try {
    const result = await required(run.operationsOf(state)).read({ ...subjectOf(state.urn), id });
    if (result.id === "") throw new Error(`resource '${id}' does not exist`);
    complete(state, result);
    readInputs(state, result.inputs);
  } catch (error) {
    const { inputs } = partial(error, state);
    readInputs(state, inputs);
  }
  state.created = state.modified = now();
  return {
    save: () => {
      if (old) markDeleted(run, old);
      run.context.journal.put(state);
    },
  };
}

function readInputs(state: ResourceState, inputs: Properties | undefined): void {
  if (!inputs) throw new Error(`the provider of ${state.type} cannot import resources: it reads no inputs`);
  state.inputs = inputs;
}

/** The operation of a provider on a custom resource, journalled; components have none. `failure`: it is there, but not ready. */
async function operate(
  run: Run,
  type: PendingOperationType,
  state: ResourceState,
  call: (
    operations: NonNullable<ReturnType<Run["operationsOf"]>>,
  ) => Promise<{ id?: string; properties: Properties; refreshBeforeUpdate?: boolean }>,
): Promise<{
  result?: { id?: string; properties: Properties; refreshBeforeUpdate?: boolean };
  failure?: InitError;
  token?: number;
}> {
  const operations = run.operationsOf(state);
  if (!operations) return {};
  if (isProviderType(state.type)) return { result: await call(operations) };
  const { journal } = run.context;
  const token = journal.begin(type, state);
  try {
    return { result: await call(operations), token };
  } catch (error) {
    if (error instanceof InitError && type !== "deleting") {
      state.initErrors = error.reasons;
      return { result: error, failure: error, token };
    }
    journal.abandon(token);
    throw error;
  }
}

/** A resource that was read but is not ready keeps what was read. @throws any other error */
function partial(error: unknown, state: ResourceState): InitError {
  if (!(error instanceof InitError)) throw error;
  state.initErrors = error.reasons;
  complete(state, error);
  return error;
}

function complete(
  state: ResourceState,
  result: { id?: string; properties: Properties; refreshBeforeUpdate?: boolean },
): void {
  if (result.id) state.id = result.id;
  state.outputs = result.properties;
  if (result.refreshBeforeUpdate) state.refreshBeforeUpdate = true;
  else delete state.refreshBeforeUpdate;
}

function afterwards(hooks: HookPhase, failure: InitError | undefined): Applied {
  // A component is complete only when its outputs are registered; its hooks wait for that, but for those of a delete.
  const runsNow = hooks.resource.custom || hooks.point === "AfterDelete";
  return { save: () => {}, ...(failure ? { failure } : runsNow && { hooks }) };
}

function markDeleted(run: Run, old: ResourceState): void {
  old.delete = true;
  run.context.journal.touch(old);
}

function copyFields<K extends keyof ResourceState>(
  target: ResourceState,
  source: ResourceState,
  keys: K[],
): void {
  for (const key of keys) {
    if (source[key] === undefined) delete target[key];
    else target[key] = source[key];
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the engine's own plan is incomplete: this is a bug");
  return value;
}
