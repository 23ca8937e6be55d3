/** How a display is set up; the command line fills it in. */
import type { Colors } from "picocolors/types";
import type { StepEvent, Urn } from "../../model";
import { STACK_TYPE, typeOf } from "../../deploy/urn";
import type { PrintOptions } from "./property-printer";

export type UpdateKind = "update" | "refresh" | "destroy";

export interface DisplayOptions {
  kind: UpdateKind;
  preview: boolean;
  stackUrn: Urn;
  colors: Colors;
  /** Unchanged resources get a row too. */
  showSames: boolean;
  showSecrets: boolean;
  suppressOutputs: boolean;
  /** Replaces known secrets inside a text. */
  mask: (text: string) => string;
  /** Milliseconds. */
  now: () => number;
  out: (text: string) => void;
  err: (text: string) => void;
}

const DOING = { update: "Updating", refresh: "Refreshing", destroy: "Destroying" };
/** `Previewing update`, `Updating` … */
export const actionLabel = ({ kind, preview }: Pick<DisplayOptions, "kind" | "preview">): string =>
  preview ? `Previewing ${kind}` : DOING[kind];

export const printOptions = (options: DisplayOptions, truncate: boolean): PrintOptions => ({
  colors: options.colors,
  mask: options.mask,
  showSecrets: options.showSecrets,
  truncate,
});

/** `docker:index/container:Container` is shown as `docker:index:Container`. */
export function displayType(urn: Urn): string {
  const type = typeOf(urn);
  const [, packageName, module, member, name] = /^([^:]+):([^:]+)\/([^:/]+):([^:]+)$/.exec(type) ?? [];
  const repeats = name !== undefined && name.charAt(0).toLowerCase() + name.slice(1) === member;
  return repeats ? `${packageName}:${module}:${name}` : type;
}

/** Unchanged resources are left out unless asked for, or unless their protection changed. */
export function isShown(step: StepEvent, showSames: boolean): boolean {
  if (step.op !== "same" || showSames || step.type === STACK_TYPE) return true;
  return (step.old?.protect ?? false) !== (step.new?.protect ?? false);
}

/** `1 error`, `2 errors`. */
export const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? "" : "s"}`;
