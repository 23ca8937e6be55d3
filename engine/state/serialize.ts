/**
 * Resources between the state file and the engine (pkg/resource/stack/deployment.go). The file differs from the engine's
 * wire form in its secrets (encrypted JSON), in numbers that JSON has not, and in resource references (URN and id only).
 */
import type { ResourceState } from "../model";
import {
  ARCHIVE,
  ASSET,
  isObject,
  isUnknown,
  OUTPUT,
  RESOURCE,
  SECRET,
  SIG,
  signatureOf,
  UNKNOWN,
  type Properties,
  type Value,
} from "../values";
import type { Decrypter } from "./secrets";

/** A resource as the file has it: the same fields (and any that this engine does not know), its values in the file's form. */
export type StoredResource = ResourceState;

const FLOAT = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c";
const BYTES = "803fd3297a5875dc03ca845dda5d2a98";

/** The fields of apitype.ResourceV3 in the order in which the CLI writes them. */
const FIELDS = (
  "urn custom delete id type inputs outputs parent protect taint external dependencies initErrors provider " +
  "propertyDependencies pendingReplacement additionalSecretOutputs aliases customTimeouts importID retainOnDelete deletedWith " +
  "replaceWith created modified sourcePosition stackTrace ignoreChanges hideDiff replaceOnChanges replacementTrigger " +
  "refreshBeforeUpdate viewOf resourceHooks extensionRef snippetID"
).split(" ");
const REQUIRED = new Set(["urn", "custom", "type"]);
const VALUES = ["inputs", "outputs", "replacementTrigger"];

/** What is kept of a secret's plaintext JSON: its ciphertext, or the plaintext itself (`export --show-secrets`). */
export type SecretForm = (plaintext: string) => { ciphertext: string } | { plaintext: string };

/** Inside a secret nothing is encrypted again; the mark stays. */
const nested: SecretForm = (plaintext) => ({ ciphertext: plaintext });

/** A resource for the state file: fields in the CLI's order, unset ones left out, unknown ones last. */
export function storedResource(resource: ResourceState, secret: SecretForm): StoredResource {
  const fields = resource as unknown as Record<string, Value | undefined>;
  const stored: Record<string, Value> = {};
  for (const field of new Set([...FIELDS, ...Object.keys(fields)])) {
    const value = fields[field];
    if (value === undefined || (!REQUIRED.has(field) && isUnset(field, value))) continue;
    stored[field] = VALUES.includes(field) ? serializeValue(value, secret) : value;
  }
  return stored as unknown as StoredResource;
}

/** `storedResource` as JSON text. */
export function serializeResource(resource: ResourceState, secret: SecretForm): string {
  return JSON.stringify(storedResource(resource, secret));
}

/** What Go's `omitempty` leaves out. */
function isUnset(field: string, value: Value): boolean {
  if (value === null) return true;
  if (field === "replacementTrigger") return false;
  if (field === "customTimeouts") return Object.values(value).every((seconds) => seconds === 0);
  return value === false || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}

/** A value as the state file has it, keys sorted. */
export function serializeValue(value: Value, secret: SecretForm): Value {
  if (typeof value === "number" && !Number.isFinite(value))
    return { [SIG]: FLOAT, value: hexOfDouble(value) };
  if (isUnknown(value)) return UNKNOWN;
  if (Array.isArray(value)) return value.map((element) => serializeValue(element, secret));
  if (!isObject(value)) return value;
  switch (signatureOf(value) ?? "") {
    case SECRET:
      return { [SIG]: SECRET, ...secret(JSON.stringify(serializeValue(value["value"] ?? null, nested))) };
    case OUTPUT: {
      const inner = value["value"] === undefined ? UNKNOWN : value["value"];
      return serializeValue(value["secret"] === true ? { [SIG]: SECRET, value: inner } : inner, secret);
    }
    case RESOURCE: {
      const { urn = null, id, packageVersion = "" } = value;
      const known = id === undefined ? {} : { id: isUnknown(id) ? "" : id };
      return { [SIG]: RESOURCE, ...known, packageVersion, urn };
    }
    default: {
      const copy: Properties = {};
      for (const key of Object.keys(value).sort()) copy[key] = serializeValue(value[key] ?? null, secret);
      return copy;
    }
  }
}

/**
 * A resource with its secrets decrypted.
 * @param learn is told every secret's plaintext JSON and ciphertext.
 * @throws Error when a value is malformed or cannot be decrypted.
 */
export function deserializeResource(
  stored: StoredResource,
  decrypter: Decrypter,
  learn: (plaintext: string, ciphertext: string) => void = () => {},
): ResourceState {
  const open = ({ ciphertext, plaintext }: Properties): Value => {
    if (typeof ciphertext === "string" && plaintext === undefined) {
      const decrypted = decrypter.decrypt(ciphertext);
      learn(decrypted, ciphertext);
      return nestedValue(decrypted);
    }
    if (typeof plaintext === "string" && ciphertext === undefined) return nestedValue(plaintext);
    throw new Error("malformed secret value: exactly one of `ciphertext` or `plaintext` must be supplied");
  };
  const resource = { ...stored } as unknown as Record<string, Value | undefined>;
  for (const field of VALUES) {
    const value = resource[field];
    if (value === undefined) continue;
    try {
      resource[field] = deserializeValue(value, open);
    } catch (error) {
      throw new Error(`${stored.urn}: ${field}: ${(error as Error).message}`, { cause: error });
    }
  }
  return resource as unknown as ResourceState;
}

/** The content of a secret: secrets inside it are not encrypted on their own. */
function nestedValue(plaintext: string): Value {
  return deserializeValue(JSON.parse(plaintext) as Value, (secret) =>
    nestedValue((secret["ciphertext"] ?? secret["plaintext"]) as string),
  );
}

function deserializeValue(value: Value, open: (secret: Properties) => Value): Value {
  if (Array.isArray(value)) return value.map((element) => deserializeValue(element, open));
  if (!isObject(value)) return value;
  const signature = signatureOf(value) ?? "";
  if (signature === SECRET) return { [SIG]: SECRET, value: open(value) };
  if (signature === FLOAT) return Buffer.from(value["value"] as string, "hex").readDoubleBE();
  if (!["", ASSET, ARCHIVE, RESOURCE, BYTES].includes(signature)) {
    throw new Error(`unrecognized signature '${signature}' in property map`);
  }
  const copy: Properties = {};
  for (const [key, inner] of Object.entries(value)) copy[key] = deserializeValue(inner, open);
  return copy;
}

function hexOfDouble(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString("hex");
}
