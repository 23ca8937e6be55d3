/**
 * `node pipeline/bootstrap.mjs <command> [arguments…]`: makes a fresh checkout able to run, then runs the command.
 * Plain JavaScript without dependencies, since it runs before node modules exist. Where nothing is to be done it takes
 * some milliseconds, and no step uses the network.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** What build.mjs makes, and what it makes that from. */
const bundles = [
  "engine/dist/main.js",
  "images/synthetics/dist/flows.js",
  "images/worker/dist/worker.js",
  "pipeline/dist/main.js",
  "policy/dist/index.js",
  "provider/dist/index.js",
];
const sourceFolders = ["engine", "images/synthetics", "images/worker", "pipeline", "policy", "provider"];
const sourceFiles = ["build.mjs", "package-lock.json", "images/manifest.ts"];
const main = join(root, "pipeline/dist/main.js");

const fault = checkNode() ?? installModules() ?? buildBundles();
if (fault === undefined) {
  process.chdir(root);
  process.argv[1] = main;
  createRequire(import.meta.url)(main);
} else {
  process.stderr.write(`error: ${fault}\n`);
  process.exitCode = 1;
}

/** Every step answers with what is wrong, or with nothing. */
function checkNode() {
  const wanted = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).engines.node;
  const [major, minor] = wanted.replace(">=", "").split(".").map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split(".").map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return undefined;
  return (
    `Node ${major}.${minor} or newer is needed, and ${process.execPath} is ${process.versions.node}. ` +
    "Install a newer one (https://nodejs.org, or your system's package), and run this again."
  );
}

/** Installs the lock file's modules, unless those that are there came from this very lock file. */
function installModules() {
  const stamp = join(root, "node_modules/.slipway-lock");
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return undefined;
  const fault = run("node modules installed from the lock file", "npm", ["ci", "--prefer-offline"]);
  if (fault === undefined) writeFileSync(stamp, lock);
  return fault;
}

/** Bundles again when a bundle is missing, or older than any source. */
function buildBundles() {
  const built = bundles.map((bundle) => modified(join(root, bundle)));
  const sources = sourceFiles.map((file) => modified(join(root, file)));
  for (const folder of sourceFolders) sources.push(newestSource(join(root, folder)));
  if (Math.min(...built) >= Math.max(...sources)) return undefined;
  return run("bundles built", process.execPath, ["build.mjs"]);
}

function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "dist" && entry.name !== "node_modules")
        newest = Math.max(newest, newestSource(path));
    } else if (/\.(ts|json)$/.test(entry.name)) {
      newest = Math.max(newest, modified(path));
    }
  }
  return newest;
}

/** Milliseconds of the last change; 0 for a file that is not there. */
function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Runs a program quietly and says what it did; all it said is shown when it fails. */
function run(did, program, args) {
  const startMs = performance.now();
  const result = spawnSync(program, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (result.status !== 0) {
    const output = `${result.stdout ?? ""}${result.stderr ?? ""}`.trimEnd();
    return `\`${[program, ...args].join(" ")}\` failed (${result.error?.message ?? `exit code ${result.status}`})\n${output}`;
  }
  process.stderr.write(`${did}, ${((performance.now() - startMs) / 1000).toFixed(1)} s\n`);
  return undefined;
}
