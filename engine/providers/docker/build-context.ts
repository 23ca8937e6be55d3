/** The folder that an image is built from: which of its files count, their digest, and the archive that Docker gets. */
import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Stats } from "node:fs";
import { lstat, readdir, readFile, readlink, realpath } from "node:fs/promises";
import { isAbsolute, join, posix, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import type { Pack } from "tar-stream";
import { IgnoreRules } from "./dockerignore";

/** Paths are relative to the program's folder, or absolute. */
export interface BuildSource {
  context: string;
  dockerfile: string;
}

interface Entry {
  /** Relative to the context, with slashes. */
  path: string;
  stats: Stats;
}

/** The Dockerfile's own ignore file comes before the context's. */
async function ignoreRules({ context, dockerfile }: BuildSource): Promise<IgnoreRules> {
  for (const file of [`${dockerfile}.dockerignore`, join(context, ".dockerignore")]) {
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (text !== undefined) return IgnoreRules.parse(text);
  }
  return IgnoreRules.parse("");
}

/** Folders come before what they hold; names in byte order. */
async function* walk(source: BuildSource, rules: IgnoreRules, folder = ""): AsyncGenerator<Entry> {
  const names = (await readdir(join(source.context, folder))).sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  for (const name of names) {
    const path = posix.join(folder, name);
    const stats = await lstat(join(source.context, path));
    const isIgnored = rules.ignores(path);
    if (!isIgnored) yield { path, stats };
    if (stats.isDirectory() && !(isIgnored && rules.prunesFolders)) yield* walk(source, rules, path);
  }
}

/**
 * SHA-256 over every file's path, mode and content, the Dockerfile first: the same digest that the real provider keeps in
 * `build.contextDigest`, so that neither sees a change where there is none.
 */
export async function contextDigest(source: BuildSource): Promise<string> {
  const digest = createHash("sha256");
  await addFile(digest, "Dockerfile", "----------", source.dockerfile);
  for await (const { path, stats } of walk(source, await ignoreRules(source))) {
    if (stats.isDirectory()) continue;
    await addFile(digest, path, modeString(stats), join(source.context, path), stats);
  }
  return digest.digest("hex");
}

async function addFile(digest: Hash, path: string, mode: string, file: string, stats?: Stats): Promise<void> {
  const content = createHash("sha256");
  // Of a link its target's path counts, not what is there.
  if (stats?.isSymbolicLink()) content.update(await linkTarget(file));
  else if (!stats || stats.isFile()) await pipeline(createReadStream(file), content);
  digest
    .update(path + mode)
    .update(content.digest())
    .update("\0");
}

async function linkTarget(file: string): Promise<string> {
  const target = await realpath(file);
  const isRelative = !isAbsolute(file) && !isAbsolute(await readlink(file));
  return isRelative ? relative(await realpath("."), target) : target;
}

/** As Go writes a file's mode: "-rw-r--r--", "Lrwxrwxrwx"; set-id and sticky bits in front. */
export function modeString(stats: Pick<Stats, "mode" | "isSymbolicLink">): string {
  const { mode } = stats;
  const special =
    (stats.isSymbolicLink() ? "L" : "") +
    (mode & 0o4000 ? "u" : "") +
    (mode & 0o2000 ? "g" : "") +
    (mode & 0o1000 ? "t" : "");
  const permissions = Array.from("rwxrwxrwx", (letter, index) => (mode & (0o400 >> index) ? letter : "-"));
  return (special || "-") + permissions.join("");
}

/**
 * The archive for POST /build, owned by root, and the Dockerfile's place in it. The files that steer the build are never left
 * out of it.
 */
export async function contextArchive(
  source: BuildSource,
): Promise<{ archive: Readable; dockerfile: string }> {
  const place = dockerfileInContext(source);
  const isOutside = place.startsWith("../");
  const rules = (await ignoreRules(source)).keeping([".dockerignore", place]);
  const { pack } = await import("tar-stream");
  const archive = pack();
  const fill = async (): Promise<void> => {
    if (isOutside) archive.entry({ name: OUTSIDE_DOCKERFILE }, await readFile(source.dockerfile));
    for await (const entry of walk(source, rules)) await addEntry(archive, source, entry);
    archive.finalize();
  };
  fill().catch((error: Error) => archive.destroy(error));
  return { archive: Readable.from(archive), dockerfile: isOutside ? OUTSIDE_DOCKERFILE : place };
}

/** Where the Dockerfile is in the archive, should it be outside the context. */
const OUTSIDE_DOCKERFILE = ".Dockerfile.slipway";

export const dockerfileInContext = ({ context, dockerfile }: BuildSource): string =>
  relative(context, dockerfile).split("\\").join("/");

async function addEntry(archive: Pack, { context }: BuildSource, { path, stats }: Entry): Promise<void> {
  const file = join(context, path);
  const header = { name: path, mode: stats.mode & 0o7777, mtime: stats.mtime, uid: 0, gid: 0 };
  if (stats.isDirectory()) {
    archive.entry({ ...header, name: `${path}/`, type: "directory" });
  } else if (stats.isSymbolicLink()) {
    archive.entry({ ...header, type: "symlink", linkname: await readlink(file) });
  } else if (stats.isFile()) {
    await pipeline(createReadStream(file), archive.entry({ ...header, size: stats.size }));
  }
}
