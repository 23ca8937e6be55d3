/**
 * The engine on programs of many component resources: preview, first up, no-change up, destroy; against the Pulumi CLI where one is on
 * PATH (its figures on its file backend, as measured on two cores: preview 6.3 s and 47.8 s, first up 29.8 s and not finished after
 * 280 s, no-change up 6.1 s, for 1,000 and 10,000 resources).
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { show, spread, time } from "./measure";

const root = process.cwd();

interface Peer {
  readonly name: string;
  readonly command: readonly string[];
  /** Above this many resources the peer is left out. */
  readonly limit: number;
}

export async function benchEngine(say: (line: string) => void): Promise<void> {
  const peers: Peer[] = [
    { name: "embedded", command: [process.execPath, join(root, "engine/dist/main.js")], limit: Infinity },
  ];
  const cli = await execa("pulumi", ["version"], { reject: false });
  if (cli.exitCode === 0) peers.push({ name: `CLI ${cli.stdout.trim()}`, command: ["pulumi"], limit: 1000 });
  else say("no Pulumi CLI on PATH: no peer in this run");

  for (const count of [1000, 10000]) {
    for (const peer of peers.filter(({ limit }) => count <= limit)) {
      const times = await benchProgram(peer, count, count <= 1000 ? 3 : 1);
      say(`${peer.name}, ${count} components: ${times}`);
    }
  }
}

async function benchProgram(peer: Peer, count: number, runs: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  try {
    const program = join(folder, "program");
    cpSync(join(root, "bench/components-program"), program, { recursive: true });
    symlinkSync(join(root, "node_modules"), join(program, "node_modules"));
    mkdirSync(join(folder, "state"));
    const env = {
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const [file = "", ...leading] = peer.command;
    const run = (...args: string[]) => time({ file, args: [...leading, ...args], cwd: program, env });
    await run("stack", "init", "bench");
    await run("config", "set", "count", String(count), "--stack", "bench");
    const parts: Record<string, number[]> = { preview: [], "first up": [], "no-change up": [], destroy: [] };
    for (let i = 0; i < runs; i++) {
      parts["preview"]?.push(await run("preview", "--stack", "bench"));
      parts["first up"]?.push(await run("up", "--yes", "--skip-preview", "--stack", "bench"));
      parts["no-change up"]?.push(await run("up", "--yes", "--skip-preview", "--stack", "bench"));
      parts["destroy"]?.push(await run("destroy", "--yes", "--skip-preview", "--stack", "bench"));
    }
    return Object.entries(parts)
      .map(([part, values]) => `${part} ${show(spread(values))}`)
      .join(", ");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
