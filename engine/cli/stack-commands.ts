/** `stack …` and `cancel`. */
import fs from "node:fs";
import { text as readAll } from "node:stream/consumers";
import { configText, hasSecure } from "../project/config-value";
import { stackConfigPath } from "../project/stack-config";
import type { Stack } from "../state/stack";
import { CommandError, EXIT, stackNotFound } from "./errors";
import type { GlobalFlags } from "./program";
import { ask, confirmByName } from "./prompt";
import {
  isInteractive,
  loadStackConfig,
  openSession,
  requireStack,
  stackSecrets,
  type Session,
} from "./session";
import { outputsOf, outputsTable, outputText, readResources, resourceTree } from "./stack-view";
import { ago, json, table } from "./text-table";

const out = (text: string): void => void process.stdout.write(text);

interface ShowFlags extends GlobalFlags {
  showIds?: boolean;
  showUrns?: boolean;
  showSecrets?: boolean;
  showName?: boolean;
}

export async function show(flags: ShowFlags): Promise<void> {
  const session = openSession();
  const stack = requireStack(session, flags);
  if (flags.showName === true) return out(`${stack.name}\n`);
  const resources = await readResources(stack, flags.showSecrets === true);
  const { lastUpdate } = stack.summary();
  const updated =
    lastUpdate === undefined
      ? "No updates yet; run `pulumi up`"
      : `Last updated: ${ago(lastUpdate)} (${lastUpdate})`;
  out(`Current stack is ${stack.name}:\n    Managed by ${session.backend.url}\n    ${updated}\n`);
  out(`Current stack resources (${resources.length}):\n`);
  if (resources.length === 0) out("    No resources currently in this stack\n");
  else out(`${resourceTree(resources, flags)}\n${outputsTable(outputsOf(resources))}`);
  out("\nUse `pulumi stack select` to change stack; `pulumi stack ls` lists known ones\n");
}

interface InitFlags extends GlobalFlags {
  /** False with --no-select. */
  select: boolean;
  secretsProvider?: string;
}

export async function init(flags: InitFlags, argument: string | undefined): Promise<void> {
  const { secretsProvider = "passphrase" } = flags;
  if (secretsProvider !== "passphrase" && secretsProvider !== "default") {
    throw new CommandError(
      `--secrets-provider ${secretsProvider}: this engine has passphrase only`,
      EXIT.usage,
    );
  }
  const session = openSession();
  let name = oneName(flags, argument);
  if (name === undefined && isInteractive(flags)) name = (await ask("stack name (dev): ")) || "dev";
  if (name === undefined) throw new CommandError("missing stack name");
  await create(session, name, flags, flags.select);
}

export async function select(
  flags: GlobalFlags & { create?: boolean },
  argument: string | undefined,
): Promise<void> {
  const session = openSession();
  const name = oneName(flags, argument);
  if (name === undefined) {
    throw new CommandError("no stack selected; specify a stack name with --stack", EXIT.stackNotFound);
  }
  const stack = session.backend.reference(name, session.project.name);
  if (stack.exists) session.workspace.select(stack.fullName);
  else if (flags.create === true) await create(session, name, flags, true);
  else throw stackNotFound(name);
}

async function create(session: Session, name: string, flags: GlobalFlags, select: boolean): Promise<void> {
  const stack = session.backend.reference(name, session.project.name);
  if (stack.exists) throw new CommandError(`stack '${stack.fullName}' already exists`);
  const config = loadStackConfig(session, stack, flags);
  const { salt } = await stackSecrets(config);
  session.backend.create(stack.project, stack.name, salt);
  if (config.encryptionSalt === undefined) {
    config.encryptionSalt = salt;
    config.save();
  }
  if (select) session.workspace.select(stack.fullName);
  process.stderr.write(`Created stack '${stack.name}'\n`);
}

export function list(flags: GlobalFlags & { json?: boolean }): void {
  const { project, backend, workspace } = openSession();
  const current = process.env["PULUMI_STACK"] ?? workspace.selected;
  const stacks = backend.list(project.name).map((stack) => ({
    name: stack.name,
    current: current === stack.fullName || current === stack.name,
    ...stack.summary(),
  }));
  if (flags.json === true) {
    const entries = stacks.map(({ name, current, lastUpdate, resourceCount }) => ({
      ...{ name, current, ...(lastUpdate !== undefined && { lastUpdate }), resourceCount },
    }));
    return out(json(entries));
  }
  const rows = stacks.map(({ name, current, lastUpdate, resourceCount }) => [
    current ? `${name}*` : name,
    lastUpdate === undefined ? "n/a" : ago(lastUpdate),
    String(resourceCount),
  ]);
  out(table([["NAME", "LAST UPDATE", "RESOURCE COUNT"], ...rows]));
}

interface RemoveFlags extends GlobalFlags {
  yes?: boolean;
  force?: boolean;
  preserveConfig?: boolean;
}

export async function remove(flags: RemoveFlags, argument: string | undefined): Promise<void> {
  const { session, stack } = namedStack(flags, argument);
  const warning = `This will permanently remove the '${stack.name}' stack!`;
  await confirmByName(flags, flags.yes === true, warning, stack.name);
  stack.remove(flags.force === true);
  if (flags.preserveConfig !== true && stack.project === session.project.name) {
    fs.rmSync(stackConfigPath(session.project, stack.name), { force: true });
  }
  if (session.workspace.selected === stack.fullName) session.workspace.select(undefined);
  out(`Stack '${stack.name}' has been removed!\n`);
}

export async function output(
  flags: GlobalFlags & { json?: boolean; showSecrets?: boolean },
  name: string | undefined,
): Promise<void> {
  const stack = requireStack(openSession(), flags);
  const outputs = outputsOf(await readResources(stack, flags.showSecrets === true));
  if (name === undefined) return out(flags.json === true ? json(outputs) : outputsTable(outputs));
  const value = outputs[name];
  if (value === undefined) throw new CommandError(`current stack does not have output property '${name}'`);
  out(flags.json === true ? json(value) : `${outputText(value)}\n`);
}

export async function exportState(
  flags: GlobalFlags & { file?: string; showSecrets?: boolean },
): Promise<void> {
  const text = await requireStack(openSession(), flags).export(flags.showSecrets === true);
  if (flags.file === undefined) out(text);
  else fs.writeFileSync(flags.file, text, { mode: 0o600 });
}

export async function importState(flags: GlobalFlags & { file?: string; force?: boolean }): Promise<void> {
  const stack = requireStack(openSession(), flags);
  const text = flags.file === undefined ? await readAll(process.stdin) : fs.readFileSync(flags.file, "utf8");
  const dropped = await stack.import(text, flags.force === true);
  for (const urn of dropped)
    process.stderr.write(`warning: removing pending operation on '${urn}' from snapshot\n`);
  out("Import complete.\n");
}

interface HistoryFlags extends GlobalFlags {
  json?: boolean;
  showSecrets?: boolean;
  pageSize?: number;
  page?: number;
}

export async function history(flags: HistoryFlags): Promise<void> {
  const session = openSession();
  const stack = requireStack(session, flags);
  const { pageSize = 10, page = 1 } = flags;
  const updates = stack.history().slice((page - 1) * pageSize, page * pageSize);
  if (flags.json !== true) {
    return out(
      updates.length === 0 ? "Stack has never been updated\n" : updates.map(describeUpdate).join("\n"),
    );
  }
  const secrets =
    flags.showSecrets === true
      ? await stackSecrets(loadStackConfig(session, stack, flags), stack)
      : undefined;
  const entries = updates.map(({ startTime, endTime, config, ...update }) => ({
    version: 0,
    ...update,
    startTime: new Date(startTime * 1000).toISOString(),
    endTime: new Date(endTime * 1000).toISOString(),
    config: Object.fromEntries(
      Object.entries(config).map(([key, value]) => {
        const secret = hasSecure(value);
        return [key, { ...((!secret || secrets) && { value: configText(value, secrets) }), secret }];
      }),
    ),
  }));
  out(json(entries));
}

function describeUpdate(update: ReturnType<Stack["history"]>[number]): string {
  const { kind, result, message, startTime, endTime, resourceChanges } = update;
  const amount = (op: string): number => resourceChanges[op] ?? 0;
  return [
    `UpdateKind: ${kind}`,
    `Status: ${result}`,
    `Message: ${message}`,
    `+${amount("create")}-${amount("delete")}~${amount("update")} ${amount("same")}` +
      ` Updated ${ago(new Date(startTime * 1000).toISOString())} took ${endTime - startTime}s\n`,
  ].join("\n");
}

export async function cancel(
  flags: GlobalFlags & { yes?: boolean },
  argument: string | undefined,
): Promise<void> {
  const { stack } = namedStack(flags, argument);
  const warning = `This will irreversibly cancel the currently running update for '${stack.name}'!`;
  await confirmByName(flags, flags.yes === true || !isInteractive(flags), warning, stack.name);
  stack.cancel();
  out(`The currently running update for '${stack.name}' has been canceled!\n`);
}

function namedStack(flags: GlobalFlags, argument: string | undefined): { session: Session; stack: Stack } {
  const session = openSession();
  const name = oneName(flags, argument);
  return { session, stack: requireStack(session, { ...flags, ...(name !== undefined && { stack: name }) }) };
}

function oneName({ stack }: GlobalFlags, argument: string | undefined): string | undefined {
  if (stack !== undefined && argument !== undefined) {
    throw new CommandError("only one of --stack or argument stack name may be specified, not both");
  }
  return argument ?? stack;
}
