/** A stack's state for people and scripts: its tree of resources, its outputs. Secrets stay closed unless they are asked for. */
import { STACK_TYPE, nameOf } from "../deploy/urn";
import type { Stack } from "../state/stack";
import { SECRET, mapProperties, mapValue, signatureOf, type Properties, type Value } from "../values";
import { table } from "./text-table";

interface Resource {
  urn: string;
  type: string;
  id?: string;
  parent?: string;
  delete?: boolean;
  outputs?: Properties;
}

/** With every secret as `[secret]`, for which no passphrase is needed, or as its value. */
export async function readResources(stack: Stack, showSecrets: boolean): Promise<Resource[]> {
  const exported = JSON.parse(await stack.export(showSecrets)) as { deployment: { resources?: Resource[] } };
  return (exported.deployment.resources ?? []).map((resource) => ({
    ...resource,
    ...(resource.outputs && {
      outputs: mapProperties(resource.outputs, (value) => opened(value, showSecrets)),
    }),
  }));
}

/** A secret inside another has its plain text where others have their ciphertext. */
function opened(value: Value, show: boolean): Value | undefined {
  if (signatureOf(value) !== SECRET) return undefined;
  if (!show) return "[secret]";
  const { plaintext, ciphertext } = value as { plaintext?: string; ciphertext?: string };
  return mapValue(JSON.parse(plaintext ?? ciphertext ?? "null") as Value, (inner) => opened(inner, show));
}

/** The stack's own, by name. */
export function outputsOf(resources: Resource[]): Properties {
  const outputs =
    resources.find((resource) => resource.type === STACK_TYPE && resource.delete !== true)?.outputs ?? {};
  return Object.fromEntries(Object.entries(outputs).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const outputText = (value: Value): string =>
  typeof value === "string" ? value : JSON.stringify(value);

export function outputsTable(outputs: Properties): string {
  const rows = Object.entries(outputs).map(([name, value]) => [name, outputText(value)]);
  const title = `Current stack outputs (${rows.length}):\n`;
  if (rows.length === 0) return `${title}    No output values currently in this stack\n`;
  return title + table([["OUTPUT", "VALUE"], ...rows], "    ");
}

/** What has no parent, such as default providers, is put below the stack. */
export function resourceTree(
  resources: Resource[],
  { showUrns, showIds }: { showUrns?: boolean; showIds?: boolean },
): string {
  const known = new Set(resources.map(({ urn }) => urn));
  const root = resources.find(({ type }) => type === STACK_TYPE);
  const childrenOf = (resource: Resource): Resource[] =>
    resources.filter((child) => {
      if (child === root) return false;
      return child.parent && known.has(child.parent) ? child.parent === resource.urn : resource === root;
    });
  const rows: { cells: string[]; notes: string[] }[] = [];
  const walk = (resource: Resource, own: string, below: string): void => {
    const children = childrenOf(resource);
    const notes = [
      ...(showUrns === true ? [`URN: ${resource.urn}`] : []),
      ...(showIds === true && resource.id ? [`ID: ${resource.id}`] : []),
    ];
    const margin = `    ${below}${children.length > 0 ? "│  " : "   "}`;
    rows.push({
      cells: [own + resource.type, nameOf(resource.urn)],
      notes: notes.map((note) => `${margin}${note}\n`),
    });
    children.forEach((child, index) =>
      index < children.length - 1
        ? walk(child, `${below}├─ `, `${below}│  `)
        : walk(child, `${below}└─ `, `${below}   `),
    );
  };
  for (const top of root ? [root] : resources) walk(top, "", "");
  const lines = table([["TYPE", "NAME"], ...rows.map(({ cells }) => cells)], "    ")
    .trimEnd()
    .split("\n");
  return lines.map((line, index) => `${line}\n${rows[index - 1]?.notes.join("") ?? ""}`).join("");
}
