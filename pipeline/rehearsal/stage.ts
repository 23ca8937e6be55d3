/** A copy of the project whose state, cloud and configuration are gone afterwards; the program, the plugin and the pack are the real ones. */
import { fork, type ChildProcess } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";

/** What the rehearsal has of its own; everything else is the checkout's. */
const own = (file: string): boolean =>
  file === ".slipway" || file === "state" || /^Pulumi\..*yaml$/.test(file);

/** A rule's level and settings, by its name. */
type Policies = Record<string, Readonly<Record<string, unknown>>>;

/**
 * What a release proves of its commit (evidence, approvals, documents) only a real one has: those rules are asked and tell, and do not
 * stop the rehearsal. Every other rule of the pack does.
 */
function policies(root: string, stack: string): Policies {
  const own = JSON.parse(readFileSync(join(root, `policy/config/${stack}.json`), "utf8")) as Policies;
  const rules = ["release", "documents"].flatMap((area) => {
    const folder = join(root, "policy/rules", area);
    const files = existsSync(folder) ? readdirSync(folder) : [];
    return files.map((file) => `${area}-${file.replace(/\.ts$/, "")}`);
  });
  // The stamp is put on, not demanded.
  const judging = rules.filter((rule) => rule !== "release-require-stamp");
  const told = judging.map((rule) => [rule, { ...own[rule], enforcementLevel: "advisory" }] as const);
  return { ...own, ...Object.fromEntries(told) };
}

export interface Ran {
  readonly exitCode: number;
  readonly output: string;
}

export class Stage {
  private readonly folder = mkdtempSync(join(tmpdir(), "slipway-rehearsal-"));
  private readonly engine: ChildProcess;
  private readonly policies: Policies;
  private output = "";

  constructor(
    root: string,
    private readonly stack: string,
  ) {
    for (const file of readdirSync(root)) {
      if (!own(file)) symlinkSync(join(root, file), join(this.folder, file));
      else if (file.startsWith("Pulumi.")) copyFileSync(join(root, file), join(this.folder, file));
    }
    this.policies = policies(root, stack);
    this.waive([]);
    this.engine = fork(join(root, "engine/dist/main.js"), ["rehearse"], {
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${this.folder}/state`,
        PULUMI_CONFIG_PASSPHRASE: "nothing in here is a secret of anybody's",
        PULUMI_HOME: join(this.folder, "state/home"),
        PULUMI_STACK: stack,
        SLIPWAY_ACTOR: "rehearsal",
      },
    });
    for (const stream of [this.engine.stdout, this.engine.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    }
  }

  private get policyFile(): string {
    return join(this.folder, "state.policy.json");
  }

  /** Puts settings into the stack's configuration, by key without the namespace; they stay. */
  configure(settings: Readonly<Record<string, unknown>>): void {
    const file = join(this.folder, `Pulumi.${this.stack}.yaml`);
    const document = parseDocument(readFileSync(file, "utf8"));
    for (const [key, value] of Object.entries(settings)) {
      const path = key.split(".");
      document.setIn(["config", `slipway:${path[0] ?? ""}`, ...path.slice(1)], value);
    }
    // In quotes: a date without would be read as one, and the engine refuses what it would rewrite.
    writeFileSync(file, document.toString({ defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }));
  }

  /** Until the next call these rules tell and do not stop, as a waiver makes them. */
  waive(rules: readonly string[]): void {
    const waived = rules.map(
      (rule) => [rule, { ...this.policies[rule], enforcementLevel: "advisory" }] as const,
    );
    writeFileSync(this.policyFile, JSON.stringify({ ...this.policies, ...Object.fromEntries(waived) }));
  }

  /** @param failing a text that marks the task definitions whose tasks never become healthy */
  async run(args: readonly string[], failing: string | null = null): Promise<Ran> {
    this.output = "";
    const ended = new Promise<number>((resolve) => {
      const exited = (code: number | null): void => resolve(code ?? 1);
      this.engine.once("exit", exited);
      this.engine.once("message", (code) => {
        this.engine.off("exit", exited);
        resolve(Number(code));
      });
    });
    this.engine.send({ args, failing });
    const exitCode = await ended;
    return { exitCode, output: this.output };
  }

  /** An update through the gates. */
  up(failing: string | null = null): Promise<Ran> {
    const gates = ["--policy-pack", "policy", "--policy-pack-config", this.policyFile];
    return this.run(["up", "--yes", "--skip-preview", "--suppress-progress", ...gates], failing);
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.run(["stack", "output", "--json"])).output) as Record<string, unknown>;
  }

  /** What the state holds, in the order of its making. */
  async resources(): Promise<
    { urn: string; type: string; protect?: boolean; inputs?: Record<string, unknown> }[]
  > {
    const { output } = await this.run(["stack", "export"]);
    const { deployment } = JSON.parse(output) as { deployment: { resources?: [] } };
    return deployment.resources ?? [];
  }

  close(): void {
    if (this.engine.connected) this.engine.disconnect();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
