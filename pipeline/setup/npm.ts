/** npm for the node image that is built from Debian's packages. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../user-error";
import { runLogged } from "./command";
import type { BuildFile } from "./image-plan";

const pin = z.strictObject({ version: z.string(), integrity: z.string() });

/**
 * The package as a file of the build context, `npm.tgz`; fetched once, by this machine's own npm, from whatever registry that uses.
 * `files` are those of images/node, where npm.json pins it. Throws UserError when it cannot be had, or is not what is pinned.
 */
export async function npmPackage(root: string, files: readonly BuildFile[], log: string): Promise<BuildFile> {
  const file = files.find(({ path }) => path === "npm.json");
  const { version, integrity } = pin.parse(JSON.parse(file?.content.toString() ?? "{}"));
  const folder = join(root, ".slipway", "npm");
  const tarball = join(folder, `npm-${version}.tgz`);
  const read = () => ({ path: "npm.tgz", content: readFileSync(tarball), executable: false });
  if (existsSync(tarball) && integrityOf(readFileSync(tarball)) === integrity) return read();
  mkdirSync(folder, { recursive: true });
  await runLogged(log, "npm", ["pack", `npm@${version}`, "--ignore-scripts", "--pack-destination", folder]);
  const found = integrityOf(readFileSync(tarball));
  if (found !== integrity) {
    throw new UserError(
      `npm ${version} is not what images/node/npm.json pins: its integrity is ${found}, not ${integrity}. ` +
        "Look where your npm's registry has it from, or correct the pin.",
    );
  }
  return read();
}

function integrityOf(content: Buffer): string {
  return `sha512-${createHash("sha512").update(content).digest("base64")}`;
}
