/** `npm run evidence -- keygen|add|verify|list`, `npm run approve` and `npm run waive`. */
import type { Command } from "commander";
import { approvalActions } from "../../policy/attestation/decision";
import { parseJson, envelopeSchema } from "../../policy/attestation/envelope";
import { commitsOf } from "../../policy/attestation/judgement";
import { evidenceKinds, statementSchema } from "../../policy/attestation/statement";
import type { DecisionOptions } from "./decisions";

/** Adds the `evidence` command, which works on the checkout in `root`. */
export function registerEvidenceCommands(
  program: Command,
  root = process.cwd(),
  say = (line: string): void => void process.stdout.write(`${line}\n`),
): void {
  const evidence = program.command("evidence").description("signed proof that a commit passed its checks");

  evidence
    .command("keygen")
    .description("makes the key pair that evidence is signed with, in .slipway/keys")
    .option("--approver", "a person's own key pair, for approvals and waivers")
    .action(async ({ approver = false }: { approver?: boolean }) => {
      const { generateKeys } = await import("./keys");
      const { id, publicFile } = generateKeys(root, approver ? "approver" : "evidence");
      const where = approver
        ? "policy/config/approvers.json, by e-mail address"
        : "trustedKeys of release-require-evidence";
      say(`key ${id}`);
      say(`public half: ${publicFile}; whoever is to trust it adds it to ${where}`);
    });

  evidence
    .command("add")
    .description("turns a test tool's JSON report into signed evidence for the commit that is checked out")
    .requiredOption("--kind <kind>", `what it proves: ${evidenceKinds.join(", ")}`)
    .requiredOption("--file <report>", "the report")
    .action(async (options: { kind: string; file: string }) => {
      const { addEvidence } = await import("./evidence");
      const { file, commit, result, report } = await addEvidence(root, options.kind, options.file);
      const { passed, failed, skipped } = report.counts;
      say(
        `${options.kind} ${result} for ${commit.slice(0, 12)}: ${passed} passed, ${failed} failed, ${skipped} skipped (${report.tool})`,
      );
      for (const failure of report.failures ?? []) say(`  ${failure}`);
      say(`written to ${file}`);
    });

  evidence
    .command("verify")
    .description("tells what a stack's gate would say about the commit that is checked out")
    .option("--stack <name>", "whose policy configuration to judge by", "local")
    .action(async (options: { stack: string }) => {
      const { verifyEvidence } = await import("./evidence");
      const { commit, findings } = await verifyEvidence(root, options.stack, new Date());
      for (const { message } of findings) say(message);
      say(
        `${commit.slice(0, 12)}: ${findings.length === 0 ? "all evidence is there" : `${findings.length} to mend`}`,
      );
      if (findings.length > 0) process.exitCode = 1;
    });

  evidence
    .command("list")
    .description("lists the evidence on this machine, of every commit, without checking signatures")
    .action(async () => {
      const { readEvidence } = await import("./evidence");
      for (const envelope of readEvidence(root)) say(describe(envelope.name, envelope.text));
    });
}

interface Signing extends DecisionOptions {
  readonly action: string;
  readonly service: string;
}

/** Adds the commands with which an approver signs. */
export function registerDecisionCommands(program: Command, root: string, say: (line: string) => void): void {
  const signing = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .requiredOption("--reason <text>", "why, in a sentence that others understand")
      .requiredOption("--ticket <id>", "where it is followed up")
      .option("--stack <name>", "for which stack", "production")
      .option("--days <number>", "how long it holds, 30 days at most", "1");

  signing("approve", "signs that the commit which is checked out may go out; never by who wrote it")
    .requiredOption("--action <action>", approvalActions.join(", "))
    .option("--service <name>", "the service that is released", "sample")
    .action(async (options: Signing) => {
      const { approve } = await import("./decisions");
      say(`written to ${await approve(root, options, new Date())}`);
    });

  signing("waive", "signs that a rule may be broken for a while; never by who wrote the commit")
    .requiredOption("--policy <rule>", "the rule's name")
    .requiredOption("--resource <pattern>", "the resource's name or URN, * for any characters")
    .action(async (options: DecisionOptions & { policy: string; resource: string }) => {
      const { waive } = await import("./decisions");
      say(`written to ${await waive(root, options, new Date())}`);
    });
}

function describe(name: string, text: string): string {
  const envelope = parseJson(text, envelopeSchema);
  if (!envelope.success) return `${name}  malformed: ${envelope.detail}`;
  const statement = parseJson(Buffer.from(envelope.data.payload, "base64").toString("utf8"), statementSchema);
  if (!statement.success) return `${name}  malformed: ${statement.detail}`;
  const { kind, result, counts, finishedOn, producer } = statement.data.predicate;
  const commits = commitsOf(statement.data)
    .map((commit) => commit.slice(0, 12))
    .join(" ");
  return `${kind.padEnd(12)}  ${commits}  ${result}  ${counts.passed} passed, ${counts.failed} failed  ${finishedOn}  ${producer.id}`;
}
