/** What a stack on AWS declares, under mocks: exact and the same on every machine. */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { cloudStack } from "../../stacks/cloud";
import type { CloudEnvironment } from "../../stacks/environments";
import { noMemory, type StackMemory } from "../../stacks/target";
import { valuesOf } from "./config-values";

export interface Planned {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Scenario {
  readonly values?: Readonly<Record<string, string>>;
  readonly memory?: StackMemory;
  /** What staging's stack answers. @default - there is no such stack */
  readonly staging?: Readonly<Record<string, unknown>>;
  /** Is told each resource's type as it is declared. */
  readonly declared?: (type: string) => void;
}

/** Declares the stack and answers its resources in order of name and type. */
export async function planOf(environment: CloudEnvironment, scenario: Scenario = {}): Promise<Planned[]> {
  const planned: Planned[] = [];
  const { staging } = scenario;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        scenario.declared?.(type);
        planned.push({ type, name, inputs: inputs as Record<string, unknown> });
        return {
          id: id === undefined || id === "" ? `<${name}.id>` : id,
          state: { ...outputsOf(type, name, staging), ...(inputs as object) },
        };
      },
      call: ({ token, inputs }) => {
        if (token === "aws:ecs/getService:getService")
          return { ...(inputs as object), taskDefinition: "<sample-task.arn>", deployments: [] };
        if (token === "pulumi:pulumi:readStackOutputs" && staging !== undefined) return { outputs: staging };
        // As gRPC has it: the SDK looks at the details alone.
        throw Object.assign(new Error(token), { details: `unknown stack, or function: ${token}` });
      },
    },
    "slipway",
    environment,
    // As in a preview, nothing that only an update may do happens.
    true,
  );
  let fault: unknown;
  await pulumi.runtime.runInPulumiStack(async () => {
    try {
      return await cloudStack(
        environment,
        environment === "production" ? "staging" : undefined,
      )({
        ...{ organization: "organization", project: "slipway", root: resolve(".") },
        values: scenario.values ?? valuesOf(environment),
        isSecret: () => false,
        recall: async () => scenario.memory ?? noMemory,
      });
    } catch (error) {
      fault = error;
      return {};
    }
  });
  await pulumi.runtime.disconnect();
  if (fault !== undefined) throw fault as Error;
  return planned.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const tracked: Partial<Record<CloudEnvironment, Promise<Planned[]>>> = {};

/** The plan of the tracked configuration, nothing being there yet; made once. */
export function trackedPlan(environment: CloudEnvironment): Promise<Planned[]> {
  return (tracked[environment] ??= planOf(environment));
}

export const keyOf = ({ name, type }: Planned): string => `${name} ${type}`;

/** What only the real providers would add, made of the name. */
function outputsOf(type: string, name: string, staging: Scenario["staging"]): Record<string, unknown> {
  if (type === "pulumi:pulumi:StackReference") return { outputs: staging ?? {} };
  const validation = { resourceRecordName: "_x.", resourceRecordType: "CNAME", resourceRecordValue: "_y." };
  return {
    ...{
      arn: `<${name}.arn>`,
      arnSuffix: `<${name}.suffix>`,
      dnsName: `<${name}.dns>`,
      uuid: `<${name}.uuid>`,
    },
    ...{ address: `<${name}.address>`, publicIp: `<${name}.ip>`, prefixListId: `<${name}.prefixes>` },
    ...{ repositoryUrl: `<${name}.url>`, keyId: `<${name}.key>`, result: `<${name}.result>` },
    ...{ primaryEndpointAddress: `<${name}.primary>`, reachedAt: `<${name}.time>` },
    ...(type === "aws:acm/certificate:Certificate" ? { domainValidationOptions: [validation] } : {}),
    ...(type === "aws:rds/instance:Instance"
      ? { masterUserSecrets: [{ secretArn: `<${name}.secret>` }] }
      : {}),
  };
}

/** A plan as text, a line for each input: what a review reads. What is code's or this commit's is there by a word. */
export function planText(plan: readonly Planned[]): string {
  const blocks = plan
    .filter(({ type }) => type.split(":").length === 3 && !type.startsWith("slipway:"))
    .map(({ name, type, inputs }) =>
      [
        `${name} ${type}`,
        ...Object.keys(inputs)
          .sort()
          .map((key) => `  ${key}: ${valueText(inputs[key])}`),
      ].join("\n"),
    );
  return `${blocks.join("\n")}\n`;
}

export function valueText(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (typeof value === "string") return shortened(value);
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

/** JSON is shown as such. */
function shortened(text: string): unknown {
  if (/^[[{]/.test(text)) {
    try {
      return sorted(JSON.parse(text));
    } catch {
      // No JSON, then.
    }
  }
  if (/^[0-9a-f]{40}$/.test(text)) return "<commit>";
  // Code, and what is named by its hash, has reviews and tests of its own.
  if (text.length > 300) return "<code>";
  return text.replace(/^(?=.*[a-f])[0-9a-f]{12}$|[0-9a-f]{16}(?=\.zip$)/, "<hash>");
}

/** Where the reviewed plan of an environment is. */
export const goldenFile = (environment: CloudEnvironment): string => `tests/stacks/golden/${environment}.txt`;
