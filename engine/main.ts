/** The embedded engine's entry: runs one command and ends with its exit code. */
import { constants, setPriority } from "node:os";
import { runCommandLine } from "./cli/command-line";

async function main(): Promise<number> {
  // What is deployed may run on this very machine, and its users come first; all that the engine starts inherits this. What only reads a
  // stack is soon done, and a way back waits for it.
  if (process.argv[2] !== "stack") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  // A reader that goes away (`up | head`) must not end an update midway.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  return runCommandLine();
}

void main().then((code) => {
  // Once everything is written: a connection still open must not keep the process.
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
});
