/** `config …`: the stack's configuration, with the project's defaults below it. */
import { text as readAll } from "node:stream/consumers";
import { configText, decrypted, hasSecure } from "../project/config-value";
import { getConfig, mergedConfig, removeConfig, setConfig } from "../project/config";
import type { StackConfig } from "../project/stack-config";
import type { PassphraseSecrets } from "../state/secrets";
import type { Stack } from "../state/stack";
import type { Value } from "../values";
import { CommandError, EXIT } from "./errors";
import type { GlobalFlags } from "./program";
import { ask, askSecretly } from "./prompt";
import {
  isInteractive,
  loadStackConfig,
  openSession,
  requireStack,
  stackSecrets,
  type Session,
} from "./session";
import { json, table } from "./text-table";

const out = (text: string): void => void process.stdout.write(text);

interface Opened {
  session: Session;
  stack: Stack;
  config: StackConfig;
}
function open(flags: GlobalFlags): Opened {
  const session = openSession();
  const stack = requireStack(session, flags);
  return { session, stack, config: loadStackConfig(session, stack, flags) };
}

export async function list(flags: GlobalFlags & { json?: boolean; showSecrets?: boolean }): Promise<void> {
  const { session, stack, config } = open(flags);
  const values = [...mergedConfig(session.project, config.values())].sort(([a], [b]) => (a < b ? -1 : 1));
  const anySecret = values.some(([, value]) => hasSecure(value));
  const secrets = flags.showSecrets === true && anySecret ? await stackSecrets(config, stack) : undefined;
  if (flags.json === true) {
    return out(json(Object.fromEntries(values.map(([key, value]) => [key, valueJson(value, secrets)]))));
  }
  const own = `${session.project.name}:`;
  const rows = values.map(([key, value]) => [
    key.startsWith(own) ? key.slice(own.length) : key,
    configText(value, secrets ?? { decrypt: () => "[secret]" }),
  ]);
  out(table([["KEY", "VALUE"], ...rows]));
}

export async function get(
  flags: GlobalFlags & { json?: boolean; path?: boolean },
  key: string,
): Promise<void> {
  const { session, stack, config } = open(flags);
  const value = getConfig(session.project, config, key, flags.path === true);
  if (value === undefined)
    throw new CommandError(`configuration key '${key}' not found for stack '${stack.name}'`);
  const secrets = hasSecure(value) ? await stackSecrets(config, stack) : undefined;
  out(flags.json === true ? json(valueJson(value, secrets)) : `${configText(value, secrets)}\n`);
}

/** A secret that is not to be shown has no value at all. */
function valueJson(value: Value, secrets: PassphraseSecrets | undefined): object {
  const secret = hasSecure(value);
  if (secret && !secrets) return { secret };
  const plain = decrypted(value, secrets);
  const object = typeof plain === "object" && plain !== null;
  return { value: configText(value, secrets), ...(object && { objectValue: plain }), secret };
}

interface SetFlags extends GlobalFlags {
  path?: boolean;
  secret?: boolean;
  plaintext?: boolean;
}

export async function set(flags: SetFlags, key: string, argument: string | undefined): Promise<void> {
  if (flags.secret === true && flags.plaintext === true) {
    throw new CommandError("only one of --secret and --plaintext can be given", EXIT.usage);
  }
  const { session, stack, config } = open(flags);
  const value = argument ?? (await readValue(flags));
  if (flags.secret !== true && flags.plaintext !== true && looksLikeSecret(key, value)) {
    throw new CommandError(
      `config value for '${key}' looks like a secret; ` +
        "rerun with --secret to encrypt it, or --plaintext if you meant to store in plaintext",
    );
  }
  const secrets = flags.secret === true ? await secretsToWrite(config, stack) : undefined;
  setConfig(session.project, config, key, value, flags.path === true, secrets);
  config.save();
}

interface SetAllFlags extends GlobalFlags {
  path?: boolean;
  secret?: string[];
  plaintext?: string[];
}

export async function setAll(flags: SetAllFlags): Promise<void> {
  const { session, stack, config } = open(flags);
  const { secret = [], plaintext = [], path = false } = flags;
  const secrets = secret.length > 0 ? await secretsToWrite(config, stack) : undefined;
  for (const pair of plaintext) setConfig(session.project, config, ...keyAndValue(pair), path);
  for (const pair of secret) setConfig(session.project, config, ...keyAndValue(pair), path, secrets);
  config.save();
}

function keyAndValue(pair: string): [key: string, value: string] {
  const equals = pair.indexOf("=");
  if (equals < 1) throw new CommandError("config value must be in the form [key]=[value]", EXIT.usage);
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}

export function remove(flags: GlobalFlags & { path?: boolean }, key: string): void {
  const { session, config } = open(flags);
  removeConfig(session.project, config, key, flags.path === true);
  config.save();
}

async function secretsToWrite(config: StackConfig, stack: Stack): Promise<PassphraseSecrets> {
  const secrets = await stackSecrets(config, stack);
  config.encryptionSalt ??= secrets.salt;
  return secrets;
}

async function readValue(flags: SetFlags): Promise<string> {
  if (!process.stdin.isTTY) return (await readAll(process.stdin)).replace(/\r?\n$/, "");
  if (!isInteractive(flags)) throw new CommandError("config value must be specified in non-interactive mode");
  return flags.secret === true ? askSecretly("value: ") : ask("value: ");
}

/** A name that says so, and a value that is no mere word. */
const looksLikeSecret = (key: string, value: string): boolean =>
  /pass|pwd|secret|token/i.test(key) && value.length >= 8 && /[^a-z]/i.test(value);
