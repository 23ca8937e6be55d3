/**
 * Takes out of AWS's published resource schemas (the gzipped database of @aws-cdk/aws-service-spec, 15 MB of JSON) what the simulation
 * needs of each resource type, one small file a service. At build time: reading the whole takes longer than a preview may.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

const packageFile = createRequire(import.meta.url).resolve("@aws-cdk/aws-service-spec/package.json");

/** @param folder for `<Service>.json` and, last, `version.json`; nothing is done where that is newer than the package. */
export function extractServiceSpec(folder) {
  const source = join(dirname(packageFile), "db.json.gz");
  const stamp = join(folder, "version.json");
  const { version } = JSON.parse(readFileSync(packageFile, "utf8"));
  const script = statSync(new URL(import.meta.url)).mtimeMs;
  if (
    existsSync(stamp) &&
    JSON.parse(readFileSync(stamp, "utf8")) === version &&
    statSync(stamp).mtimeMs > script
  ) {
    return;
  }
  const { schema } = JSON.parse(gunzipSync(readFileSync(source)).toString());
  const definitions = new Map(schema.typeDefinition.entities.map((entity) => [entity.$id, entity]));
  const services = {};
  for (const resource of schema.resource.entities) {
    const [, service, name] = resource.cloudFormationType.split("::");
    const types = ((services[service] ??= {})[name] ??= {
      ...(resource.arnTemplate === undefined ? {} : { arn: resource.arnTemplate }),
      types: {},
    }).types;
    services[service][name].properties = propertiesOf(resource.properties, definitions, types);
  }
  mkdirSync(folder, { recursive: true });
  for (const [service, resources] of Object.entries(services)) {
    writeFileSync(join(folder, `${service}.json`), JSON.stringify(resources));
  }
  writeFileSync(stamp, JSON.stringify(version));
}

/** By name in lower case: `values` that are allowed, `replace`, `default` as JSON text, `type` of objects in `types`. */
function propertiesOf(properties, definitions, types) {
  const kept = {};
  for (const [name, { type, causesReplacement, defaultValue }] of Object.entries(properties)) {
    let inner = type;
    while (inner.element !== undefined) inner = inner.element;
    const definition = inner.type === "ref" ? definitions.get(inner.reference.$ref) : undefined;
    if (definition !== undefined && !(definition.name in types)) {
      types[definition.name] = {};
      types[definition.name] = propertiesOf(definition.properties, definitions, types);
    }
    kept[name.toLowerCase()] = {
      ...(inner.allowedValues === undefined ? {} : { values: inner.allowedValues }),
      ...(causesReplacement === "yes" ? { replace: true } : {}),
      ...(defaultValue === undefined ? {} : { default: defaultValue }),
      ...(definition === undefined ? {} : { type: definition.name }),
    };
  }
  return kept;
}
