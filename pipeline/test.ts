/** `npm test`: set-up, then everything that decides whether a change may land. */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { setUpStack } from "./local";
import { formatDuration, type Say } from "./setup/step";

/**
 * Run side by side: the end-to-end tests mostly wait, for containers and for traffic. Those count lost requests, so the others give way to
 * them: on a machine that is full, a request that nobody had time to answer looks like one that a release lost.
 */
const suites = [
  { name: "unit", files: "tests/**/*.test.ts", without: "tests/e2e/**", live: true, niceness: 19 },
  // Told when it is over, so that the two do not mix.
  { name: "e2e", files: "tests/e2e/**/*.test.ts", without: "", live: false, niceness: 0 },
];

/** What mocha's JSON report says. */
interface Report {
  readonly stats: { readonly passes: number; readonly failures: number; readonly pending: number };
  readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly message?: string } }[];
}

/** Types, lint and format side by side with nothing else, then every test. Answers the exit code; the last line counts the tests. */
export async function test(root: string, images: string, say: Say): Promise<number> {
  await setUpStack(root, images, say);
  const checked = await check(root, say);
  mkdirSync(join(root, ".slipway/reports"), { recursive: true });
  const results = await Promise.all(suites.map((suite) => run(root, suite, say)));
  const sum = (count: keyof Report["stats"]): number =>
    results.reduce((all, { report }) => all + report.stats[count], 0);
  // Once more at the end: thousands of lines may stand between a failure and here.
  for (const { fullTitle, err } of results.flatMap(({ report }) => report.failures)) {
    say(`failed: ${fullTitle}: ${(err.message ?? "").slice(0, 1000)}`);
  }
  const skipped = sum("pending") > 0 ? `, ${sum("pending")} skipped` : "";
  say(`${sum("passes")} passed, ${sum("failures")} failed${skipped}`);
  return checked && results.every(({ passed }) => passed) ? 0 : 1;
}

/** Types, lint and format; says what is wrong. */
async function check(root: string, say: Say): Promise<boolean> {
  const checks: [name: string, command: string, args: string[]][] = [
    ["types", "tsc", ["--noEmit"]],
    ["lint", "eslint", ["--max-warnings=0", "."]],
    ["format", "prettier", ["--check", "--log-level=warn", "."]],
  ];
  const start = performance.now();
  const results = await Promise.all(
    checks.map(async ([name, command, args]) => {
      const options = { cwd: root, all: true, reject: false } as const;
      const result = await execa(join(root, "node_modules/.bin", command), args, options);
      if (result.exitCode !== 0) say(`${name}: failed\n${result.all}`);
      return result.exitCode === 0;
    }),
  );
  say(`types, lint and format took ${formatDuration(performance.now() - start)}`);
  return results.every(Boolean);
}

/** One suite; leaves mocha's JSON report in `.slipway/reports/<name>.json`. */
async function run(
  root: string,
  { name, files, without, live, niceness }: (typeof suites)[number],
  say: Say,
): Promise<{ passed: boolean; report: Report }> {
  const report = join(root, `.slipway/reports/${name}.json`);
  rmSync(report, { force: true });
  const start = performance.now();
  const reporter = ["--reporter", "tests/support/reporter.cjs", "--reporter-option", `output=${report}`];
  const ignored = without === "" ? [] : ["--ignore", without];
  const output = live ? "inherit" : "pipe";
  const mocha = join(root, "node_modules/.bin/mocha");
  const { exitCode, all } = await execa(
    "nice",
    ["-n", String(niceness), mocha, ...reporter, ...ignored, files],
    { cwd: root, all: true, reject: false, stdin: "ignore", stdout: output, stderr: output },
  );
  if (!live) say(all ?? "");
  say(`${name} tests took ${formatDuration(performance.now() - start)}`);
  return { passed: exitCode === 0, report: readReport(report, name) };
}

/** A suite that ended before its report counts as one failure. */
function readReport(file: string, suite: string): Report {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    const err = { message: "it ended before it could report" };
    return {
      stats: { passes: 0, failures: 1, pending: 0 },
      failures: [{ fullTitle: `the ${suite} tests`, err }],
    };
  }
}
