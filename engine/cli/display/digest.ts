/** `preview --json`: one document when all is known (pkg/backend/display/json.go). */
import { STACK_TYPE } from "../../deploy/urn";
import type { EngineEvent, ResourceState, StepEvent, Urn } from "../../model";
import { serializeResource } from "../../state/serialize";
import { OUTPUT, isObject, isSecret, mapProperties, signatureOf, type Properties } from "../../values";
import type { Display } from "./display";
import { isShown, type DisplayOptions } from "./options";
import { prefixed, type Summary } from "./rows";
import { isReplacementHalf } from "./step-text";

const NANOSECONDS_PER_MS = 1_000_000;

export class DigestDisplay implements Display {
  private config: Record<string, string> | undefined;
  /** As they were when they were told; a refresh is replaced by what it found. */
  private readonly steps = new Map<string, object>();
  private readonly refreshing = new Map<Urn, string>();
  private readonly diagnostics: object[] = [];
  private summary: Summary | undefined;

  constructor(private readonly options: DisplayOptions) {}

  event(event: EngineEvent): void {
    const { mask, colors } = this.options;
    switch (event.kind) {
      case "prelude":
        this.config = Object.fromEntries(
          Object.entries(event.config).map(([key, value]) => [key, mask(value)]),
        );
        return;
      case "diagnostic": {
        const { urn, severity, ephemeral } = event;
        if (severity === "debug" || ephemeral === true) return;
        this.diagnostics.push({ ...(urn && { urn }), message: mask(prefixed(event, colors)), severity });
        return;
      }
      case "stdout":
        this.diagnostics.push({ message: mask(event.message), severity: "info" });
        return;
      case "resource-pre":
        this.add(event.step);
        return;
      case "resource-outputs": {
        const refreshed = this.refreshing.get(event.step.urn);
        const { op, detailedDiff } = event.step;
        if (refreshed && ((op === "update" && detailedDiff) || op === "delete"))
          this.steps.set(refreshed, this.stepJson(event.step));
        return;
      }
      case "summary":
        this.summary = event;
        return;
      // Policies have no place in the digest: the CLI's has none either.
      case "policy-violation":
      case "policy-remediation":
      case "policy-load":
      case "resource-failed":
        return;
    }
  }

  end(): void {
    const { summary } = this;
    const steps = [...this.steps.values()];
    const digest = {
      ...(this.config && Object.keys(this.config).length > 0 && { config: this.config }),
      ...(steps.length > 0 && { steps }),
      ...(this.diagnostics.length > 0 && { diagnostics: this.diagnostics }),
      ...(summary && { duration: Math.round(summary.durationMs * NANOSECONDS_PER_MS) }),
      ...(summary && Object.keys(summary.changes).length > 0 && { changeSummary: summary.changes }),
    };
    this.options.out(`${JSON.stringify(digest, undefined, 4)}\n`);
  }

  private add(step: StepEvent): void {
    if (step.internal || !isShown(step, this.options.showSames)) return;
    if (!step.logical && isReplacementHalf(step.op)) return;
    const key = `${this.steps.size} ${step.urn}`;
    this.steps.set(key, this.stepJson(step));
    if (step.op === "refresh") this.refreshing.set(step.urn, key);
  }

  private stepJson(step: StepEvent): object {
    const { op, urn, provider, diffs = [], keys = [], detailedDiff } = step;
    return {
      op,
      urn,
      ...(provider && { provider }),
      ...(step.old && { oldState: this.stateJson(step.old) }),
      ...(step.new && { newState: this.stateJson(step.new) }),
      ...(diffs.length > 0 && { diffReasons: diffs }),
      ...(keys.length > 0 && { replaceReasons: keys }),
      detailedDiff: detailedDiff ?? null,
    };
  }

  private stateJson(state: ResourceState): unknown {
    const hidden = state.type === STACK_TYPE && this.options.suppressOutputs;
    const blind = (properties: Properties): Properties =>
      mapProperties(hidden ? {} : properties, (value) => {
        if (typeof value === "string") return this.options.mask(value);
        const secretOutput = signatureOf(value) === OUTPUT && isObject(value) && value["secret"] === true;
        return isSecret(value) || secretOutput ? "[secret]" : undefined;
      });
    const { inputs, outputs, ...rest } = state;
    const blinded: ResourceState = {
      ...rest,
      ...(inputs && { inputs: blind(inputs) }),
      ...(outputs && { outputs: blind(outputs) }),
    };
    return JSON.parse(serializeResource(blinded, () => ({ ciphertext: "[secret]" })));
  }
}
