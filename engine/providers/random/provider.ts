import type { CheckFailure, CheckResult, DiffResult, Provider, ReadResult, Subject } from "../../model";
import {
  containsSecrets,
  containsUnknowns,
  isObject,
  isUnknown,
  makeSecret,
  UNKNOWN,
  unwrapSecrets,
  valuesEqual,
  type Properties,
  type Value,
} from "../../values";
import { RESOURCES, type RandomResource } from "./resources";

/**
 * The `random` provider: values that are drawn once and then live in the state, until `keepers` or another input changes.
 * Generators with a `seed` are not supported.
 */
export class RandomProvider implements Provider {
  readonly acceptSecrets = true;
  readonly acceptResources = true;
  readonly supportsPreview = true;

  async checkConfig(_subject: Subject, _olds: Properties, news: Properties): Promise<CheckResult> {
    const unknown = Object.keys(news).filter((key) => key !== "version" && !key.startsWith("__"));
    const failures = unknown.map((property) => ({
      property,
      reason: "the random provider has no configuration",
    }));
    return { inputs: news, failures };
  }

  async diffConfig(
    _subject: Subject,
    oldInputs: Properties,
    _outputs: Properties,
    news: Properties,
  ): Promise<DiffResult> {
    return difference(
      Object.keys({ ...oldInputs, ...news }).filter((key) => !valuesEqual(oldInputs[key], news[key])),
      [],
    );
  }

  async configure(): Promise<void> {}

  async check(subject: Subject, _olds: Properties, news: Properties): Promise<CheckResult> {
    const resource = resourceOf(subject);
    const failures = inputFailures(resource, news);
    if (failures.length === 0 && !containsUnknowns(news)) {
      const fault = resource.fault?.(unwrapSecrets(withDefaults(resource, news)));
      if (fault) failures.push(fault);
    }
    return { inputs: news, failures };
  }

  async diff(
    subject: Subject,
    _oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
  ): Promise<DiffResult> {
    const resource = resourceOf(subject);
    const olds = unwrapSecrets(oldOutputs);
    const planned = unwrapSecrets(withDefaults(resource, news));
    const changed = Object.keys(resource.inputs).filter((key) => !valuesEqual(olds[key], planned[key]));
    // Nothing is drawn anew for an empty map of keepers, nor when an empty overrideSpecial goes away.
    const harmless = (key: string): boolean =>
      (key === "keepers" && isEmptyMap(olds[key]) && isEmptyMap(planned[key])) ||
      (key === "overrideSpecial" && olds[key] === "" && planned[key] === undefined);
    return difference(
      changed,
      changed.filter((key) => !harmless(key)),
    );
  }

  async create(
    subject: Subject,
    inputs: Properties,
    _timeoutSeconds: number,
    preview: boolean,
  ): Promise<{ id: string; properties: Properties }> {
    const resource = resourceOf(subject);
    const planned = { ...withDefaults(resource, inputs), ...meta(resource) };
    if (!preview) {
      const { id, ...computed } = await resource.generate(unwrapSecrets(planned));
      return { id, properties: { ...planned, id, ...computed } };
    }
    const unknown = (key: string): Value => (resource.secrets?.includes(key) ? makeSecret(UNKNOWN) : UNKNOWN);
    const computed = Object.fromEntries(["id", ...resource.computed].map((key) => [key, unknown(key)]));
    return { id: "", properties: { ...planned, ...computed } };
  }

  async update(
    subject: Subject & { id: string },
    _oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
  ): Promise<{ properties: Properties }> {
    const resource = resourceOf(subject);
    const kept = Object.entries(oldOutputs).filter(
      ([key]) => key === "id" || resource.computed.includes(key),
    );
    return {
      properties: { ...withDefaults(resource, news), ...meta(resource), ...Object.fromEntries(kept) },
    };
  }

  async delete(): Promise<void> {}

  /** There is nothing outside the state to read. */
  async read(
    subject: Subject & { id: string },
    inputs: Properties | undefined,
    state: Properties | undefined,
  ): Promise<ReadResult> {
    if (state === undefined || Object.keys(state).length === 0) {
      throw new Error(
        `${subject.type} '${subject.name}': importing or reading random values by id is not supported`,
      );
    }
    return { id: subject.id, ...(inputs === undefined ? {} : { inputs }), properties: state };
  }

  async invoke(token: string): Promise<never> {
    throw new Error(`the random provider has no function '${token}'`);
  }

  async cancel(): Promise<void> {}

  async close(): Promise<void> {}
}

function resourceOf({ type, name }: Subject): RandomResource {
  const resource = RESOURCES[type];
  if (resource) return resource;
  const known = Object.keys(RESOURCES).map((token) => token.split(":")[2]);
  throw new Error(
    `'${name}': resource type '${type}' is not supported; the supported ones are ${known.join(", ")}`,
  );
}

function inputFailures(resource: RandomResource, news: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const [property, value] of Object.entries(news)) {
    const input = resource.inputs[property];
    const shown = containsSecrets(value) ? "[secret]" : JSON.stringify(value);
    if (!input) {
      const reason = `unknown input '${property}'; the known ones are ${Object.keys(resource.inputs).join(", ")}`;
      failures.push({ property, reason });
    } else if (property === "seed" && value !== null) {
      failures.push({ property, reason: "'seed' is not supported: values cannot be drawn from a seed" });
    } else if (value !== null && !hasType(unwrapSecrets(value), input.type)) {
      failures.push({
        property,
        reason: `'${property}' must be a ${input.type}, but it is ${shown}`,
      });
    }
  }
  for (const [property, input] of Object.entries(resource.inputs)) {
    if (input.required && (news[property] ?? null) === null) {
      failures.push({ property, reason: `Missing required property '${property}'` });
    }
  }
  return failures;
}

function hasType(value: Value, type: string): boolean {
  if (isUnknown(value)) return true;
  const strings = (list: Value[]) => list.every((element) => typeof element === "string");
  switch (type) {
    case "integer":
      return Number.isSafeInteger(value);
    case "string[]":
      return Array.isArray(value) && strings(value);
    case "map of strings":
      return isObject(value) && strings(Object.values(value));
    default:
      return typeof value === type;
  }
}

/** Inputs with what the provider adds; what is null counts as not given. `number` and `numeric` are one setting. */
function withDefaults(resource: RandomResource, inputs: Properties): Properties {
  const given = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== null));
  const planned: Properties = { ...given };
  for (const [key, input] of Object.entries(resource.inputs)) {
    if (key in given) continue;
    const twin = key === "number" ? given["numeric"] : key === "numeric" ? given["number"] : undefined;
    const value = twin ?? input.default;
    if (value !== undefined) planned[key] = value;
  }
  return planned;
}

function meta({ schemaVersion }: RandomResource): Properties {
  return schemaVersion === undefined
    ? {}
    : { __meta: JSON.stringify({ schema_version: String(schemaVersion) }) };
}

function isEmptyMap(value: Value | undefined): boolean {
  return value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0);
}

function difference(diffs: string[], replaces: string[]): DiffResult {
  return { changes: diffs.length > 0 ? "some" : "none", replaces, deleteBeforeReplace: false, diffs };
}
