/** Bundles the TypeScript of an image, so that its build installs nothing. */
import { relative } from "node:path";
import type { BuildFile } from "./image-plan";
import { UserError } from "../user-error";

/** Each entry of `folder` and all it imports as one JavaScript file for Node 18, the oldest that an image has. */
export async function bundle(root: string, folder: string, entries: readonly string[]): Promise<BuildFile[]> {
  const { build } = await import("esbuild");
  try {
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: entries.map((entry) => `${folder}/${entry}`),
      outdir: folder,
      bundle: true,
      platform: "node",
      target: "node18",
      // pg's optional native driver is not used.
      external: ["pg-native"],
      write: false,
      logLevel: "silent",
    });
    return outputFiles.map(({ path, contents }) => ({
      path: relative(folder, path),
      content: Buffer.from(contents),
      executable: false,
    }));
  } catch (error) {
    throw new UserError(`${relative(root, folder)} cannot be bundled: ${(error as Error).message}`);
  }
}
