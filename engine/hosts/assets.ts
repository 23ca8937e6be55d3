/** Hashes of assets and archives: an engine adds them on receipt, so that a change of the contents is a change of the input. */
import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ARCHIVE, ASSET, SIG, isObject, signatureOf, someValue } from "../values";
import type { Properties, Value } from "../values";

/** Files of this kind are archives already and are hashed as they are (sdk/go/common/resource/archive). */
const ARCHIVE_FILE = /\.(tar|tgz|tar\.gz|zip|jar)$/;
/** Never part of an archive. */
const BOOKKEEPING_DIRECTORY = ".pulumi";

const isAsset = (value: Value): boolean => signatureOf(value) === ASSET || signatureOf(value) === ARCHIVE;

/**
 * The properties with a hash in every asset and archive that has none. Relative paths start at `directory`.
 * Rejects, naming the path, when contents cannot be read.
 */
export async function withAssetHashes(properties: Properties, directory: string): Promise<Properties> {
  if (!someValue(properties, isAsset)) return properties;
  return (await hashed(properties, directory)) as Properties;
}

async function hashed(value: Value, directory: string): Promise<Value> {
  if (Array.isArray(value)) return Promise.all(value.map((element) => hashed(element, directory)));
  if (!isObject(value)) return value;
  if (isAsset(value)) return hashedAsset(value, directory);
  const entries = Object.entries(value).map(async ([key, inner]) => [key, await hashed(inner, directory)]);
  return Object.fromEntries(await Promise.all(entries)) as Properties;
}

/** Only the fields that an asset has: the SDK sends marks of its own as well. */
async function hashedAsset(value: Properties, directory: string): Promise<Properties> {
  const asset: Properties = { [SIG]: value[SIG] ?? "" };
  for (const field of ["hash", "text", "path", "uri"]) {
    const set = value[field];
    if (typeof set === "string" && set !== "") asset[field] = set;
  }
  if (isObject(value["assets"])) asset["assets"] = await hashed(value["assets"], directory);
  asset["hash"] ??= await hashOf(asset, directory);
  return asset;
}

async function hashOf(asset: Properties, directory: string): Promise<string> {
  const hash = createHash("sha256");
  const place = asset["path"] ?? asset["uri"];
  if (signatureOf(asset) === ASSET) hash.update(await contentsOf(asset, directory));
  else if (typeof place === "string" && ARCHIVE_FILE.test(place))
    hash.update(await contentsOf(asset, directory));
  else {
    for await (const [name, contents] of archiveEntries(asset, directory)) addTarEntry(hash, name, contents);
    hash.update(Buffer.alloc(1024));
  }
  return hash.digest("hex");
}

async function contentsOf(asset: Properties, directory: string): Promise<Buffer> {
  const { text, path, uri } = asset;
  if (typeof path === "string") return readFile(resolve(directory, path));
  if (typeof uri !== "string") return Buffer.from(typeof text === "string" ? text : "");
  if (uri.startsWith("file:")) return readFile(fileURLToPath(uri));
  const response = await fetch(uri);
  if (!response.ok) throw new Error(`the asset ${uri} cannot be read: HTTP status ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Name and contents of all that an archive holds, in the order of its tar file. */
async function* archiveEntries(archive: Properties, directory: string): AsyncGenerator<[string, Buffer]> {
  const { path, uri, assets } = archive;
  if (typeof path === "string" && !ARCHIVE_FILE.test(path)) {
    yield* directoryEntries(resolve(directory, path), "");
  } else if (isObject(assets)) {
    for (const name of Object.keys(assets).sort()) {
      const member = assets[name];
      if (!isObject(member)) continue;
      if (signatureOf(member) === ASSET) yield [name, await contentsOf(member, directory)];
      else {
        for await (const [inner, contents] of archiveEntries(member, directory))
          yield [`${name}/${inner}`, contents];
      }
    }
  } else if (typeof path === "string" || typeof uri === "string") {
    const place = typeof path === "string" ? path : uri;
    throw new Error(
      `the archive ${JSON.stringify(place)} is a member of another archive, which this engine supports for directories and assets only`,
    );
  }
}

async function* directoryEntries(directory: string, prefix: string): AsyncGenerator<[string, Buffer]> {
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))) {
    if (entry.name === BOOKKEEPING_DIRECTORY) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* directoryEntries(path, `${prefix}${entry.name}/`);
    // A link to a file stands for the file; one to a directory is left out.
    else if (!(await stat(path)).isDirectory()) yield [prefix + entry.name, await readFile(path)];
  }
}

/** The bytes that Go's archive/tar writes for a file of mode 0600 and no time: other bytes would be a difference for ever. */
function addTarEntry(hash: Hash, name: string, contents: Buffer): void {
  const header = Buffer.alloc(512);
  // A name that USTAR has no room for would need a PAX record; the hash need only depend on it.
  const [prefix, rest] = Buffer.byteLength(name) <= 100 ? ["", name] : splitName(name);
  header.write(rest, 0, 100);
  header.write("0000600\0" + "0000000\0".repeat(2), 100);
  header.write(`${contents.length.toString(8).padStart(11, "0")}\0${"0".repeat(11)}\0`, 124);
  header.write(`${" ".repeat(8)}0`, 148);
  header.write("ustar\x0000", 257);
  header.write("0000000\0".repeat(2), 329);
  header.write(prefix, 345, 155);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148);
  hash.update(header).update(contents);
  hash.update(Buffer.alloc((512 - (contents.length % 512)) % 512));
}

/** At the last slash that leaves at most 155 bytes before it, as Go does. */
function splitName(name: string): [prefix: string, rest: string] {
  const slash = name.lastIndexOf("/", 155);
  return slash <= 0 ? ["", name] : [name.slice(0, slash), name.slice(slash + 1)];
}
