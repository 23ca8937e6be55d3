/** Engine events as the JSON lines of `--json` and `--event-log` (sdk/go/common/apitype/events.go). Secrets are blinded for good. */
import type { EngineEvent, ResourceState, StepEvent } from "../../model";
import { serializeValue } from "../../state/serialize";
import type { Properties, Value } from "../../values";
import type { Display } from "./display";

export interface JsonOptions {
  mask: (text: string) => string;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** One line for each event that is for others' eyes: a debug message may quote anything, so there is none for it. */
export class EventLines implements Display {
  private sequence = 0;

  constructor(
    private readonly options: JsonOptions,
    private readonly write: (line: string) => void,
    /** Default providers too. */
    private readonly internal: boolean,
  ) {}

  event(event: EngineEvent): void {
    if (event.kind === "diagnostic" && event.severity === "debug") return;
    // Whoever follows both outputs finds the same numbers.
    const sequence = this.sequence++;
    if ("step" in event && event.step.internal && !this.internal) return;
    this.line(sequence, eventJson(event, this.options.mask));
  }

  end(): void {
    this.line(this.sequence++, { cancelEvent: {} });
  }

  private line(sequence: number, fields: object): void {
    const timestamp = Math.floor(this.options.now() / 1000);
    this.write(`${JSON.stringify({ sequence, timestamp, ...fields })}\n`);
  }
}

function eventJson(event: EngineEvent, mask: JsonOptions["mask"]): object {
  const color = "never";
  switch (event.kind) {
    case "stdout":
      return { stdoutEvent: { message: mask(event.message), color } };
    case "diagnostic": {
      const { urn, severity, message, ephemeral } = event;
      const prefix = severity === "error" || severity === "warning" ? `${severity}: ` : "";
      const text = mask(message.endsWith("\n") ? message : `${message}\n`);
      return {
        diagnosticEvent: {
          ...(urn && { urn }),
          prefix,
          message: text,
          color,
          severity,
          ...(ephemeral && { ephemeral }),
        },
      };
    }
    case "prelude":
      return { preludeEvent: { config: maskStrings(event.config, mask) } };
    case "resource-pre":
      return {
        resourcePreEvent: { metadata: metadata(event.step, mask), ...(event.planning && { planning: true }) },
      };
    case "resource-outputs":
      return {
        resOutputsEvent: { metadata: metadata(event.step, mask), ...(event.planning && { planning: true }) },
      };
    case "resource-failed":
      return { resOpFailedEvent: { metadata: metadata(event.step, mask), status: 0, steps: 0 } };
    case "policy-violation": {
      const { urn, message, policyName, policyPackName, policyPackVersion, enforcementLevel, severity } =
        event.diagnostic;
      const pack = { policyName, policyPackName, policyPackVersion, policyPackVersionTag: policyPackVersion };
      return {
        policyEvent: {
          ...(urn && { resourceUrn: urn }),
          message: mask(message),
          color,
          ...pack,
          enforcementLevel,
          ...(severity && { severity }),
        },
      };
    }
    case "policy-remediation": {
      const { policyName, policyPackName, policyPackVersion } = event.remediation;
      const pack = { policyName, policyPackName, policyPackVersion, policyPackVersionTag: policyPackVersion };
      const [before, after] = [blinded(event.before, mask), blinded(event.after, mask)];
      return { policyRemediationEvent: { resourceUrn: event.urn, color, ...pack, before, after } };
    }
    case "policy-load":
      return { policyLoadEvent: {} };
    case "summary": {
      const { preview, durationMs, changes, policyPacks, result } = event;
      const durationSeconds = Math.ceil(durationMs / 1000);
      return {
        summaryEvent: {
          maybeCorrupt: false,
          durationSeconds,
          resourceChanges: changes,
          PolicyPacks: policyPacks,
          isPreview: preview,
          result,
        },
      };
    }
  }
}

function metadata(step: StepEvent, mask: JsonOptions["mask"]): object {
  const { op, urn, type, keys = [], diffs = [], detailedDiff, logical, provider } = step;
  const paths = Object.entries(detailedDiff ?? {}).map(
    ([path, { kind, inputDiff }]) => [path, { diffKind: kind, inputDiff }] as const,
  );
  return {
    ...{ op, urn, type, old: stateJson(step.old, mask), new: stateJson(step.new, mask) },
    ...(keys.length > 0 && { keys }),
    ...(diffs.length > 0 && { diffs }),
    detailedDiff: detailedDiff ? Object.fromEntries(paths) : null,
    ...(logical && { logical }),
    provider,
  };
}

function stateJson(state: ResourceState | undefined, mask: JsonOptions["mask"]): object | null {
  if (!state) return null;
  return {
    type: state.type,
    urn: state.urn,
    ...(state.custom && { custom: true }),
    ...(state.delete && { delete: true }),
    id: state.id ?? "",
    parent: state.parent ?? "",
    ...(state.protect && { protect: true }),
    ...(state.taint && { taint: true }),
    ...(state.external && { external: true }),
    ...(state.retainOnDelete && { retainOnDelete: true }),
    inputs: blinded(state.inputs ?? {}, mask),
    outputs: blinded(state.outputs ?? {}, mask),
    provider: state.provider ?? "",
    ...(state.initErrors && state.initErrors.length > 0 && { initErrors: state.initErrors.map(mask) }),
  };
}

/** In the state file's form, where every ciphertext is `[secret]`. */
function blinded(properties: Properties, mask: JsonOptions["mask"]): Value {
  return maskStrings(
    serializeValue(properties, () => ({ ciphertext: "[secret]" })),
    mask,
  );
}

/** Known secrets are replaced in every string. */
function maskStrings(value: Value, mask: JsonOptions["mask"]): Value {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return value.map((element) => maskStrings(element, mask));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskStrings(inner, mask)]));
}
