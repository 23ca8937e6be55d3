/** A copy of this project beside the developer's own: the same sources, another prefix, network and port, its own `.slipway`. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { getPriority, setPriority, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";

const repository = resolve(".");
const usualPriority = getPriority();
/** No window after a deployment, unless a caller wants one. */
const monitor = { seconds: 0, minRequests: 50, maxErrorPercent: 1 };
const shared = [
  "components",
  "engine",
  "images",
  "node_modules",
  "package.json",
  "package-lock.json",
  "pipeline",
  "policy",
  "provider",
  "stacks",
  "tsconfig.json",
];

export interface Outcome {
  readonly exitCode: number | undefined;
  /** Standard output and error, interleaved. */
  readonly all: string;
}

export interface Project {
  readonly root: string;
  readonly prefix: string;
  readonly network: string;
  readonly url: string;
  /** Runs a command of package.json (`up`, `preview` …); never rejects. */
  run(...args: string[]): Promise<Outcome>;
  /** Runs the embedded engine on the project's local stack. */
  engine(...args: string[]): Promise<Outcome>;
  /** Writes Pulumi.local.yaml anew, with these keys over the usual ones. */
  configure(values: Record<string, unknown>): void;
  remove(): void;
}

export async function makeProject(name: string): Promise<Project> {
  const root = mkdtempSync(join(tmpdir(), "slipway-e2e-"));
  const prefix = `slipway-e2e-${name}`;
  const network = `${prefix}-mesh`;
  const port = await freePort();
  for (const entry of shared) symlinkSync(join(repository, entry), join(root, entry));
  copyFileSync(join(repository, "Pulumi.yaml"), join(root, "Pulumi.yaml"));
  const gitFolder = execFileSync("git", ["rev-parse", "--absolute-git-dir"], { encoding: "utf8" }).trim();
  writeFileSync(join(root, ".git"), `gitdir: ${gitFolder}\n`);
  mkdirSync(join(root, ".slipway"));

  const node = async (args: string[], env: Record<string, string> = {}): Promise<Outcome> => {
    const options = { cwd: root, env, all: true, reject: false, stdin: "ignore" } as const;
    const running = execa(process.execPath, args, options);
    likeEverybody(running.pid);
    const { exitCode, all } = await running;
    return { exitCode, all };
  };
  const configFile = join(root, ".slipway/Pulumi.local.yaml");
  // As the last command of package.json left them.
  const gates = ["--policy-pack", "policy", "--policy-pack-config", ".slipway/policy.local.json"];
  const project: Project = {
    root,
    prefix,
    network,
    url: `http://127.0.0.1:${port}`,
    run: (...args) => node([join(repository, "pipeline/dist/main.js"), ...args]),
    engine: (...args) =>
      node(
        [
          ...[
            join(repository, "engine/dist/main.js"),
            ...args,
            "--stack",
            "local",
            "--config-file",
            configFile,
          ],
          ...(["up", "preview"].includes(args[0] ?? "") ? gates : []),
        ],
        {
          PULUMI_BACKEND_URL: `file://${root}/.slipway/state`,
          PULUMI_CONFIG_PASSPHRASE_FILE: join(root, ".slipway/passphrase"),
        },
      ),
    configure: (values) =>
      writeFileSync(
        join(root, "Pulumi.local.yaml"),
        JSON.stringify({
          config: Object.fromEntries(
            Object.entries({ prefix, docker: { network, gatewayPort: port }, monitor, ...values }).map(
              ([key, value]) => [`slipway:${key}`, value],
            ),
          ),
        }),
      ),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  project.configure({});
  return project;
}

/** A process that was started by one of a higher priority, which it would inherit, gets the usual one. */
export function likeEverybody(pid: number | undefined): void {
  if (pid !== undefined && getPriority() !== usualPriority) setPriority(pid, usualPriority);
}

/** A port on loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
