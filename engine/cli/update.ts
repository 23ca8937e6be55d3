/** `preview`, `up`, `destroy`, `refresh`: preview, confirmation, and the operation itself. */
import fs from "node:fs";
import os from "node:os";
import { overrideConfig } from "../project/config";
import { hasSecure } from "../project/config-value";
import { hasPassphrase } from "../state/secrets";
import { needsCli, simulatedAmong } from "./builtin-providers";
import { AlreadyTold, CommandError, EXIT } from "./errors";
import { rehearsal } from "./rehearsal";
import { VERSION, type GlobalFlags } from "./program";
import { converse } from "./prompt";
import { colorsOf, isInteractive, loadStackConfig, openSession, requireStack, stackSecrets } from "./session";
import type { Operation, Outcome } from "./update-run";

export interface UpdateFlags extends GlobalFlags {
  message?: string;
  target?: string[];
  targetDependents?: boolean;
  config?: string[];
  configPath?: boolean;
  replace?: string[];
  targetReplace?: string[];
  parallel?: number;
  refresh?: boolean;
  policyPack?: string[];
  policyPackConfig?: string[];
  diff?: boolean;
  json?: boolean;
  showSames?: boolean;
  showSecrets?: boolean;
  suppressOutputs?: boolean;
  suppressProgress?: boolean;
  expectNoChanges?: boolean;
  yes?: boolean;
  skipPreview?: boolean;
  previewOnly?: boolean;
  clearPendingCreates?: boolean;
  eventLog?: string;
  execKind?: string;
}

/** @throws CommandError, or AlreadyTold when the display has said what went wrong. */
export async function update(
  command: "preview" | "up" | "destroy" | "refresh",
  flags: UpdateFlags,
): Promise<void> {
  const previewOnly = command === "preview" || flags.previewOnly === true;
  const confirmed = previewOnly || flags.yes === true || flags.skipPreview === true;
  if (!confirmed && !isInteractive(flags)) {
    throw new CommandError(
      "--yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive mode",
      EXIT.usage,
    );
  }
  const [operation, { run }] = await Promise.all([
    prepare(command, flags, previewOnly),
    import("./update-run"),
  ]);
  if (!previewOnly && !rehearsal.cloud) refuseSimulated(operation);
  if (flags.json !== true && !process.env["PULUMI_AUTOMATION_API"]) {
    const tell = () =>
      process.stderr.write(
        `This is Slipway's embedded engine ${VERSION}, not the Pulumi CLI.\n${limits(operation)}`,
      );
    void operation.secrets.then(tell, () => undefined);
  }
  let preview: Outcome | undefined;
  if (previewOnly || flags.skipPreview !== true) {
    preview = await run(operation, true);
    judge(preview, flags, previewOnly ? "preview" : undefined);
    if (previewOnly) return;
    if (!confirmed) await confirm(operation, preview);
  }
  if (preview?.simulated === true && !rehearsal.cloud) throw needsCli("aws or cloudflare");
  const outcome = await run(operation, false);
  judge(outcome, flags, command === "up" ? "update" : command);
  // What an import leaves out is exactly this.
  if (flags.clearPendingCreates === true) {
    await operation.stack.import(await operation.stack.export(false), false);
  }
  if (command === "destroy" && flags.json !== true && operation.options.targets.length === 0) {
    process.stdout.write(
      "The resources in the stack have been deleted, but the history and configuration associated with the stack " +
        `are still maintained.\nIf you want to remove the stack completely, run \`pulumi stack rm ${operation.stack.name}\`.\n`,
    );
  }
}

async function prepare(
  command: "preview" | "up" | "destroy" | "refresh",
  flags: UpdateFlags,
  previewOnly: boolean,
): Promise<Operation> {
  const { policyPack = [], policyPackConfig = [], targetReplace = [] } = flags;
  if (policyPackConfig.length > 0 && policyPackConfig.length !== policyPack.length) {
    throw new CommandError(
      'the number of "--policy-pack-config" flags must match the number of "--policy-pack" flags',
      EXIT.usage,
    );
  }
  const missing = policyPackConfig.find((file) => !fs.existsSync(file));
  if (missing !== undefined) {
    throw new CommandError(`--policy-pack-config ${missing}: there is no such file`, EXIT.usage);
  }
  const planOnly = previewOnly && command !== "refresh" && command !== "destroy";
  const session = openSession(planOnly);
  const stack = requireStack(session, flags, planOnly);
  const stackConfig = loadStackConfig(session, stack, flags, planOnly);
  if (flags.config) {
    overrideConfig(session.project, stackConfig, flags.config, flags.configPath === true);
    stackConfig.save();
  }
  // The key is derived on another thread, which takes long enough for the program to start.
  const blind = planOnly && (stackConfig.hasForeignSecrets || !hasPassphrase());
  const secrets = blind
    ? Promise.resolve(undefined)
    : stackSecrets(stackConfig, stack.exists ? stack : undefined);
  secrets.catch(() => undefined); // Whoever needs it is told.
  if (stackConfig.encryptionSalt === undefined && stack.exists) {
    const salt = (await secrets)?.salt;
    if (salt !== undefined) {
      stackConfig.encryptionSalt = salt;
      stackConfig.save();
    }
  }
  return {
    session,
    stack,
    stackConfig,
    secrets,
    cloud: rehearsal.cloud,
    kind: command === "preview" || command === "up" ? "update" : command,
    options: {
      parallel: flags.parallel ?? os.availableParallelism() * 4,
      targets: [...(flags.target ?? []), ...targetReplace],
      targetDependents: flags.targetDependents === true,
      replaceTargets: [...(flags.replace ?? []), ...targetReplace],
      refresh: flags.refresh === true,
    },
    packs: policyPack.map((path, index) => {
      const configFile = policyPackConfig[index];
      return { path, ...(configFile !== undefined && { configFile }) };
    }),
    choice: {
      json: flags.json === true,
      diff: flags.diff === true,
      interactive: isInteractive(flags),
      suppressProgress: flags.suppressProgress === true,
      ...(flags.eventLog !== undefined && { eventLog: flags.eventLog }),
    },
    appearance: {
      colors: colorsOf(flags),
      showSames: flags.showSames === true,
      showSecrets: flags.showSecrets === true,
      suppressOutputs: flags.suppressOutputs === true,
    },
    message: flags.message ?? "",
    environment: { "exec.kind": flags.execKind ?? "cli" },
  };
}

/** What a preview has to do without, for the reader. */
function limits({ stack, stackConfig }: Operation): string {
  const state = stack.exists
    ? ""
    : `The stack ${stack.name} has no state here: everything is planned as new.\n`;
  const secrets = [...stackConfig.values().values()].some(hasSecure);
  const closed = secrets && (stackConfig.hasForeignSecrets || !hasPassphrase());
  return (
    state + (closed ? "The configuration's secrets are not opened: they are unknown in this preview.\n" : "")
  );
}

/** @throws CommandError before anything has begun, where the state tells that something is only simulated. */
function refuseSimulated({ stack }: Operation): void {
  const name = simulatedAmong(stack.packages());
  if (name !== undefined) throw needsCli(name);
}

/** @param operation whose changes `--expect-no-changes` forbids; none before the real one. */
function judge({ result, changes }: Outcome, flags: UpdateFlags, operation: string | undefined): void {
  if (result !== "succeeded") throw new AlreadyTold();
  const unchanged = new Set(["same", "read", "discard", "read-replacement"]);
  const changed = Object.entries(changes).some(([op, amount]) => amount > 0 && !unchanged.has(op));
  if (flags.expectNoChanges !== true || operation === undefined || !changed) return;
  throw new CommandError(
    `no changes were expected for ${operation} but changes were proposed`,
    EXIT.changesNotExpected,
  );
}

/** @throws AlreadyTold unless the answer is yes. */
async function confirm({ kind, choice }: Operation, { details }: Outcome): Promise<void> {
  const question = {
    update: "Do you want to perform this update?",
    destroy: "Do you want to perform this destroy?",
    refresh:
      "Do you want to perform this refresh?\n" +
      "No resources will be modified as part of this refresh; just your stack's state will be.",
  }[kind];
  const accepted = await converse(async (ask) => {
    for (;;) {
      const answer = await ask(`${question} [yes/no${choice.diff ? "" : "/details"}] (no): `);
      if (answer === "details") process.stdout.write(details);
      else if (["yes", "no", ""].includes(answer)) return answer === "yes";
    }
  });
  if (accepted) return;
  process.stdout.write(`confirmation declined, not proceeding with the ${kind}\n`);
  throw new AlreadyTold();
}
