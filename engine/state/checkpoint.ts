/** The state file: Pulumi's checkpoint, version 3, and 4 when newer features are in use (sdk/go/common/apitype/core.go). */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { PendingOperationType } from "../model";
import type { StoredResource } from "./serialize";

/** What a stack's state is: `deployment` of `stack export`, `checkpoint.latest` of the file. Never changed in place. */
export interface StoredState {
  /** `v1:<salt>:<check>`; absent when the stack never had secrets. */
  salt?: string;
  resources: StoredResource[];
  pendingOperations: { resource: StoredResource; type: PendingOperationType }[];
  /** Fields of the deployment that are carried along as they are (metadata). */
  rest: Record<string, unknown>;
}

/** Features of version 4 that this engine keeps to, each with how a resource shows that it uses it. */
const FEATURES: [name: string, uses: (resource: StoredResource) => boolean][] = [
  ["hooks", ({ resourceHooks = {} }) => Object.keys(resourceHooks).length > 0],
  ["refreshBeforeUpdate", ({ refreshBeforeUpdate }) => refreshBeforeUpdate === true],
  ["replaceWith", ({ replaceWith = [] }) => replaceWith.length > 0],
  ["taint", ({ taint }) => taint === true],
];
const KNOWN_FEATURES = new Set([...FEATURES.map(([name]) => name), "byteString"]);

const urns = z.array(z.string()).nullish();
const resource = z.looseObject({
  urn: z.string().min(1),
  type: z.string().min(1),
  custom: z.boolean().optional(),
  id: z.string().optional(),
  parent: z.string().optional(),
  provider: z.string().optional(),
  dependencies: urns,
  propertyDependencies: z.record(z.string(), urns).nullish(),
  delete: z.boolean().optional(),
});
const operation = z.looseObject({
  resource,
  type: z.enum(["creating", "updating", "deleting", "reading", "importing"]),
});
const deployment = z.looseObject({
  manifest: z.looseObject({ magic: z.string().optional(), version: z.string().optional() }).nullish(),
  secrets_providers: z.looseObject({ type: z.string(), state: z.unknown().optional() }).nullish(),
  resources: z.array(resource).nullish(),
  pending_operations: z.array(operation).nullish(),
});
const versioned = z.looseObject({ version: z.int(), features: z.array(z.string()).nullish() });
const checkpoint = versioned.extend({
  checkpoint: z.looseObject({ stack: z.string().optional(), latest: z.unknown().optional() }),
});
const exported = versioned.extend({ deployment: z.unknown().optional() });

/**
 * Reads the text of a state file.
 * @param stack full name `organization/<project>/<stack>` that it must be of.
 * @throws Error that says what is wrong, without naming the file.
 */
export function parseCheckpoint(text: string, stack: string): StoredState {
  const content = check(checkpoint, parseJson(text));
  checkVersion(content.version, content.features ?? []);
  const found = content.checkpoint.stack;
  if (found?.includes("/") && found !== stack) {
    throw new Error(`it holds the state of stack '${found}', not of '${stack}'`);
  }
  return parseDeployment(content.checkpoint.latest, stack);
}

/**
 * Reads the text that `stack export` writes, with or without `--show-secrets`.
 * @throws Error that says what is wrong.
 */
export function parseExport(text: string, stack: string): StoredState {
  const content = check(exported, parseJson(text));
  checkVersion(content.version, content.features ?? []);
  return parseDeployment(content.deployment, stack);
}

function parseDeployment(latest: unknown, stack: string): StoredState {
  if (latest === undefined || latest === null) return { resources: [], pendingOperations: [], rest: {} };
  const {
    manifest,
    secrets_providers: secrets,
    resources,
    pending_operations,
    ...rest
  } = check(deployment, latest);
  const magic = manifest?.version ? createHash("sha256").update(manifest.version).digest("hex") : "";
  if (manifest && (manifest.magic ?? "") !== magic) {
    throw new Error("magic cookie mismatch: possible tampering/corruption detected");
  }
  const [, project, name] = stack.split("/");
  for (const resource of resources ?? []) {
    if (!resource.urn.startsWith(`urn:pulumi:${name}::${project}::`)) {
      throw new Error(`resource '${resource.urn}' is from a different stack than '${stack}'`);
    }
    resource.custom ??= false;
  }
  return {
    ...(secrets ? { salt: saltOf(secrets) } : {}),
    resources: (resources ?? []) as StoredResource[],
    pendingOperations: (pending_operations ?? []) as StoredState["pendingOperations"],
    rest,
  };
}

function saltOf(secrets: { type: string; state?: unknown }): string {
  const state = z.object({ salt: z.string() }).safeParse(secrets.state);
  if (secrets.type === "passphrase" && state.success) return state.data.salt;
  throw new Error(
    `its secrets provider is '${secrets.type}', but only 'passphrase' is supported; use the Pulumi CLI for this stack`,
  );
}

function checkVersion(version: number, features: string[]): void {
  if (version !== 3 && version !== 4) {
    throw new Error(`its version is ${version}, but this engine understands 3 and 4 only`);
  }
  const unknown = version === 3 ? [] : features.filter((feature) => !KNOWN_FEATURES.has(feature));
  if (unknown.length === 0) return;
  throw new Error(
    `it uses features that are not supported: ${unknown.join(", ")}; use the Pulumi CLI for this stack`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const truncated = text.trim() === "" || /end of|Unterminated/.test((error as Error).message);
    throw new Error(truncated ? "it is truncated: the JSON ends in the middle" : "it is not JSON", {
      cause: error,
    });
  }
}

/** The content itself, not zod's copy of it: fields stay in their order. */
function check<T>(schema: z.ZodType<T>, content: unknown): T {
  const parsed = schema.safeParse(content);
  if (parsed.success) return content as T;
  const [issue] = parsed.error.issues;
  throw new Error(`it is not a Pulumi state: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

/** The text of a state file: compact, as the CLI writes it. */
export function formatCheckpoint(state: StoredState, stack: string): string {
  return JSON.stringify({ ...versionOf(state), checkpoint: { stack, latest: deploymentOf(state) } });
}

/** What `stack export` prints: four spaces deep. */
export function formatExport(state: StoredState): string {
  return JSON.stringify({ ...versionOf(state), deployment: deploymentOf(state) }, undefined, 4) + "\n";
}

function versionOf({ resources, pendingOperations }: StoredState): { version: number; features?: string[] } {
  const all = [...resources, ...pendingOperations.map((operation) => operation.resource)];
  const features = FEATURES.filter(([, uses]) => all.some(uses)).map(([name]) => name);
  return features.length === 0 ? { version: 3 } : { version: 4, features };
}

function deploymentOf({ salt, resources, pendingOperations, rest }: StoredState): Record<string, unknown> {
  return {
    // The engine has no version in Pulumi's sense, and the magic of none is "".
    manifest: { time: new Date().toISOString(), magic: "", version: "" },
    ...(salt === undefined ? {} : { secrets_providers: { type: "passphrase", state: { salt } } }),
    ...(resources.length === 0 ? {} : { resources }),
    ...(pendingOperations.length === 0 ? {} : { pending_operations: pendingOperations }),
    metadata: {},
    ...rest,
  };
}
