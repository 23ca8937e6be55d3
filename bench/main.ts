/** `npm run bench [engine | policy | stack | trio | fuzz]`: how fast Slipway is, against its peers in the same run. Never part of a test. */
import { benchEngine } from "./engine";
import { benchPolicy } from "./policy";
import { benchFuzz } from "./policy-fuzz";
import { benchStack } from "./stack";
import { benchTrio } from "./trio";

const parts: Record<string, (say: (line: string) => void) => Promise<void>> = {
  trio: benchTrio,
  stack: benchStack,
  engine: benchEngine,
  fuzz: benchFuzz,
  policy: benchPolicy,
};
const wanted = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  for (const [name, part] of Object.entries(parts)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    say(`\n${name}`);
    await part(say);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
