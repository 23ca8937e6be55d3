import { AlreadyTold, CommandError, EXIT } from "./errors";
import { buildProgram } from "./program";

/** Runs one command; what goes wrong is told on standard error. @returns the exit code */
export async function runCommandLine(argv?: readonly string[]): Promise<number> {
  try {
    await buildProgram().parseAsync(argv);
    return EXIT.success;
  } catch (error) {
    if (!(error instanceof AlreadyTold)) {
      process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    }
    return error instanceof CommandError ? error.exitCode : EXIT.failure;
  }
}
