/** What a stack's tracked configuration says of a key: its own value, else the project's default. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";

/** Reads keys of the project's namespace, without the namespace. */
export function openProjectConfig(root: string, stack: string): (key: string) => unknown {
  const own = parseDocument(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8"));
  const project = parseDocument(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  return (key) => plain(own.getIn(["config", `slipway:${key}`]) ?? project.getIn(["config", key, "default"]));
}
