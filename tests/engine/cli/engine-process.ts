/** The engine as a process, on a project and a world of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build, stop } from "esbuild";
import { stringify } from "yaml";

const repository = resolve(".");
const fixtures = join(repository, "tests/engine/cli/fixtures");

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Inputs of a thing, and how the program makes it (fixtures/program/index.js). */
export type Thing = Record<string, string | number | boolean>;

export class Sandbox {
  readonly root = mkdtempSync(join(tmpdir(), "slipway-test-cli-"));
  readonly project = join(this.root, "project");
  readonly world = join(this.root, "world");
  readonly state = join(this.root, "state/.pulumi");
  readonly env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: join(this.root, "home"),
    PULUMI_BACKEND_URL: `file://${this.root}/state`,
    PULUMI_CONFIG_PASSPHRASE: "the passphrase",
    PULUMI_HOME: join(this.root, "home/.pulumi"),
    TINY_WORLD: this.world,
  };

  private constructor(private readonly main: string) {
    for (const folder of [this.world, join(this.root, "state"), join(this.root, "home")]) mkdirSync(folder);
    cpSync(join(fixtures, "program"), this.project, { recursive: true });
    cpSync(join(fixtures, "plugin"), join(this.project, "plugin"), { recursive: true });
    cpSync(join(fixtures, "pack"), join(this.project, "pack"), { recursive: true });
    symlinkSync(join(repository, "node_modules"), join(this.project, "node_modules"));
    delete this.env["PULUMI_STACK"];
  }

  /** With a selected, empty stack `dev`. */
  static async make(): Promise<Sandbox> {
    const sandbox = new Sandbox(await bundle());
    const { code, stderr } = await sandbox.run("stack", "init", "dev");
    if (code !== 0) throw new Error(stderr);
    return sandbox;
  }

  /** What the program makes. */
  things(things: Record<string, Thing>): Promise<Ended> {
    return this.run("config", "set", "things", JSON.stringify(things));
  }

  run(...args: string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  start(...args: string[]): RunningEngine {
    return new RunningEngine(
      spawn(process.execPath, [this.main, ...args], { cwd: this.project, env: this.env }),
    );
  }

  /** The contents of all that exists, sorted. */
  get made(): unknown[] {
    const files = readdirSync(this.world).sort();
    return files.map((file) => JSON.parse(readFileSync(join(this.world, file), "utf8")) as unknown);
  }

  /** What the state says of a resource, by name. */
  async resource(name: string): Promise<Record<string, unknown> | undefined> {
    const { stdout } = await this.run("stack", "export");
    const { deployment } = JSON.parse(stdout) as { deployment: { resources?: Record<string, unknown>[] } };
    return deployment.resources?.find(({ urn }) => String(urn).endsWith(`::${name}`));
  }

  /** Every file that the engine left, by path. */
  files(): Map<string, string> {
    const paths = readdirSync(this.root, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    return new Map(
      paths
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => !path.includes("/node_modules/"))
        .map((path) => [path, readFileSync(path, "utf8")]),
    );
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** A folder whose `bin/pulumi` is the engine, for who looks for the CLI there. */
  installation(): string {
    const bin = join(this.root, "installation/bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "pulumi"), `#!/usr/bin/env node\nrequire(${JSON.stringify(this.main)});\n`, {
      mode: 0o755,
    });
    return join(this.root, "installation");
  }

  /** Adds to Pulumi.yaml. */
  declare(config: object): void {
    const file = join(this.project, "Pulumi.yaml");
    writeFileSync(file, readFileSync(file, "utf8") + stringify({ config }));
  }
}

export class RunningEngine {
  readonly ended: Promise<Ended>;
  private stdout = "";
  private stderr = "";

  constructor(readonly process: ChildProcess) {
    process.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    process.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((done) =>
      process.once("close", (code) => done({ code, stdout: this.stdout, stderr: this.stderr })),
    );
  }

  /** Resolves when the output has matched; rejects when the process ends without. */
  async saw(pattern: RegExp): Promise<void> {
    const ended = this.ended.then(({ stdout, stderr }) => {
      if (!pattern.test(stdout))
        throw new Error(`${String(pattern)} was never written:\n${stdout}\n${stderr}`);
    });
    const seen = new Promise<void>((done) => {
      const look = (): void => void (pattern.test(this.stdout) && done());
      this.process.stdout?.on("data", look);
      look();
    });
    await Promise.race([seen, ended]);
  }
}

let bundled: Promise<string> | undefined;

/** Built once for all tests: it starts in a fraction of the time that its sources take. */
function bundle(): Promise<string> {
  bundled ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-test-engine-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    await build({
      entryPoints: {
        "dist/main": join(repository, "engine/main.ts"),
        "dist/program-preload": join(repository, "engine/hosts/program-preload.ts"),
      },
      outdir: folder,
      bundle: true,
      platform: "node",
      target: "node20",
      external: ["ssh2"],
    });
    // Its helper process would keep the test run from ending.
    await stop();
    return join(folder, "dist/main.js");
  })();
  return bundled;
}
