/** Timing whole commands: repeated, with spread, and against a peer in the same run, since machines are noisy. */
import { execa } from "execa";

export interface Spread {
  readonly minimum: number;
  readonly median: number;
  readonly maximum: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  return { minimum: at(0), median: at(Math.floor((sorted.length - 1) / 2)), maximum: at(sorted.length - 1) };
}

export function show({ minimum, median, maximum }: Spread, unit = " s"): string {
  return `${median.toFixed(2)}${unit} (${minimum.toFixed(2)} to ${maximum.toFixed(2)})`;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Seconds that the command took; fails with its output when it fails. */
export async function time(command: Command): Promise<number> {
  const start = performance.now();
  await execa(command.file, command.args, {
    cwd: command.cwd,
    env: command.env,
    all: true,
    timeout: 600_000,
  });
  return (performance.now() - start) / 1000;
}
