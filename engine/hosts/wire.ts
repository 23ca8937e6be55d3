/** Property values to and from protobuf, as each receiver may have them (sdk/go/common/resource/plugin/rpc.go). */
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { nameOf, typeOf } from "../deploy/urn";
import { ARCHIVE, ASSET, OUTPUT, RESOURCE, SECRET, SIG, UNKNOWN, isObject, isUnknown } from "../values";
import { mapProperties, mapValue, signatureOf } from "../values";
import type { Properties, Value } from "../values";

/** What a receiver understands; what it does not is unwrapped or left out. */
export interface Encoding {
  /** Else the bare value is sent. */
  secrets: boolean;
  /** Else the id is sent, or the URN of a component. */
  resources: boolean;
  /** Else properties and elements that are unknown are left out. */
  unknowns: boolean;
  /** Assets and archives go as their hash alone (old state, whose files may be gone). */
  elideAssets?: boolean;
  /** Top-level properties whose name begins with `__` are left out. */
  skipInternal?: boolean;
}

export function toStruct(properties: Properties, encoding: Encoding): Struct {
  return plainStruct(encode(properties, encoding));
}

/** Without any change: the properties are JSON, or in wire form already. */
export function plainStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties);
}

/** The properties of a message; an absent struct is an empty one. `toJavaScript` walks the message directly, once. */
export function fromStruct(struct: Struct | undefined): Properties {
  return struct ? struct.toJavaScript() : {};
}

export function encode(properties: Properties, encoding: Encoding): Properties {
  if (encoding.skipInternal !== true) return encodeObject(properties, encoding);
  const shown = Object.entries(properties).filter(([key]) => !key.startsWith("__"));
  return encodeObject(Object.fromEntries(shown), encoding);
}

function encodeObject(properties: Properties, encoding: Encoding): Properties {
  const copy: Properties = {};
  for (const [key, value] of Object.entries(properties)) {
    const encoded = encodeValue(value, encoding);
    if (encoded !== undefined) copy[key] = encoded;
  }
  return copy;
}

function encodeValue(value: Value, encoding: Encoding): Value | undefined {
  if (typeof value === "string") return encoding.unknowns || !isUnknown(value) ? value : undefined;
  if (Array.isArray(value)) {
    return value.flatMap((element) => {
      const encoded = encodeValue(element, encoding);
      return encoded === undefined ? [] : [encoded];
    });
  }
  if (!isObject(value)) return value;
  const signature = signatureOf(value);
  if (signature === SECRET && !encoding.secrets) return encodeValue(value["value"] ?? null, encoding);
  if (signature === RESOURCE) return encodeReference(value, encoding);
  if (signature === ASSET || signature === ARCHIVE) {
    return encoding.elideAssets === true ? { [SIG]: signature, hash: value["hash"] ?? "" } : value;
  }
  return encodeObject(value, encoding);
}

/** References go out with the name and type that their URN holds; an id that is unknown is the empty string. */
function encodeReference(reference: Properties, encoding: Encoding): Value | undefined {
  const { urn, id, packageVersion } = reference;
  if (!encoding.resources)
    return id === undefined ? (urn ?? null) : id === "" ? unknownOrNothing(encoding) : id;
  const copy: Properties = { [SIG]: RESOURCE, urn: urn ?? "" };
  if (typeof urn === "string") {
    copy["name"] = nameOf(urn);
    copy["type"] = typeOf(urn);
  }
  if (id !== undefined) copy["id"] = isUnknown(id) ? "" : id;
  if (packageVersion !== undefined && packageVersion !== "") copy["packageVersion"] = packageVersion;
  return copy;
}

function unknownOrNothing(encoding: Encoding): Value | undefined {
  return encoding.unknowns ? UNKNOWN : undefined;
}

/** Output values become what the engine works with: the value, a secret, or an unknown. Their dependencies are lost. */
export function downgradeOutputs(properties: Properties): Properties {
  return mapProperties(properties, downgrade);
}

export function downgrade(value: Value): Value | undefined {
  if (!isObject(value) || signatureOf(value) !== OUTPUT) return undefined;
  const inner = value["value"] === undefined ? UNKNOWN : mapValue(value["value"], downgrade);
  return value["secret"] === true ? { [SIG]: SECRET, value: inner } : inner;
}

/** Secrets and unknowns become output values, the form in which transforms of the program get them. */
export function upgradeToOutputs(properties: Properties): Properties {
  return mapProperties(properties, upgrade);
}

function upgrade(value: Value): Value | undefined {
  if (isUnknown(value)) return { [SIG]: OUTPUT };
  if (!isObject(value)) return undefined;
  if (signatureOf(value) === SECRET) {
    const inner = value["value"] ?? null;
    if (isUnknown(inner)) return { [SIG]: OUTPUT, secret: true };
    return { [SIG]: OUTPUT, secret: true, value: mapValue(inner, upgrade) };
  }
  return signatureOf(value) === OUTPUT ? value : undefined;
}

/** The URNs that the output values inside depend on. */
export function outputDependencies(value: Value, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const element of value) outputDependencies(element, found);
  else if (isObject(value)) {
    const { dependencies } = value;
    if (signatureOf(value) === OUTPUT && Array.isArray(dependencies)) {
      for (const urn of dependencies) if (typeof urn === "string") found.add(urn);
    }
    for (const element of Object.values(value)) outputDependencies(element, found);
  }
  return found;
}
