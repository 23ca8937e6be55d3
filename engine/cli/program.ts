/** The command line: the part of `pulumi`'s own that this engine has, flag for flag. What does the work is loaded when it is asked for. */
import { Command, InvalidArgumentError, Option, type CommanderError } from "commander";
import { AlreadyTold, EXIT } from "./errors";
import type { UpdateFlags } from "./update";

/** The CLI version whose command line and state this engine speaks. */
export const VERSION = "v3.241.0-slipway";

/** What every command may be given. */
export interface GlobalFlags {
  cwd?: string;
  color: "auto" | "always" | "never";
  nonInteractive?: boolean;
  stack?: string;
  configFile?: string;
}

const repeated = (value: string, before: string[] = []): string[] => [...before, value];
const listed = (value: string, before: string[] = []): string[] => [...before, ...value.split(",")];

function atLeastOne(value: string): number {
  const amount = Number(value);
  if (!Number.isInteger(amount) || amount < 1)
    throw new InvalidArgumentError("It must be a whole number, 1 or more.");
  return amount;
}

export function buildProgram(): Command {
  const program = new Command("pulumi")
    .description(`The embedded engine ${VERSION}: the part of the Pulumi CLI that a local stack needs.`)
    .option("-C, --cwd <folder>", "run as if started in another folder")
    .addOption(
      new Option("--color <when>", "colour the output").choices(["auto", "always", "never"]).default("auto"),
    )
    .option("--non-interactive", "never ask anything")
    .hook("preAction", async (_program, command) =>
      (await import("./session")).enterFolder(command.optsWithGlobals()),
    );

  for (const kind of ["preview", "up", "destroy", "refresh"] as const) addUpdateCommand(program, kind);
  addStackCommands(program);
  addConfigCommands(program);

  stackFlag(program.command("cancel"))
    .description("remove the lock that an update which no longer runs has left")
    .argument("[stack]")
    .option("-y, --yes", "do not ask")
    .action(async (name: string | undefined, _flags: object, command: Command) =>
      (await import("./stack-commands")).cancel(command.optsWithGlobals(), name),
    );
  program
    .command("login")
    .description("use the state in a folder from now on")
    .argument("[url]", "file://<folder>")
    .option("-l, --local", "the same as file://~")
    .action(async (url: string | undefined, flags: { local?: boolean }) =>
      (await import("./account-commands")).login(flags.local === true ? "file://~" : url),
    );
  program
    .command("logout")
    .description("forget what login chose")
    .action(async () => (await import("./account-commands")).logout());
  program
    .command("whoami")
    .description("print the user whose name locks carry")
    .option("-j, --json", "as JSON")
    .action(async (flags: { json?: boolean }) =>
      (await import("./account-commands")).whoami(flags.json === true),
    );
  program
    .command("version")
    .description("print the version")
    .action(() => void process.stdout.write(`${VERSION}\n`));
  program
    .command("rehearse", { hidden: true })
    .description("run commands on a simulated cloud, as npm run rehearse sends them")
    .action(async () => (await import("./rehearse")).rehearse());
  for (const command of everyCommand(program)) configure(command);
  return program;
}

const stackFlag = (command: Command): Command =>
  command.option("-s, --stack <name>", "the stack; else PULUMI_STACK, else the selected one");
const configFileFlag = (command: Command): Command =>
  command.option("--config-file <file>", "the stack's configuration, instead of Pulumi.<stack>.yaml");

const DESCRIPTIONS = {
  preview: "show what `up` would do",
  up: "create and update the stack's resources as the program says",
  destroy: "delete the stack's resources",
  refresh: "read the stack's resources anew from their providers",
};

function addUpdateCommand(program: Command, kind: keyof typeof DESCRIPTIONS): void {
  const command = configFileFlag(stackFlag(program.command(kind)))
    .description(DESCRIPTIONS[kind])
    .option("-m, --message <text>", "kept in the stack's history")
    .option("-t, --target <urn>", "only this resource; repeatable, * and ** are wildcards", repeated)
    .option("--target-dependents", "also what depends on the targets")
    .option("-p, --parallel <count>", "operations at a time", atLeastOne)
    .option("-c, --config <key=value>", "first set this in the stack's configuration; repeatable", repeated)
    .option("--config-path", "the keys of --config are paths, such as servers[0].name")
    .option("--diff", "show every property that changes")
    .option("-j, --json", "as JSON")
    .option("--show-sames", "show unchanged resources too")
    .option("--suppress-outputs", "do not show the stack's outputs")
    .option("--suppress-progress", "no signs of life while nothing happens")
    .addOption(new Option("--event-log <file>").hideHelp())
    .addOption(new Option("--exec-kind <kind>").hideHelp())
    .addOption(new Option("--exec-agent <agent>").hideHelp())
    .action(async (_flags: object, self: Command) =>
      (await import("./update")).update(kind, self.optsWithGlobals<UpdateFlags>()),
    );
  if (kind !== "destroy") command.option("--expect-no-changes", "fail if anything changes");
  if (kind === "preview" || kind === "up") {
    command
      .option("--policy-pack <folder>", "run this policy pack; repeatable", listed)
      .option("--policy-pack-config <file>", "the configuration of the policy pack at the same place", listed)
      .option("--replace <urn>", "replace this resource; repeatable", repeated)
      .option("--target-replace <urn>", "the same as --target and --replace", repeated)
      .option("--show-secrets", "show secret values");
  }
  if (kind !== "refresh") command.option("-r, --refresh", "read the resources anew first");
  if (kind !== "preview") {
    command.option("-y, --yes", "do not ask").option("-f, --skip-preview", "no preview first");
  }
  if (kind === "destroy" || kind === "refresh") {
    command.option("--preview-only", "only show what would be done");
  }
  if (kind === "refresh") {
    command.option(
      "--clear-pending-creates",
      "forget creations that an earlier run began and did not finish",
    );
  }
  if (kind === "up") command.alias("update");
  if (kind === "preview") command.alias("pre");
}

function addStackCommands(program: Command): void {
  const stack = stackFlag(program.command("stack").enablePositionalOptions())
    .description("show the stack's resources and outputs")
    .option("-i, --show-ids", "with the resources' ids")
    .option("-u, --show-urns", "with the resources' URNs")
    .option("--show-secrets", "show secret outputs")
    .option("--show-name", "only the stack's name")
    .action(async (_flags: object, command: Command) =>
      (await import("./stack-commands")).show(command.optsWithGlobals()),
    );
  stackFlag(stack.command("init"))
    .alias("new")
    .description("make an empty stack and select it")
    .argument("[name]")
    .option("--no-select", "do not select it")
    .option("--secrets-provider <type>", "passphrase, the only one there is")
    .action(async (name: string | undefined, _flags: object, command: Command) =>
      (await import("./stack-commands")).init(command.optsWithGlobals(), name),
    );
  stackFlag(stack.command("select"))
    .description("use this stack when none is named")
    .argument("[name]")
    .option("-c, --create", "make it if there is none")
    .action(async (name: string | undefined, _flags: object, command: Command) =>
      (await import("./stack-commands")).select(command.optsWithGlobals(), name),
    );
  stack
    .command("ls")
    .alias("list")
    .description("list the project's stacks")
    .option("-j, --json", "as JSON")
    .action(async (_flags: object, command: Command) =>
      (await import("./stack-commands")).list(command.optsWithGlobals()),
    );
  stackFlag(stack.command("rm"))
    .alias("remove")
    .description("remove an empty stack and its configuration")
    .argument("[name]")
    .option("-y, --yes", "do not ask")
    .option("-f, --force", "even with resources, which are then nobody's")
    .option("--preserve-config", "keep Pulumi.<stack>.yaml")
    .action(async (name: string | undefined, _flags: object, command: Command) =>
      (await import("./stack-commands")).remove(command.optsWithGlobals(), name),
    );
  stackFlag(stack.command("output"))
    .description("print the stack's outputs, or one of them")
    .argument("[name]")
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "show secret values")
    .action(async (name: string | undefined, _flags: object, command: Command) =>
      (await import("./stack-commands")).output(command.optsWithGlobals(), name),
    );
  stackFlag(stack.command("export"))
    .description("print the stack's state")
    .option("--file <file>", "write it there instead")
    .option("--show-secrets", "with secrets in the clear")
    .action(async (_flags: object, command: Command) =>
      (await import("./stack-commands")).exportState(command.optsWithGlobals()),
    );
  stackFlag(stack.command("import"))
    .description("replace the stack's state by what `stack export` wrote")
    .option("--file <file>", "read it from there instead of standard input")
    .option("-f, --force", "even if it seems to be another stack's, or faulty")
    .action(async (_flags: object, command: Command) =>
      (await import("./stack-commands")).importState(command.optsWithGlobals()),
    );
  stackFlag(stack.command("history"))
    .description("print the stack's past updates, newest first")
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "show secret values")
    .option("--page-size <count>", "how many", atLeastOne)
    .option("--page <number>", "which of them, counted in page sizes", atLeastOne)
    .action(async (_flags: object, command: Command) =>
      (await import("./stack-commands")).history(command.optsWithGlobals()),
    );
}

function addConfigCommands(program: Command): void {
  const configCommand = (name: string, parent: Command): Command =>
    configFileFlag(stackFlag(parent.command(name)));
  const config = configCommand("config", program)
    .enablePositionalOptions()
    .alias("conf")
    .description("print the stack's configuration")
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "show secret values")
    .action(async (_flags: object, command: Command) =>
      (await import("./config-commands")).list(command.optsWithGlobals()),
    );
  configCommand("get", config)
    .description("print one value")
    .argument("<key>")
    .option("-j, --json", "as JSON")
    .option("--path", "the key is a path, such as servers[0].name")
    .action(async (key: string, _flags: object, command: Command) =>
      (await import("./config-commands")).get(command.optsWithGlobals(), key),
    );
  configCommand("set", config)
    .description("set one value; without one on the command line it is read from standard input")
    .argument("<key>")
    .argument("[value]")
    .option("--path", "the key is a path, such as servers[0].name")
    .option("--secret", "encrypt the value")
    .option("--plaintext", "do not, even if it looks like a secret")
    .action(async (key: string, value: string | undefined, _flags: object, command: Command) =>
      (await import("./config-commands")).set(command.optsWithGlobals(), key, value),
    );
  configCommand("set-all", config)
    .description("set several values")
    .option("--path", "the keys are paths")
    .option("--secret <key=value>", "encrypted; repeatable", repeated)
    .option("--plaintext <key=value>", "as it is; repeatable", repeated)
    .action(async (_flags: object, command: Command) =>
      (await import("./config-commands")).setAll(command.optsWithGlobals()),
    );
  configCommand("rm", config)
    .aliases(["remove", "delete"])
    .description("remove one value")
    .argument("<key>")
    .option("--path", "the key is a path, such as servers[0].name")
    .action(async (key: string, _flags: object, command: Command) =>
      (await import("./config-commands")).remove(command.optsWithGlobals(), key),
    );
}

const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)];

/** Wrong usage ends with exit code 2 and with what there is instead. */
function configure(command: Command): void {
  command.helpCommand(false).helpOption("-h, --help", "print this");
  command.configureOutput({
    outputError: (text, write) => {
      const commands = command.commands.map((child) => child.name()).join(", ");
      const flags = command
        .createHelp()
        .visibleOptions(command)
        .map((option) => option.long ?? option.short ?? "");
      const has = commands !== "" && /unknown command/.test(text) ? commands : flags.join(" ");
      const name = everyName(command);
      write(
        `${text.trimEnd()}\n${name} of this engine has: ${has}\nThe Pulumi CLI has more; \`${name} --help\` tells what each is.\n`,
      );
    },
  });
  command.exitOverride((error: CommanderError) => {
    throw new AlreadyTold(error.exitCode === 0 ? EXIT.success : EXIT.usage);
  });
}
const everyName = (command: Command): string =>
  (command.parent ? `${everyName(command.parent)} ` : "") + command.name();
