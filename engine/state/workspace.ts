/** Which stack of a project is selected: the CLI's own file, so that both have the same selection (pkg/workspace/workspace.go). */
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { writeAtomically } from "./files";

const settings = z.looseObject({
  stack: z.string().optional(),
  stacks: z.record(z.string(), z.string()).optional(),
});

export class Workspace {
  private readonly file: string;

  /** @param projectFile absolute path of `Pulumi.yaml`. @param backendUrl as the user gives it. */
  constructor(
    project: string,
    projectFile: string,
    private readonly backendUrl: string,
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    const home = environment["PULUMI_HOME"] ?? path.join(os.homedir(), ".pulumi");
    const hash = createHash("sha1").update(projectFile).digest("hex");
    this.file = path.join(home, "workspaces", `${project}-${hash}-workspace.json`);
  }

  /** Full name `organization/<project>/<stack>` of the selected stack, or undefined. */
  get selected(): string | undefined {
    const { stacks, stack } = this.read();
    return stacks?.[this.backendUrl] ?? stack;
  }

  /** Selects a stack by its full name, or none. */
  select(fullName: string | undefined): void {
    const { stacks = {}, ...rest } = this.read();
    if (fullName === undefined) {
      delete stacks[this.backendUrl];
      delete rest.stack;
    } else stacks[this.backendUrl] = fullName;
    if (Object.keys(stacks).length === 0 && Object.keys(rest).length === 0)
      fs.rmSync(this.file, { force: true });
    else writeAtomically(this.file, JSON.stringify({ ...rest, stacks }, undefined, 4));
  }

  private read(): z.infer<typeof settings> {
    if (!fs.existsSync(this.file)) return {};
    try {
      return settings.parse(JSON.parse(fs.readFileSync(this.file, "utf8")));
    } catch (error) {
      throw new Error(
        `the file ${this.file}, which says what stack is selected, is damaged; remove it and select again`,
        {
          cause: error,
        },
      );
    }
  }
}
