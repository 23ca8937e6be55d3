/** Property values and their differences as indented text, as the Pulumi CLI prints them (pkg/backend/display/object_diff.go). */
import type { Colors } from "picocolors/types";
import type { StepOp } from "../../model";
import {
  ARCHIVE,
  ASSET,
  OUTPUT,
  RESOURCE,
  SECRET,
  isObject,
  isSecret,
  isUnknown,
  signatureOf,
  type Properties,
  type Value,
} from "../../values";
import { diffValues, isInternalKey, isPlainObject, type ObjectDiff, type ValueDiff } from "./property-diff";
import { diffLines } from "./line-diff";
import { STEP_TEXT, paint } from "./step-text";

export interface PrintOptions {
  colors: Colors;
  /** Replaces known secrets inside a text. */
  mask: (text: string) => string;
  showSecrets: boolean;
  /** Long strings are cut (3 lines, 150 characters a line). */
  truncate: boolean;
}

/** How a line begins: how deep, for which operation, and whether the operation's sign is shown. */
interface Place {
  indent: number;
  op: StepOp;
  sign: boolean;
}

export class PropertyPrinter {
  constructor(private readonly options: PrintOptions) {}

  /** Every property, one below the other; `sign` puts the operation's sign in front. */
  properties(properties: Properties, indent: number, op: StepOp, sign = false): string {
    const keys = Object.keys(properties).sort();
    const width = Math.max(0, ...keys.map((key) => key.length));
    const place = { indent, op, sign };
    return keys
      .filter((key) => !isInternalKey(key))
      .map((key) => this.property(key, width, properties[key] ?? null, place))
      .join("");
  }

  /** The properties that differ, and with `sames` those that do not. `include`: only these keys. */
  diff(diff: ObjectDiff, indent: number, sames: boolean, include?: string[]): string {
    const keys = Object.keys({ ...diff.adds, ...diff.deletes, ...diff.updates, ...diff.sames })
      .filter((key) => !include || include.includes(key))
      .sort();
    const width = Math.max(0, ...keys.map((key) => key.length));
    return keys
      .map((key) =>
        this.change(
          diff,
          key,
          (place) => this.title(key, width, place),
          { indent, op: "update", sign: true },
          sames,
        ),
      )
      .join("");
  }

  property(key: string, width: number, value: Value, place: Place): string {
    return this.title(key, width, place) + this.value(value, place) + "\n";
  }

  private change(
    diff: ObjectDiff,
    key: string,
    title: (place: Place) => string,
    place: Place,
    sames: boolean,
  ): string {
    const { adds, deletes, updates, sames: same } = diff;
    if (Object.hasOwn(adds, key)) return this.line(title, adds[key] ?? null, { ...place, op: "create" });
    if (Object.hasOwn(deletes, key))
      return this.line(title, deletes[key] ?? null, { ...place, op: "delete" });
    const update = updates[key];
    if (update) return this.update(title, update, place, sames);
    const value = same[key];
    return sames && isWorthShowing(value)
      ? this.line(title, value, { ...place, op: "same", sign: false })
      : "";
  }

  private update(title: (place: Place) => string, diff: ValueDiff, place: Place, sames: boolean): string {
    if (this.options.showSecrets && (isSecret(diff.old) || isSecret(diff.new))) {
      const inner = diffValues(reveal(diff.old), reveal(diff.new));
      if (inner) return this.update(title, inner, place, sames);
    }
    if (diff.array) {
      const elements = diff.array;
      const keys = Object.keys({
        ...elements.adds,
        ...elements.deletes,
        ...elements.updates,
        ...elements.sames,
      });
      const lines = keys
        .sort((a, b) => Number(a) - Number(b))
        .map((key) => {
          const element = (at: Place): string => this.start({ ...at, indent: at.indent - 1 }, `[${key}]: `);
          return this.change(elements, key, element, { ...place, indent: place.indent + 2 }, sames);
        });
      return `${title(place)}[\n${lines.join("")}${this.close(place, "]")}\n`;
    }
    if (diff.object) {
      const inner = this.diff(diff.object, place.indent + 1, sames);
      return `${title(place)}{\n${inner}${this.close(place, "}")}\n`;
    }
    const { old: before, new: after } = diff;
    if (isWorthShowing(before) && isWorthShowing(after) && isPrimitive(before) && isPrimitive(after)) {
      return title(place) + this.scalarUpdate(before, after, place) + "\n";
    }
    const removed = isWorthShowing(before) ? this.line(title, before, { ...place, op: "delete" }) : "";
    return removed + (isWorthShowing(after) ? this.line(title, after, { ...place, op: "create" }) : "");
  }

  private scalarUpdate(before: Value, after: Value, place: Place): string {
    if (typeof before === "string" && typeof after === "string" && !isUnknown(before) && !isUnknown(after)) {
      const [oldJson, newJson] = [parseJson(before), parseJson(after)];
      const inner = oldJson !== undefined && newJson !== undefined ? diffValues(oldJson, newJson) : undefined;
      if (inner)
        return (
          paint(this.options.colors, place.op, "(json) ") +
          this.update(() => "", inner, place, false).trimEnd()
        );
      if (before.includes("\n") || after.includes("\n")) {
        const lines = diffLines(this.options.mask(before), this.options.mask(after));
        return [
          "",
          ...lines.map(({ op, text }) =>
            this.start({ indent: place.indent + 1, op, sign: op !== "same" }, text),
          ),
        ].join("\n");
      }
    }
    return `${this.value(before, { ...place, op: "delete" })} => ${this.value(after, { ...place, op: "create" })}`;
  }

  private line(title: (place: Place) => string, value: Value | undefined, place: Place): string {
    return title(place) + this.value(value ?? null, place) + "\n";
  }

  private title(key: string, width: number, place: Place): string {
    return this.start(place, `${key.padEnd(width)}: `);
  }

  private start({ indent, op, sign }: Place, words: string): string {
    const space = "    ".repeat(indent);
    return paint(this.options.colors, op, (sign ? space.slice(0, -2) + STEP_TEXT[op].prefix : space) + words);
  }

  private close({ indent, op }: Place, bracket: string): string {
    return paint(this.options.colors, op, "    ".repeat(indent) + bracket);
  }

  private value(value: Value, place: Place): string {
    const say = (words: string): string => paint(this.options.colors, place.op, words);
    switch (signatureOf(value)) {
      case SECRET:
        return this.options.showSecrets ? this.value(reveal(value) ?? null, place) : say("[secret]");
      case OUTPUT: {
        const { value: known, secret } = value as Properties;
        if (secret === true && !this.options.showSecrets) return say("[secret]");
        return known === undefined ? say("[unknown]") : this.value(known, place);
      }
      case ASSET:
      case ARCHIVE:
        return say(describeAsset(value as Properties));
      case RESOURCE: {
        const { urn = null, id = null, packageVersion = null } = value as Properties;
        return this.value({ ID: id, PackageVersion: packageVersion, URN: urn }, place);
      }
      case undefined:
        break;
    }
    if (isUnknown(value)) return say("[unknown]");
    if (value === null) return say("<null>");
    if (typeof value === "string") return this.text(value, place);
    if (Array.isArray(value)) {
      if (value.length === 0) return say("[]");
      const elements = value.map(
        (element, index) =>
          this.start(place, `    [${index}]: `) +
          this.value(element, { ...place, indent: place.indent + 1 }) +
          "\n",
      );
      return `${say("[")}\n${elements.join("")}${this.close(place, "]")}`;
    }
    if (isObject(value)) {
      if (Object.keys(value).length === 0) return say("{}");
      return `${say("{")}\n${this.properties(value, place.indent + 1, place.op, place.sign)}${this.close(place, "}")}`;
    }
    return say(String(value));
  }

  private text(value: string, place: Place): string {
    const { colors, mask, truncate } = this.options;
    const json = parseJson(value);
    if (json !== undefined) return paint(colors, place.op, "(json) ") + this.value(json, place);
    return paint(colors, place.op, JSON.stringify(mask(truncate ? cut(value) : value)));
  }
}

const reveal = (value: Value | undefined): Value | undefined => (isSecret(value) ? value.value : value);

/** Nulls, empty texts, lists and objects only clutter a diff. */
function isWorthShowing(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === "") return false;
  return Array.isArray(value) ? value.length > 0 : !isObject(value) || Object.keys(value).length > 0;
}

const isPrimitive = (value: Value | undefined): value is Value =>
  value !== undefined && !Array.isArray(value) && (!isObject(value) || isSecret(value));

/** Only lists and objects: a text such as `5` or `true` is shown as the text it is. */
function parseJson(text: string): Value | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const parsed = JSON.parse(text) as Value;
    return Array.isArray(parsed) || isPlainObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function describeAsset(asset: Properties): string {
  const kind = signatureOf(asset) === ASSET ? "asset" : "archive";
  const hash = typeof asset["hash"] === "string" ? asset["hash"].slice(0, 7) : "";
  const source = asset["path"] !== undefined ? "file" : asset["uri"] !== undefined ? "uri" : "text";
  const where = asset["path"] ?? asset["uri"];
  return typeof where === "string" ? `${kind}(${source}:${hash}) { ${where} }` : `${kind}(${hash})`;
}

function cut(text: string): string {
  const lines = text.split("\n");
  const kept = lines.slice(0, 3).map((line) => (line.length > 150 ? `${line.slice(0, 150)}...` : line));
  return kept.join("\n") + (lines.length > 3 ? "\n..." : "");
}
