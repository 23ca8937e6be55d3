/** The commands of package.json, once node modules and bundles are there (bootstrap.mjs saw to that). */
import { Command } from "commander";
import { UserError } from "./user-error";

const root = process.cwd();
const say = (line: string): void => void process.stdout.write(`${line}\n`);

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
  .description("set-up, then the local stack, through the gates")
  .option(...imagesOption, "auto")
  .argument("[engine arguments...]", "handed to the engine's `up`")
  .allowUnknownOption()
  .action(async (args: string[], options: { images: string }) => {
    const { up } = await import("./local");
    process.exitCode = await up(root, options.images, args, say);
  });

program
  .command("preview")
  .description("what `up` would do")
  .option(...imagesOption, "auto")
  .argument("[engine arguments...]", "handed to the engine's `preview`, such as --diff or --json")
  .allowUnknownOption()
  .action(async (args: string[], options: { images: string }) => {
    const { preview } = await import("./local");
    process.exitCode = await preview(root, options.images, args, say);
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

async function main(): Promise<void> {
  const { registerEvidenceCommands } = await import("./evidence/commands");
  registerEvidenceCommands(program);
  await program.parseAsync();
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof UserError ? `error: ${error.message}` : String((error as Error).stack)}\n`,
  );
  process.exitCode = 1;
});
