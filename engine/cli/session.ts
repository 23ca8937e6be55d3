/** What every command works on: the project around the current folder, the backend, the stack that is meant. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createColors } from "picocolors";
import type { Colors } from "picocolors/types";
import { findProject, loadProject, type Project } from "../project/project";
import { StackConfig, stackConfigPath } from "../project/stack-config";
import { FileBackend } from "../state/backend";
import { openSecrets, type PassphraseSecrets } from "../state/secrets";
import type { Stack } from "../state/stack";
import { Workspace } from "../state/workspace";
import { CommandError, EXIT, stackNotFound } from "./errors";
import type { GlobalFlags } from "./program";

export interface Session {
  project: Project;
  backend: FileBackend;
  workspace: Workspace;
}

/**
 * @param planOnly a preview, which can do without a backend
 * @throws Error without a project, or without a backend of files
 */
export function openSession(planOnly = false): Session {
  const project = loadProject(findProject(process.cwd()));
  const backend = new FileBackend(planOnly ? planningUrl(project) : backendUrl(project));
  return { project, backend, workspace: new Workspace(project.name, project.file, backend.url) };
}

/**
 * The stack of `--stack`, PULUMI_STACK or the selection.
 *
 * @param planOnly a preview, which can do without a state where the stack has a configuration
 * @throws CommandError when none is meant, or it is not there
 */
export function requireStack(session: Session, flags: GlobalFlags, planOnly = false): Stack {
  const { stack: named, configFile } = flags;
  const name = named ?? process.env["PULUMI_STACK"] ?? session.workspace.selected;
  if (name === undefined || name === "") {
    throw new CommandError(
      "no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one",
    );
  }
  const stack = session.backend.reference(name, session.project.name);
  if (stack.exists) return stack;
  if (planOnly && fs.existsSync(stackConfigPath(session.project, stack.name, configFile))) return stack;
  throw stackNotFound(name);
}

/** @param planOnly a preview, for which secrets of another provider than the passphrase are unknown */
export function loadStackConfig(
  session: Session,
  stack: Stack,
  flags: GlobalFlags,
  planOnly = false,
): StackConfig {
  return StackConfig.load(
    stackConfigPath(session.project, stack.name, flags.configFile),
    session.project.name,
    planOnly,
  );
}

/** The key of the stack's secrets; without a stack, of one to be made. @throws CommandError when the passphrase is missing or wrong. */
export async function stackSecrets(config: StackConfig, stack?: Stack): Promise<PassphraseSecrets> {
  try {
    return await openSecrets({ config: config.encryptionSalt, state: stack?.salt() });
  } catch (error) {
    throw new CommandError(
      `getting stack configuration: get stack secrets manager: ${(error as Error).message}`,
    );
  }
}

/** A preview needs no state; where the backend is none of files, or there is none, it plans as if nothing were there. */
function planningUrl(project: Project): string {
  const url = process.env["PULUMI_BACKEND_URL"] || project.backendUrl || readCredentials().current;
  return url?.startsWith("file://") === true ? url : "file:///nonexistent";
}

/** PULUMI_BACKEND_URL, else the project's, else what `login` chose. @throws CommandError when there is none. */
export function backendUrl(project: Project | undefined): string {
  const url = process.env["PULUMI_BACKEND_URL"] || project?.backendUrl || readCredentials().current;
  if (url) return url;
  throw new CommandError(
    "there is no backend: this engine keeps state in files only; set PULUMI_BACKEND_URL to file://<folder>, " +
      "or choose one with `pulumi login file://<folder>`",
  );
}

interface Credentials {
  current?: string;
  [field: string]: unknown;
}
const credentialsFile = (): string =>
  path.join(process.env["PULUMI_HOME"] ?? path.join(os.homedir(), ".pulumi"), "credentials.json");

/** The CLI's own file. */
export function readCredentials(): Credentials {
  const file = credentialsFile();
  if (!fs.existsSync(file)) return {};
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")) as Credentials;
  } catch {
    throw new CommandError(
      `the file ${file}, which says what backend is used, is damaged; remove it and log in again`,
    );
  }
}

export function writeCredentials(credentials: Credentials): void {
  const file = credentialsFile();
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  fs.writeFileSync(file, JSON.stringify(credentials, undefined, 4), { mode: 0o600 });
}

/** `--cwd` takes effect here. */
export function enterFolder({ cwd }: Pick<GlobalFlags, "cwd">): void {
  if (cwd === undefined) return;
  try {
    process.chdir(cwd);
  } catch (error) {
    throw new CommandError(`--cwd ${cwd}: ${(error as Error).message}`, EXIT.usage);
  }
}

/** True when somebody is there to answer, and to watch. */
export const isInteractive = ({ nonInteractive }: GlobalFlags): boolean =>
  nonInteractive !== true && process.stdin.isTTY && process.stdout.isTTY && !process.env["CI"];

export function colorsOf({ color }: GlobalFlags): Colors {
  const wanted = process.stdout.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
  return createColors(color === "always" || (color === "auto" && wanted));
}
