/** The commands of package.json, once node modules and bundles are there (bootstrap.mjs saw to that). */
import { Command } from "commander";
import type { D1ApplyOptions, D1Options } from "./d1";
import type { HistoryOptions } from "./history";
import type { RollbackOptions } from "./rollback";
import type { SecretsOptions } from "./secrets";
import type { UpOptions } from "./up";
import { UserError } from "./user-error";

const root = process.cwd();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const warn = (line: string): void => void process.stderr.write(`${line}\n`);

const program = new Command("slipway")
  .description("Brings the backbone up and slides releases down it, through gates.")
  .showHelpAfterError("(npm run <command> -- --help lists what it takes)");

const imagesOption = [
  "--images <source>",
  "where images come from: auto, registry, or debian (built from Debian's packages)",
] as const;

program
  .command("setup")
  .description("Docker and images, found or made; changes nothing that is already there")
  .option(...imagesOption, "auto")
  .action(async (options: { images: string }) => {
    const { setUpStack } = await import("./local");
    await setUpStack(root, options.images, say);
  });

program
  .command("up")
  .description("set-up, then the local stack, through the gates; or a stack on AWS")
  .option(...imagesOption, "auto")
  .option("--reason <text>", "why, for the history")
  .option("--release-hold", "deploy a version although it was rolled back from")
  .argument(
    "[stack and engine arguments...]",
    "a stack (default: local), and what is handed to the engine's `up`",
  )
  .allowUnknownOption()
  .action(async (args: string[], options: UpOptions) => {
    const { up } = await import("./up");
    process.exitCode = await up(root, options, args, say);
  });

program
  .command("rollback")
  .description("all traffic back to a version that served before, in seconds; holds the one that is left")
  .argument("<stack>", "local, staging or production")
  .option("--to <version>", "the version to go back to (default: the one before)")
  .option("--reason <text>", "why, for the history")
  .option("--data-restored", "the backup from before the newer versions' contract migrations was put back")
  .action(async (stack: string, options: RollbackOptions) => {
    const { rollback } = await import("./rollback");
    process.exitCode = await rollback(root, stack, options, say);
  });

program
  .command("history")
  .description("who deployed what, when, why, how it went, and the way back; verified")
  .argument("<stack>", "local")
  .option("--json", "the entries as a JSON array")
  .option("--limit <number>", "only the newest entries (default: all)")
  .action(async (stack: string, options: HistoryOptions) => {
    const { history } = await import("./history");
    process.exitCode = await history(root, stack, options, say, warn);
  });

program
  .command("preview")
  .description("what `up` would do; of a stack on AWS with no credentials, where the embedded engine runs")
  .option(...imagesOption, "auto")
  .argument(
    "[stack and engine arguments...]",
    "a stack (default: local), and such as --diff or --json for the engine",
  )
  .allowUnknownOption()
  .action(async (args: string[], options: { images: string }) => {
    const { preview } = await import("./preview");
    process.exitCode = await preview(root, options.images, args, say);
  });

program
  .command("rehearse")
  .description("the life of a stack on AWS in memory: create, upgrades, failure, rollback, rotation, destroy")
  .argument("<stack>", "staging or production")
  .action(async (stack: string) => {
    const { rehearse } = await import("./rehearse");
    process.exitCode = await rehearse(root, stack, say);
  });

program
  .command("down")
  .description("removes everything the stack made, its data included, and nothing else")
  .argument("[engine arguments...]", "handed to the engine's `destroy`")
  .allowUnknownOption()
  .action(async (args: string[]) => {
    const { down } = await import("./local");
    process.exitCode = await down(root, args, say);
  });

program
  .command("test")
  .description("set-up, then lint, types, format and every test")
  .option(...imagesOption, "auto")
  .action(async (options: { images: string }) => {
    const { test } = await import("./test");
    process.exitCode = await test(root, options.images, say);
  });

const d1 = program
  .command("d1")
  .description("the Worker's database at Cloudflare: its migrations (wrangler)");
const onStack = ["--stack <stack>", "staging or production"] as const;
const onThisMachine = ["--local", "a database on this machine, in place of the one at Cloudflare"] as const;

d1.command("list")
  .description("what is pending, tried out on an empty database on this machine")
  .requiredOption(...onStack)
  .option(...onThisMachine)
  .action(async (options: D1Options) => {
    const { listMigrations } = await import("./d1");
    await listMigrations(root, options, say);
  });

d1.command("apply")
  .description(
    "applies what is pending; where the environment migrates by approval, what was listed and approved",
  )
  .requiredOption(...onStack)
  .option(...onThisMachine)
  .option("--listed <digest>", "only if what is pending is what was listed")
  .option("--approved-by <who>", "who approved what was listed; the database keeps it")
  .action(async (options: D1ApplyOptions) => {
    const { applyPending } = await import("./d1");
    await applyPending(root, options, say);
  });

const secrets = program
  .command("secrets")
  .description("the secrets of a stack: where each is from, and new values");
const ofStack = ["--stack <stack>", "local, staging or production", "local"] as const;

secrets
  .command("list")
  .description("every secret: its source, how long a value may live, since when it has this one, who uses it")
  .option(...ofStack)
  .action(async (options: SecretsOptions) => {
    const { listSecrets } = await import("./secrets");
    listSecrets(root, options, say);
  });

secrets
  .command("rotate")
  .description("makes a secret anew; the old value stays valid until whatever uses it was replaced")
  .argument("<name>", "a secret, as listed")
  .option(...ofStack)
  .action(async (name: string, options: SecretsOptions) => {
    const { rotateSecret } = await import("./secrets");
    process.exitCode = await rotateSecret(root, name, options, say);
  });

async function main(): Promise<void> {
  const { registerDecisionCommands, registerEvidenceCommands } = await import("./evidence/commands");
  registerEvidenceCommands(program);
  registerDecisionCommands(program, root, say);
  const { registerReportCommand } = await import("./report/commands");
  registerReportCommand(program);
  await program.parseAsync();
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof UserError ? `error: ${error.message}` : String((error as Error).stack)}\n`,
  );
  process.exitCode = 1;
});
