/** Which plugin version a program means when it names none: that of the package it has installed. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

interface Manifest {
  name?: string;
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  pulumi?: { resource?: boolean; name?: string; version?: string };
}

/**
 * Plugin name → version, from the `pulumi` stanza of installed packages. The CLI reads every package.json under node_modules;
 * this reads those of the direct dependencies and of scopes called `@pulumi…`, in a few milliseconds.
 */
export function packageVersions(programDirectory: string): Map<string, string> {
  const versions = new Map<string, string>();
  for (const directory of candidates(programDirectory)) {
    const manifest = readManifest(directory);
    if (manifest?.pulumi?.resource !== true) continue;
    const name = manifest.pulumi.name ?? /^@pulumi\/(.+)$/.exec(manifest.name ?? "")?.[1];
    const version = (manifest.pulumi.version ?? manifest.version ?? "").replace(/^v/, "");
    if (name !== undefined && version !== "" && !versions.has(name)) versions.set(name, version);
  }
  return versions;
}

/** Package directories, nearest node_modules first. */
function* candidates(programDirectory: string): Generator<string> {
  for (let directory = programDirectory; ; directory = dirname(directory)) {
    const modules = join(directory, "node_modules");
    if (existsSync(modules)) {
      const { dependencies, devDependencies } = readManifest(directory) ?? {};
      const names = new Set(Object.keys({ ...dependencies, ...devDependencies }));
      for (const scope of readdirSync(modules).filter((name) => name.startsWith("@pulumi"))) {
        for (const name of readdirSync(join(modules, scope))) names.add(`${scope}/${name}`);
      }
      for (const name of names) yield join(modules, name);
    }
    if (dirname(directory) === directory) return;
  }
}

function readManifest(directory: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}
