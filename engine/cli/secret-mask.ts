/** Keeps secrets out of texts that the engine did not write itself: what a program prints, what a provider's error quotes. */
import type { EngineEvent, StepEvent } from "../model";
import { isObject, isSecret, type Properties, type Value } from "../values";

/** Shorter texts are too common to be replaced wherever they occur. */
const SHORTEST = 4;

export class SecretMask {
  private readonly secrets = new Set<string>();
  private pattern: RegExp | undefined;

  /** Every text in the value is secret; JSON text is looked into. */
  add(value: Value): void {
    if (typeof value === "string") this.addText(value);
    else if (Array.isArray(value)) for (const element of value) this.add(element);
    else if (isObject(value)) for (const inner of Object.values(value)) this.add(inner);
  }

  /** The secrets among the properties of the step's resource. */
  see(event: EngineEvent): void {
    if ("step" in event) for (const properties of propertiesOf(event.step)) this.find(properties);
  }

  /** The text with every known secret as `[secret]`. */
  readonly apply = (text: string): string => {
    if (this.secrets.size === 0) return text;
    // Longest first: a secret may contain another.
    this.pattern ??= new RegExp(
      [...this.secrets]
        .sort((a, b) => b.length - a.length)
        .map(escape)
        .join("|"),
      "g",
    );
    return text.replace(this.pattern, "[secret]");
  };

  private addText(text: string): void {
    if (/^\s*[[{]/.test(text)) {
      try {
        return this.add(JSON.parse(text) as Value);
      } catch {
        // Not JSON after all: secret as it is.
      }
    }
    // A text of several lines may be quoted line by line, or with its newlines escaped.
    for (const form of [text, JSON.stringify(text).slice(1, -1), ...text.split("\n")]) {
      if (form.trim().length < SHORTEST || this.secrets.has(form)) continue;
      this.secrets.add(form);
      this.pattern = undefined;
    }
  }

  private find(value: Value): void {
    if (isSecret(value)) this.add(value.value);
    else if (Array.isArray(value)) for (const element of value) this.find(element);
    else if (isObject(value)) for (const inner of Object.values(value)) this.find(inner);
  }
}

function propertiesOf({ old: before, new: after }: StepEvent): Properties[] {
  return [before?.inputs, before?.outputs, after?.inputs, after?.outputs].filter(
    (properties) => properties !== undefined,
  );
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
