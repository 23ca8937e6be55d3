/** One run of an operation, for real or as a preview: state, hosts, display, and what is kept of it. */
import path from "node:path";
import { destroy, refresh } from "../deploy/destroy";
import type { DeploymentOptions, DeploymentResult } from "../deploy/context";
import { makeUrn, STACK_TYPE } from "../deploy/urn";
import { runUpdate, runWithoutProgram } from "../hosts/run-update";
import type { EngineEvent, StateJournal } from "../model";
import { hasSecure } from "../project/config-value";
import { resolveConfig, type ResolvedConfig } from "../project/config";
import type { StackConfig } from "../project/stack-config";
import {
  readPassphrase,
  UNKNOWN_CONFIG_SECRETS,
  UNKNOWN_STATE_SECRETS,
  type PassphraseSecrets,
} from "../state/secrets";
import type { Stack } from "../state/stack";
import { Cloud } from "../providers/simulated/cloud";
import { builtinProviders } from "./builtin-providers";
import { chooseDisplay, type DisplayChoice } from "./display/choose";
import { DiffDisplay } from "./display/diff-view";
import type { DisplayOptions, UpdateKind } from "./display/options";
import { SecretMask } from "./secret-mask";
import type { Session } from "./session";
import { cancellable } from "./signals";

export interface Operation {
  session: Session;
  stack: Stack;
  stackConfig: StackConfig;
  /** Still being derived, perhaps, when the operation starts; undefined in a preview that has to do without. */
  secrets: Promise<PassphraseSecrets | undefined>;
  /** Where a rehearsal happens. */
  cloud: Cloud | undefined;
  kind: UpdateKind;
  options: Omit<DeploymentOptions, "dryRun">;
  packs: { path: string; configFile?: string }[];
  choice: DisplayChoice;
  appearance: Pick<DisplayOptions, "colors" | "showSames" | "showSecrets" | "suppressOutputs">;
  /** Kept in the history. */
  message: string;
  environment: Record<string, string>;
}

export interface Outcome extends DeploymentResult {
  /** Every step with its properties, of a preview that somebody may ask about. */
  details: string;
  /** Whether it planned or made what is only simulated. */
  simulated: boolean;
}

/** What went wrong is told by the display; `result` says that it did. @throws Error before anything has begun, such as a lock. */
export async function run(operation: Operation, dryRun: boolean): Promise<Outcome> {
  const { session, stack, stackConfig, secrets } = operation;
  const cloud = operation.cloud ?? (dryRun ? new Cloud() : undefined);
  cloud?.begin();
  const values = stackConfig.values();
  const decrypter = [...values.values()].some(hasSecure)
    ? ((await secrets) ?? UNKNOWN_CONFIG_SECRETS)
    : undefined;
  const config = resolveConfig(session.project, stack.name, values, decrypter);
  const lock = dryRun ? undefined : stack.lock();
  const release = (): void => lock?.release();
  // However this process ends, as long as it can say goodbye.
  process.once("exit", release);
  try {
    const journal = secrets.then((key) =>
      lock && key ? stack.openJournal(key, lock) : stack.previewJournal(key ?? UNKNOWN_STATE_SECRETS),
    );
    const outcome = await withJournal(operation, dryRun, config, journal, cloud);
    return { ...outcome, simulated: cloud?.used === true };
  } finally {
    release();
    process.removeListener("exit", release);
  }
}

async function withJournal(
  operation: Operation,
  dryRun: boolean,
  config: ResolvedConfig,
  opening: Promise<StateJournal>,
  cloud: Cloud | undefined,
): Promise<Omit<Outcome, "simulated">> {
  const { stack, choice } = operation;
  // The processes start while the key of the secrets is derived. What they say waits until it is known to be the right one.
  const early: EngineEvent[] = [];
  let sink = (event: EngineEvent): void => void early.push(event);
  const deployed = cancellable(
    (message) => sink({ kind: "stdout", message }),
    (signal) => deploy(operation, dryRun, config, opening, cloud, (event) => sink(event), signal),
  );
  deployed.catch(() => undefined); // It is awaited below, perhaps later than it fails.
  const journal = await opening.catch(async (error: unknown) => {
    await deployed.catch(() => undefined);
    throw error;
  });
  const mask = new SecretMask();
  if (await operation.secrets) {
    mask.add(readPassphrase());
    for (const key of config.secretKeys) mask.add(config.values.get(key) ?? "");
  }
  const display = displayOptions(operation, dryRun, mask);
  const shown = await chooseDisplay(choice, display, mask.apply);
  let details = "";
  const detailed =
    dryRun && choice.interactive
      ? new DiffDisplay({ ...display, out: (text) => void (details += text) }, true)
      : undefined;
  sink = (told) => {
    const event = told.kind === "policy-load" ? { ...told, path: path.relative("", told.path) || "." } : told;
    mask.see(event);
    detailed?.event(event);
    shown.event(event);
  };
  const startTime = Math.floor(Date.now() / 1000);
  sink({ kind: "prelude", config: blinded(config) });
  early.forEach(sink);
  const failed = (error: unknown): DeploymentResult => {
    sink({ kind: "diagnostic", severity: "error", message: (error as Error).message });
    return { result: "failed", changes: {}, durationMs: 0 };
  };
  // What rejects is a host that does not start, or a program that is not there: nothing was touched.
  let result = await deployed.catch(failed);
  await journal.close().catch((error: unknown) => (result = failed(error)));
  await shown.end();
  if (!dryRun) {
    stack.recordUpdate({
      kind: operation.kind,
      startTime,
      endTime: Math.ceil(Date.now() / 1000),
      message: operation.message,
      environment: operation.environment,
      config: Object.fromEntries(config.stored),
      result: result.result === "succeeded" ? "succeeded" : "failed",
      resourceChanges: result.changes,
    });
  }
  return { ...result, details };
}

function blinded({ values, secretKeys }: ResolvedConfig): Record<string, string> {
  const entries = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, secretKeys.has(key) ? "[secret]" : value]));
}

function deploy(
  operation: Operation,
  dryRun: boolean,
  config: ResolvedConfig,
  journal: Promise<StateJournal>,
  cloud: Cloud | undefined,
  events: (event: EngineEvent) => void,
  signal: AbortSignal,
): Promise<DeploymentResult> {
  const { session, stack, kind, options, packs } = operation;
  const update = {
    project: session.project,
    builtin: builtinProviders(cloud),
    packs,
    journal,
    context: {
      project: stack.project,
      stack: stack.name,
      organization: "organization",
      config: config.values,
      configSecretKeys: config.secretKeys,
      events,
      signal,
      options: { ...options, dryRun },
      readStackOutputs: async (name: string) => {
        const other = session.backend.reference(name, stack.project);
        const key = dryRun ? await operation.secrets : undefined;
        const outputs = () => other.outputs(process.env, dryRun && !key ? UNKNOWN_STATE_SECRETS : undefined);
        if (!dryRun || other.exists) return outputs();
        // Its own state is empty before the first update; of another stack's nothing is known.
        if (other.fullName === stack.fullName) return {};
        const message = `the stack ${name} has no state here: its outputs are unknown in this preview`;
        events({ kind: "diagnostic", severity: "info", message });
        return undefined;
      },
    },
  };
  if (kind === "update") return runUpdate(update);
  return runWithoutProgram(update, kind === "destroy" ? destroy : refresh);
}

function displayOptions(
  { stack, kind, appearance }: Operation,
  preview: boolean,
  mask: SecretMask,
): DisplayOptions {
  return {
    ...appearance,
    kind,
    preview,
    stackUrn: makeUrn(stack.name, stack.project, undefined, STACK_TYPE, `${stack.project}-${stack.name}`),
    mask: appearance.showSecrets ? (text) => text : mask.apply,
    now: () => performance.now(),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  };
}
