/** What each random resource takes and gives (pulumi-random 4.21, its upstream provider). */
import { randomBytes, randomInt } from "node:crypto";
import { makeSecret, type Properties, type Value } from "../../values";
import { permutations, petName, randomText, uuid, type TextRules } from "./generate";

type InputType = "integer" | "boolean" | "string" | "string[]" | "map of strings";
interface Input {
  type: InputType;
  required?: boolean;
  default?: Value;
}

export interface RandomResource {
  inputs: Record<string, Input>;
  /** Computed outputs; `id` is one of all resources. */
  computed: string[];
  secrets?: string[];
  /** Version of the state's layout, by which the real provider knows whether to upgrade it. */
  schemaVersion?: number;
  /** What is wrong with complete and known inputs, or undefined. @param inputs with defaults. */
  fault?(inputs: Properties): { property: string; reason: string } | undefined;
  /** @param inputs with defaults, secrets unwrapped. */
  generate(inputs: Properties): Promise<{ id: string } & Properties>;
}

const integer = (fallback?: number): Input => ({
  type: "integer",
  ...(fallback === undefined ? {} : { default: fallback }),
});
const count: Input = { type: "integer", required: true };
const flag: Input = { type: "boolean", default: true };
const keepers: Input = { type: "map of strings" };
const text: Input = { type: "string" };

const textInputs: Record<string, Input> = {
  keepers,
  length: count,
  upper: flag,
  lower: flag,
  numeric: flag,
  number: flag,
  special: flag,
  minUpper: integer(0),
  minLower: integer(0),
  minNumeric: integer(0),
  minSpecial: integer(0),
  overrideSpecial: text,
};

const rulesOf = (inputs: Properties): TextRules => inputs as unknown as TextRules;

function textFault(inputs: Properties): { property: string; reason: string } | undefined {
  const rules = rulesOf(inputs);
  if (inputs["number"] !== inputs["numeric"]) {
    const reason =
      "Number and numeric are both configured with different values - Number is deprecated, use numeric instead";
    return { property: "number", reason };
  }
  if (!rules.upper && !rules.lower && !rules.numeric && !rules.special) {
    const reason = "At least one attribute out of [special,upper,lower,numeric] must be specified as true";
    return { property: "special", reason: `Invalid Attribute Combination. ${reason}` };
  }
  const minimum = Math.max(1, rules.minUpper + rules.minLower + rules.minNumeric + rules.minSpecial);
  if (rules.length >= minimum) return undefined;
  const sum = "sum of min_upper + min_lower + min_numeric + min_special";
  return {
    property: "length",
    reason: `Attribute length value must be at least ${minimum === 1 ? "1" : `${sum} (${minimum})`}, got: ${rules.length}`,
  };
}

const atLeastOne = (property: string) => (inputs: Properties) => {
  const value = Number(inputs[property]);
  return value >= 1
    ? undefined
    : { property, reason: `Attribute ${property} value must be at least 1, got: ${value}` };
};

const optionalText = (value: Value | undefined): string => (typeof value === "string" ? value : "");

/** By type token. */
export const RESOURCES: Record<string, RandomResource> = {
  "random:index/randomPassword:RandomPassword": {
    inputs: textInputs,
    computed: ["result", "bcryptHash"],
    secrets: ["result", "bcryptHash"],
    schemaVersion: 3,
    fault: textFault,
    async generate(inputs) {
      const result = randomText(rulesOf(inputs));
      const { genSaltSync, hash } = await import("bcryptjs");
      // Of the same meaning; `$2a$` is what the real provider writes.
      const bcryptHash = await hash(result, genSaltSync(10).replace("$2b$", "$2a$"));
      return { id: "none", result: makeSecret(result), bcryptHash: makeSecret(bcryptHash) };
    },
  },
  "random:index/randomString:RandomString": {
    inputs: textInputs,
    computed: ["result"],
    schemaVersion: 2,
    fault: textFault,
    async generate(inputs) {
      const result = randomText(rulesOf(inputs));
      return { id: result, result };
    },
  },
  "random:index/randomId:RandomId": {
    inputs: { keepers, byteLength: count, prefix: text },
    computed: ["b64Std", "b64Url", "hex", "dec"],
    fault: atLeastOne("byteLength"),
    async generate(inputs) {
      const prefix = optionalText(inputs["prefix"]);
      const bytes = randomBytes(Number(inputs["byteLength"]));
      const hex = bytes.toString("hex");
      const url = bytes.toString("base64url");
      return {
        id: url,
        b64Std: prefix + bytes.toString("base64"),
        b64Url: prefix + url,
        hex: prefix + hex,
        dec: prefix + BigInt(`0x${hex}`).toString(),
      };
    },
  },
  "random:index/randomPet:RandomPet": {
    inputs: { keepers, length: integer(2), prefix: text, separator: { type: "string", default: "-" } },
    computed: [],
    fault: atLeastOne("length"),
    async generate(inputs) {
      const separator = optionalText(inputs["separator"]);
      const prefix = optionalText(inputs["prefix"]);
      return { id: (prefix === "" ? "" : prefix + separator) + petName(Number(inputs["length"]), separator) };
    },
  },
  "random:index/randomUuid:RandomUuid": {
    inputs: { keepers },
    computed: ["result"],
    async generate() {
      const result = uuid();
      return { id: result, result };
    },
  },
  "random:index/randomInteger:RandomInteger": {
    inputs: { keepers, min: count, max: count, seed: text },
    computed: ["result"],
    fault({ min, max }) {
      if (Number(min) > Number(max)) {
        return {
          property: "min",
          reason: `the minimum ${Number(min)} is greater than the maximum ${Number(max)}`,
        };
      }
      // The generator's own limit.
      if (Number(max) - Number(min) < 2 ** 48 - 1) return undefined;
      return { property: "max", reason: "the range from min to max must be smaller than 2^48" };
    },
    async generate({ min, max }) {
      const result = randomInt(Number(min), Number(max) + 1);
      return { id: String(result), result };
    },
  },
  "random:index/randomShuffle:RandomShuffle": {
    inputs: { keepers, inputs: { type: "string[]", required: true }, resultCount: integer(), seed: text },
    computed: ["results"],
    async generate({ inputs, resultCount }) {
      const list = inputs as string[];
      return {
        id: "-",
        results: permutations(list, resultCount === undefined ? list.length : Number(resultCount)),
      };
    },
  },
  "random:index/randomBytes:RandomBytes": {
    inputs: { keepers, length: count },
    computed: ["base64", "hex"],
    secrets: ["base64", "hex"],
    fault: atLeastOne("length"),
    async generate({ length }) {
      const bytes = randomBytes(Number(length));
      // The real provider's id is the secret itself, in plain text: here it is not.
      return {
        id: "none",
        base64: makeSecret(bytes.toString("base64")),
        hex: makeSecret(bytes.toString("hex")),
      };
    },
  },
};
