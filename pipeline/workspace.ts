/** Where commands keep what they leave: everything in `.slipway`, which git ignores. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { UserError } from "./user-error";

export interface Workspace {
  readonly root: string;
  readonly stack: string;
  /** The copy of Pulumi.<stack>.yaml in which the engine keeps this machine's encryption salt. */
  readonly configFile: string;
  /** What the engine needs to know, beside this process's own environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** True when the stack has state already. */
  readonly stackExists: boolean;
}

/** Configuration for one update only, over the tracked one: keys without the namespace. */
export type Settings = Readonly<Record<string, boolean | string>>;

/** The stacks that there are: one for each Pulumi.<stack>.yaml. */
export function stackNames(root: string): string[] {
  const names = readdirSync(root).flatMap((file) => /^Pulumi\.([a-z]+)\.yaml$/.exec(file)?.[1] ?? []);
  return names.sort();
}

/** Takes the stack's name off the front of a command's arguments. @throws UserError for a name that no stack has */
export function takeStack(root: string, args: readonly string[]): { stack: string; rest: readonly string[] } {
  const [first] = args;
  if (first === undefined || first.startsWith("-")) return { stack: "local", rest: args };
  return { stack: knownStack(root, first), rest: args.slice(1) };
}

/** @throws UserError for a name that no stack has */
export function knownStack(root: string, stack: string): string {
  if (stackNames(root).includes(stack)) return stack;
  throw new UserError(`There is no stack "${stack}"; there are: ${stackNames(root).join(", ")}.`);
}

/**
 * Prepares a stack on AWS: a copy of its configuration with these settings. Its state is where the engine keeps it (the project's backend,
 * PULUMI_BACKEND_URL or `pulumi login`), its secrets are encrypted by KMS; neither is this machine's.
 */
export function openCloudWorkspace(
  root: string,
  stack: string,
  settings: Settings = {},
  reason: string | undefined = undefined,
): Workspace {
  const folder = join(root, ".slipway");
  mkdirSync(folder, { recursive: true });
  const environment = { PULUMI_SKIP_UPDATE_CHECK: "true", ...who(root, reason) };
  return {
    ...{ root, stack, environment, stackExists: true },
    configFile: copyConfig(root, folder, stack, settings),
  };
}

/**
 * Prepares `.slipway` for a stack on this machine: state backend, passphrase (made once, readable by its owner only), configuration.
 *
 * A passphrase that the environment gives is used instead.
 *
 * @param reason why, for the history of deployments
 * @throws UserError when there is state but the passphrase that opens it is gone
 */
export function openWorkspace(
  root: string,
  stack: string,
  settings: Settings = {},
  reason: string | undefined = undefined,
): Workspace {
  const folder = join(root, ".slipway");
  const state = join(folder, "state");
  mkdirSync(state, { recursive: true });
  const stackExists = existsSync(join(state, ".pulumi/stacks/slipway", `${stack}.json`));
  const environment = {
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...who(root, reason),
    ...passphrase(join(folder, "passphrase"), stackExists),
  };
  return { root, stack, configFile: copyConfig(root, folder, stack, settings), environment, stackExists };
}

/**
 * Runs what makes the stack, and keeps the encryption salt that it writes into Pulumi.<stack>.yaml out of that tracked file: the salt
 * differs from machine to machine.
 */
export async function keepingConfig(
  { root, stack, configFile }: Workspace,
  make: () => Promise<void>,
): Promise<void> {
  const tracked = join(root, `Pulumi.${stack}.yaml`);
  const before = readFileSync(tracked);
  try {
    await make();
    copyFileSync(tracked, configFile);
  } finally {
    writeFileSync(tracked, before);
  }
}

function passphrase(file: string, stackExists: boolean): Record<string, string> {
  const { PULUMI_CONFIG_PASSPHRASE: text, PULUMI_CONFIG_PASSPHRASE_FILE: given } = process.env;
  if (text !== undefined || given !== undefined) return {};
  if (!existsSync(file)) {
    if (stackExists) {
      throw new UserError(
        `The stack's secrets are encrypted, and the passphrase that opens them is not there: ${file} is missing. ` +
          "Put the file back, or set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE. Nothing was touched.",
      );
    }
    writeFileSync(file, randomBytes(32).toString("base64url"), { mode: 0o600, flag: "wx" });
  }
  return { PULUMI_CONFIG_PASSPHRASE_FILE: file };
}

function who(root: string, reason: string | undefined): Record<string, string> {
  return { SLIPWAY_ACTOR: actor(root), ...(reason === undefined ? {} : { SLIPWAY_REASON: reason }) };
}

/** Who deploys: what CI or git calls them. Empty where nobody says; then it is the user of the operating system. */
function actor(root: string): string {
  const { SLIPWAY_ACTOR: named, GITHUB_ACTOR: onGitHub } = process.env;
  const email = (): string => {
    const { stdout } = spawnSync("git", ["config", "user.email"], { cwd: root, encoding: "utf8" });
    return stdout.trim();
  };
  return named ?? onGitHub ?? email();
}

/** The tracked file's copy, with these settings, and the salt that an earlier copy has. */
function copyConfig(root: string, folder: string, stack: string, settings: Settings): string {
  const name = `Pulumi.${stack}.yaml`;
  const copy = join(folder, name);
  const document = parseDocument(readFileSync(join(root, name), "utf8"));
  if (!document.has("encryptionsalt") && existsSync(copy)) {
    const salt: unknown = parseDocument(readFileSync(copy, "utf8")).get("encryptionsalt");
    if (typeof salt === "string") document.set("encryptionsalt", salt);
  }
  for (const [key, value] of Object.entries(settings)) document.setIn(["config", `slipway:${key}`], value);
  writeFileSync(copy, document.toString());
  return copy;
}
