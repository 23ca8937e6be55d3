/** A git checkout of its own, with one commit, for tests of evidence. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

export interface TestCheckout {
  readonly root: string;
  readonly commit: string;
  /** Writes a file and answers its path. */
  write(name: string, content: unknown): string;
  /** Writes the local stack's policy configuration, outside of what git sees. */
  configurePolicy(settings: object): void;
  git(...args: string[]): Promise<string>;
  remove(): void;
}

export async function makeCheckout(): Promise<TestCheckout> {
  const root = mkdtempSync(join(tmpdir(), "slipway-evidence-"));
  const identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com"];
  const git = async (...args: string[]) => (await execa("git", [...identity, ...args], { cwd: root })).stdout;
  const write = (name: string, content: unknown) => {
    const file = join(root, name);
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
  };
  const configurePolicy = (settings: object) => {
    mkdirSync(join(root, "policy/config"), { recursive: true });
    write("policy/config/local.json", { "release-require-evidence": settings });
  };
  await git("init", "--quiet", "--initial-branch=main");
  await git("config", "user.email", "tester@example.com");
  write(".gitignore", ".slipway/\n*.report.json\npolicy/\n");
  await git("add", ".gitignore");
  await git("commit", "--quiet", "--message=first");
  const commit = await git("rev-parse", "HEAD");
  return { root, commit, write, configurePolicy, git, remove: () => rmSync(root, { recursive: true }) };
}

export const mochaReport = (end: Date, changes: object = {}) => ({
  stats: {
    ...{ suites: 2, tests: 13, passes: 12, pending: 1, failures: 0, duration: 1500 },
    start: new Date(end.getTime() - 1500).toISOString(),
    end: end.toISOString(),
    ...changes,
  },
  tests: [],
});
