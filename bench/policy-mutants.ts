/**
 * `npm run mutants [words…]`: takes each rule of the policy pack its bite, one at a time, and sees that its test notices. In a copy: nothing here is changed.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";

const copied = ["policy", "tests/policy", "package.json", "tsconfig.json", ".mocharc.json"];
/** What the copied tests import, as it is. */
const linked = ["node_modules", "engine", "provider", "pipeline", "bench"];

async function main(words: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-mutants-"));
  try {
    for (const entry of copied) cpSync(entry, join(folder, entry), { recursive: true });
    for (const entry of linked) symlinkSync(resolve(entry), join(folder, entry));
    const rules = readdirSync("policy/rules", { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && words.every((word) => file.includes(word)))
      .sort();
    const survivors: string[] = [];
    for (const file of rules) {
      if (await survives(folder, file)) survivors.push(file);
      process.stdout.write(`${survivors.includes(file) ? "SURVIVED" : "noticed "}  ${file}\n`);
    }
    process.stdout.write(`${rules.length - survivors.length} of ${rules.length} noticed\n`);
    if (survivors.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** True when the rule's own test passes although the rule finds nothing any more. */
async function survives(folder: string, file: string): Promise<boolean> {
  const rule = join(folder, "policy/rules", file);
  const source = readFileSync(rule, "utf8");
  const name = /^export const (\w+) = /m.exec(source)?.[1];
  if (name === undefined) throw new Error(`${file} exports no rule.`);
  const toothless = `Object.assign(${name}, "validateStack" in ${name} ? { validateStack: () => undefined } : { validateResource: () => undefined });\n`;
  writeFileSync(rule, `${source}\n${toothless}`);
  const test = join("tests/policy/rules", file.replace(/\.ts$/, ".test.ts"));
  const mocha = join("node_modules/mocha/bin/mocha.js");
  const { exitCode, stdout } = await execa(process.execPath, [mocha, test], { cwd: folder, reject: false });
  writeFileSync(rule, source);
  if (!/ (passing|failing)/.test(stdout)) throw new Error(`${test} did not run:\n${stdout}`);
  return exitCode === 0;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
