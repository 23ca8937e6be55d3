/** `npm run report`: what an engine's event log says, for reviewers. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { UserError } from "../user-error";
import { toMarkdown } from "./markdown";
import { readReport, type Report } from "./report";
import { toSarif } from "./sarif";
import { toSummary } from "./summary";

interface Options {
  readonly reportJson?: string;
  readonly sarif?: string;
  readonly markdown?: string;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export function registerReportCommand(program: Command): void {
  program
    .command("report")
    .description("what a preview or update came to, for reviewers; quiet when everything passes")
    .argument("<events>", "the event log: npm run preview -- --event-log <file>")
    .option("--report-json <file>", "the report as JSON")
    .option("--sarif <file>", "the findings as SARIF 2.1.0, for code scanning")
    .option("--markdown <file>", "plan, violations, waivers and what was not evaluated, for a pull request")
    .action((events: string, { reportJson, sarif, markdown }: Options) => {
      const report = read(events);
      if (reportJson !== undefined) writeFileSync(reportJson, `${JSON.stringify(report, undefined, 2)}\n`);
      if (sarif !== undefined) writeFileSync(sarif, `${JSON.stringify(toSarif(report), undefined, 2)}\n`);
      if (markdown !== undefined) writeFileSync(markdown, toMarkdown(report));
      for (const line of toSummary(report)) say(line);
      process.exitCode = report.succeeded ? 0 : 1;
    });
}

function read(file: string): Report {
  let log: string;
  try {
    log = readFileSync(file, "utf8");
  } catch {
    throw new UserError(`There is no event log ${file}. Make one: npm run preview -- --event-log ${file}.`);
  }
  try {
    return readReport(log);
  } catch (error) {
    throw new UserError(`${file}: ${(error as Error).message} Give the file of --event-log.`);
  }
}
