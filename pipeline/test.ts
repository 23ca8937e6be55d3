/** `npm test`: set-up, then everything that decides whether a change may land. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { setUpStack } from "./local";

/** Types, lint and format side by side with nothing else, then every test. Answers the exit code; the last line counts the tests. */
export async function test(root: string, images: string, say: (line: string) => void): Promise<number> {
  await setUpStack(root, images, say);
  const bin = join(root, "node_modules/.bin");
  const checks: [name: string, command: string, args: string[]][] = [
    ["types", "tsc", ["--noEmit"]],
    ["lint", "eslint", ["--max-warnings=0", "."]],
    ["format", "prettier", ["--check", "--log-level=warn", "."]],
  ];
  const start = performance.now();
  const results = await Promise.all(
    checks.map(async ([name, command, args]) => {
      const result = await execa(join(bin, command), args, { cwd: root, all: true, reject: false });
      if (result.exitCode !== 0) say(`${name}: failed\n${result.all}`);
      return result.exitCode === 0;
    }),
  );
  say(`types, lint and format took ${((performance.now() - start) / 1000).toFixed(0)} s`);

  mkdirSync(join(root, ".slipway/reports"), { recursive: true });
  const tests = await execa(
    join(bin, "mocha"),
    ["--reporter", "tests/support/reporter.cjs", "tests/**/*.test.ts"],
    {
      cwd: root,
      stdio: "inherit",
      reject: false,
    },
  );
  return results.every(Boolean) ? (tests.exitCode ?? 1) : 1;
}
