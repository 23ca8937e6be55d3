/** Engine events of a small stack, for the display tests. */
import { createColors } from "picocolors";
import type { DisplayOptions } from "../../../../engine/cli/display/options";
import type { EngineEvent, ResourceState, StepEvent, StepOp } from "../../../../engine/model";
import { makeSecret, type Properties } from "../../../../engine/values";

export const STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev";
export const urn = (type: string, name: string): string => `urn:pulumi:dev::shop::${type}::${name}`;
export const CANARY = "canary-7f3a";
export const secret = makeSecret(CANARY);

export function state(
  type: string,
  name: string,
  inputs: Properties,
  more: Partial<ResourceState> = {},
): ResourceState {
  const isStack = type === "pulumi:pulumi:Stack";
  return {
    urn: isStack ? STACK : urn(type, name),
    type,
    custom: !isStack,
    inputs,
    ...(isStack ? {} : { parent: STACK, id: `id-${name}` }),
    ...more,
  };
}
export const stackState = (outputs: Properties): ResourceState =>
  state("pulumi:pulumi:Stack", "shop-dev", {}, { outputs });

export function step(
  op: StepOp,
  before: ResourceState | undefined,
  after: ResourceState | undefined,
  more: Partial<StepEvent> = {},
): StepEvent {
  const resource = after ?? before;
  if (!resource) throw new Error("a step needs a resource");
  return {
    op,
    urn: resource.urn,
    type: resource.type,
    ...(before && { old: before }),
    ...(after && { new: after }),
    logical: true,
    provider: "",
    internal: false,
    ...more,
  };
}

/** Before and after, as one deployment tells it. */
export const did = (event: StepEvent, durationMs = 40, planning = false): EngineEvent[] => [
  { kind: "resource-pre", step: event, planning },
  { kind: "resource-outputs", step: event, planning, durationMs },
];

export const summary = (
  changes: Partial<Record<StepOp, number>>,
  more: Partial<Extract<EngineEvent, { kind: "summary" }>> = {},
): EngineEvent => ({
  kind: "summary",
  preview: false,
  durationMs: 2100,
  changes,
  policyPacks: {},
  result: "succeeded",
  ...more,
});

/** Options that record what is written; `text()` is all of it. */
export function recorder(more: Partial<DisplayOptions> = {}): DisplayOptions & { text: () => string } {
  let written = "";
  const write = (text: string): void => void (written += text);
  return {
    kind: "update",
    preview: false,
    stackUrn: STACK,
    colors: createColors(false),
    showSames: false,
    showSecrets: false,
    suppressOutputs: false,
    mask: (text) => text.replaceAll(CANARY, "[secret]"),
    now: () => 0,
    out: write,
    err: (text) => write(`stderr: ${text}`),
    text: () => written,
    ...more,
  };
}
