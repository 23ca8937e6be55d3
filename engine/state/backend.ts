/** The CLI's file backend: where the states of all stacks are (pkg/backend/diy). */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { listDirectory, writeAtomically } from "./files";
import { Stack } from "./stack";

/**
 * Opens one stack of a backend; it need not exist yet.
 * @param backendUrl `file://<path>`, `file://~/<path>` or `file://./<path>`.
 */
export function openStack(backendUrl: string, project: string, stack: string): Stack {
  return new FileBackend(backendUrl).stack(project, stack);
}

export class FileBackend {
  /** The folder `.pulumi` of the backend. */
  private readonly root: string;

  /** @throws Error for other kinds of backend and for layouts that only older CLIs write. */
  constructor(readonly url: string) {
    if (!url.startsWith("file://")) {
      throw new Error(
        `the backend '${url}' is not supported: this engine keeps state in files only; set PULUMI_BACKEND_URL to ` +
          "file://<folder>, or install the Pulumi CLI for other backends",
      );
    }
    const folder = decodeURI(url.slice("file://".length).replace(/\?.*$/, "")).replace(/^~/, os.homedir());
    this.root = path.join(path.resolve(folder), ".pulumi");
    this.checkLayout();
  }

  /** @throws Error when one of the names is none. */
  stack(project: string, name: string): Stack {
    for (const [what, text] of [
      ["stack", name],
      ["project", project],
    ] as const) {
      if (/^(?!\.+$)[A-Za-z0-9_.-]{1,100}$/.test(text)) continue;
      throw new Error(
        `'${text}' is not a ${what} name: it may only contain alphanumeric, hyphens, underscores, or periods, at most 100`,
      );
    }
    return new Stack(this.root, project, name);
  }

  /**
   * The stack that a user means by `name`, `organization/name` or `organization/project/name`.
   * @param project that names without one are of.
   */
  reference(text: string, project: string): Stack {
    const parts = text.split("/");
    const name = parts.pop() ?? "";
    const [organization = "organization", named = project, ...more] = parts;
    if (organization !== "organization" || more.length > 0) {
      throw new Error(`'${text}' is not a stack: say <stack> or organization/<project>/<stack>`);
    }
    return this.stack(named, name);
  }

  /** The stacks of a project, by name. */
  list(project: string): Stack[] {
    const names = listDirectory(path.join(this.root, "stacks", project))
      .map((file) => /^(.+)\.json(\.gz)?$/.exec(file)?.[1])
      .filter((name) => name !== undefined);
    return [...new Set(names)].map((name) => this.stack(project, name));
  }

  /**
   * Begins an empty stack. @param salt of its secrets.
   * @throws Error when there is one of that name.
   */
  create(project: string, name: string, salt: string): Stack {
    const meta = path.join(this.root, "meta.yaml");
    if (!fs.existsSync(meta)) writeAtomically(meta, "version: 1\n");
    const stack = this.stack(project, name);
    stack.create(salt);
    return stack;
  }

  private checkLayout(): void {
    const meta = path.join(this.root, "meta.yaml");
    const written = fs.existsSync(meta);
    const version = written
      ? (parse(fs.readFileSync(meta, "utf8")) as { version?: unknown } | null)?.version
      : 1;
    const old =
      !written && listDirectory(path.join(this.root, "stacks")).some((file) => /\.json(\.gz)?$/.test(file));
    if (version === 1 && !old) return;
    throw new Error(
      `the layout of the backend ${this.url} (version ${old ? 0 : String(version)}) is not supported, only version 1; ` +
        "run `pulumi state upgrade` with the Pulumi CLI if it is older",
    );
  }
}
