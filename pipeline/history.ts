/** `npm run history`: a stack's journal, newest first, and whether it can be trusted. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Entry } from "../provider/history/entry";
import { readJournal, tornFile } from "../provider/history/journal";
import { describeTraffic } from "../provider/rollout/analysis";
import { downtimeWords } from "../provider/rollout/words";
import { chooseEngine, stackOutputs } from "./engine";
import type { Say } from "./setup/step";
import { UserError } from "./user-error";
import { openWorkspace } from "./workspace";

export interface HistoryOptions {
  /** The entries as one JSON array. */
  readonly json?: boolean;
  /** How many of the newest entries. @default - all */
  readonly limit?: string;
}

/** The stack's journal, from the project's folder on: the DeploymentRecord's `history`. */
export function historyFile(stack: string): string {
  return `.slipway/history/${stack}.jsonl`;
}

/**
 * Tells a stack's history, newest entry first, and verifies it: the chain, and that it has the newest entry the state knows of.
 *
 * @param warn what must not stand among the entries: faults of the journal
 * @returns the exit code: 1 when the journal cannot be trusted
 * @throws UserError for a stack or a limit that is none
 */
export async function history(
  root: string,
  stack: string,
  options: HistoryOptions,
  say: Say,
  warn: Say,
): Promise<number> {
  refuseUnknown(root, stack);
  const limit = limitOf(options.limit);
  const file = join(root, historyFile(stack));
  const { entries, fault, torn } = await readJournal(file);

  const shown = entries.toReversed().slice(0, limit);
  if (options.json === true) say(JSON.stringify(shown, undefined, 2));
  else if (entries.length > 0) describe(shown).forEach(say);

  const faults = [fault?.message, await missingRecord(root, stack, entries)].filter(
    (message) => message !== undefined,
  );
  if (entries.length === 0 && faults.length === 0) {
    warn(`There is no history of ${stack} yet; its first deployment begins it (npm run up).`);
  }
  if (torn !== undefined) {
    warn(`The last line of ${file} was not written to its end: a crash, or an entry that is being written.`);
  }
  if (existsSync(tornFile(file))) warn(`What crashes left of unfinished lines is kept in ${tornFile(file)}.`);
  if (faults.length === 0) return 0;
  warn(`error: The history of ${stack} cannot be trusted. ${faults.join(" ")}`);
  warn(`Compare ${file} with a copy of it, and put the true one back; what is live is not touched by this.`);
  return 1;
}

function refuseUnknown(root: string, stack: string): void {
  const stacks = readdirSync(root).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.slice(1) ?? []);
  if (stacks.includes(stack)) return;
  throw new UserError(`There is no stack "${stack}"; there is: ${stacks.sort().join(", ")}.`);
}

function limitOf(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d*$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UserError(`--limit is "${text}"; it can be a whole number from 1 on.`);
}

const recordSchema = z.object({ record: z.object({ sequence: z.number(), hash: z.string() }) });

/** Says that the newest entry the stack's state knows of is not in the journal, or that nobody can know. */
async function missingRecord(
  root: string,
  stack: string,
  entries: readonly Entry[],
): Promise<string | undefined> {
  try {
    const workspace = openWorkspace(root, stack);
    if (!workspace.stackExists) return undefined;
    const outputs = recordSchema.safeParse(await stackOutputs(await chooseEngine(root), workspace));
    // A stack that was taken down, or never got that far.
    if (!outputs.success) return undefined;
    const { sequence, hash } = outputs.data.record;
    if (entries.some((entry) => entry.hash === hash)) return undefined;
    return `Entry ${sequence}, which the stack's state knows of (hash ${hash}), is not in it.`;
  } catch (error) {
    return `The stack's state, which knows the newest entry, cannot be read: ${(error as Error).message}`;
  }
}

const headings = ["#", "at", "action", "service", "version", "from", "strategy", "by", "reason"];

/** The entries as a table, each with what else it tells below it. */
function describe(entries: readonly Entry[]): string[] {
  const rows = entries.map((entry) =>
    [
      String(entry.sequence),
      entry.at.replace(/\.\d+Z$/, "Z"),
      entry.action,
      entry.service,
      entry.version,
      entry.from ?? "-",
      entry.strategy,
      entry.by,
      entry.reason === "" ? "-" : entry.reason,
    ].map(printable),
  );
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [
    line(headings),
    ...entries.flatMap((entry, index) => [line(rows[index] ?? []), ...details(entry).map(printable)]),
  ];
}

function details(entry: Entry): string[] {
  const { fault, steps, rollbackTarget, backup, migrations, featureFlags = {}, toggles = {} } = entry;
  const settings = [
    ...Object.entries(featureFlags).map(([name, on]) => `${name} ${on ? "on" : "off"}`),
    ...Object.entries(toggles).map(([name, value]) => `${name} ${value}`),
  ];
  return [
    ...(fault === undefined ? [] : [`    fault            ${fault}`]),
    ...steps.map(
      ({ weightPercent, seconds, verdict, target, stable, downtimeMilliseconds }) =>
        `    step             ${weightPercent} % for ${seconds} s: ${verdict}, ` +
        (downtimeMilliseconds === undefined
          ? describeTraffic(target, stable)
          : downtimeWords(downtimeMilliseconds)),
    ),
    ...(migrations?.expand ?? []).map((id) => `    migration        ${id} (expand)`),
    ...(migrations?.contract ?? []).map((id) => `    migration        ${id} (contract)`),
    ...(settings.length === 0 ? [] : [`    settings         ${settings.join(", ")}`]),
    ...(rollbackTarget === undefined ? [] : [`    rollback target  ${rollbackTarget}`]),
    ...(backup === undefined ? [] : [`    restore          ${backup.restoreCommand}`]),
  ];
}

/** On one line, whatever somebody wrote as a reason: nothing that a terminal would obey. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
