/** Runs rules as the SDK does: properties behind its proxy, which throws where a value is not known. */
import {
  unknownCheckingProxy,
  type PolicyResource,
  type ResourceValidationArgs,
  type StackValidationArgs,
} from "@pulumi/policy";
import type { Rule } from "../../policy/rule";

/** What the engine sends for a text that only the update will know. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface TestResource {
  readonly type: string;
  readonly name: string;
  readonly props: Record<string, unknown>;
}

export interface Circumstances {
  readonly config?: Record<string, unknown>;
  readonly additionalSecretOutputs?: string[];
  readonly protect?: boolean;
}

export const notApplicable = "not applicable";
class NotApplicable extends Error {}

export function urnOf({ type, name }: TestResource): string {
  return `urn:pulumi:local::slipway::${type}::${name}`;
}

export function argumentsFor(
  resource: TestResource,
  circumstances: Circumstances = {},
): ResourceValidationArgs {
  const props = unknownCheckingProxy(resource.props);
  return {
    type: resource.type,
    name: resource.name,
    urn: urnOf(resource),
    props,
    opts: {
      protect: circumstances.protect ?? false,
      ignoreChanges: [],
      aliases: [],
      customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
      additionalSecretOutputs: circumstances.additionalSecretOutputs ?? [],
    },
    stackTags: new Map(),
    isType: (cls) => typeOf(cls) === resource.type,
    asType: <Args>(cls: object) => (typeOf(cls) === resource.type ? (props as Args) : undefined),
    getConfig: <T extends object>() => (circumstances.config ?? {}) as T,
    notApplicable: () => {
      throw new NotApplicable();
    },
  };
}

/** What is reported at a level of its own comes as an object: "<level>: <message>", without the description before it. */
function textOf(reported: unknown): string {
  if (typeof reported === "string") return reported;
  const { message, enforcementLevel } = reported as { message: string; enforcementLevel: string };
  return `${enforcementLevel}: ${message.slice(message.indexOf("\n") + 1)}`;
}

function urnIn(reported: unknown): string {
  return (reported as { urn?: string }).urn ?? "";
}

/** The messages of a rule about one resource, or `notApplicable` when it is none of the rule's business. */
export async function judge(
  rule: Rule,
  resource: TestResource,
  circumstances?: Circumstances,
): Promise<string[] | typeof notApplicable> {
  if (!("validateResource" in rule) || rule.validateResource === undefined)
    throw new Error(`${rule.name} judges no resource`);
  const messages: string[] = [];
  const validations = [rule.validateResource].flat();
  let applied = 0;
  for (const validate of validations) {
    try {
      await validate(argumentsFor(resource, circumstances), (message) => messages.push(textOf(message)));
      applied++;
    } catch (error) {
      if (!(error instanceof NotApplicable)) throw error;
    }
  }
  return applied === 0 ? notApplicable : messages;
}

export type StackResource = TestResource & {
  readonly uses?: Readonly<Record<string, TestResource>>;
  readonly dependsOn?: readonly TestResource[];
};

/** The messages of a rule about a whole stack, each with the name of the resource it is about. */
export async function judgeStack(
  rule: Rule,
  resources: readonly StackResource[],
  config: Record<string, unknown> = {},
): Promise<[name: string, message: string][]> {
  if (!("validateStack" in rule)) throw new Error(`${rule.name} judges no stack`);
  const made = new Map<TestResource, PolicyResource>();
  for (const resource of resources) {
    made.set(resource, {
      ...argumentsFor(resource),
      dependencies: (resource.dependsOn ?? []).flatMap((one) => made.get(one) ?? []),
      propertyDependencies: Object.fromEntries(
        Object.entries(resource.uses ?? {}).map(([key, used]) => [
          key,
          [made.get(used)].filter((one) => one !== undefined),
        ]),
      ),
    });
  }
  const found: [string, string][] = [];
  const args: StackValidationArgs = {
    resources: [...made.values()],
    stackTags: new Map(),
    getConfig: <T extends object>() => config as T,
    notApplicable: () => {
      throw new NotApplicable();
    },
  };
  await rule.validateStack(args, (message, urn) =>
    found.push([(urn ?? urnIn(message)).split("::").at(-1) ?? "", textOf(message)]),
  );
  return found;
}

function typeOf(cls: object): unknown {
  return (cls as { __pulumiType?: unknown }).__pulumiType;
}

/** What a rule makes of a resource's properties before they are judged; undefined when it leaves them. */
export async function remediate(
  rule: Rule,
  resource: TestResource,
): Promise<Record<string, unknown> | undefined> {
  if (!("remediateResource" in rule) || rule.remediateResource === undefined)
    throw new Error(`${rule.name} remediates nothing`);
  const answer = await rule.remediateResource(argumentsFor({ ...resource, props: { ...resource.props } }));
  return answer ? structuredClone(plain(answer)) : undefined;
}

/** What is behind the SDK's proxy. */
function plain(props: Record<string, unknown>): Record<string, unknown> {
  return props["__isSpecialProxy"] === true
    ? (props["__getSpecialProxyTarget"] as Record<string, unknown>)
    : props;
}
