/** Questions to whoever sits at the terminal. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { GlobalFlags } from "./program";
import { CommandError } from "./errors";
import { isInteractive } from "./session";

/** The answer, without blanks around it; "" at the end of the input. */
export async function ask(question: string): Promise<string> {
  return readAnswer(question, process.stdout);
}

/** The same, without showing what is typed. */
export async function askSecretly(question: string): Promise<string> {
  process.stdout.write(question);
  const answer = await readAnswer("", new Writable({ write: (_chunk, _encoding, done) => done() }));
  process.stdout.write("\n");
  return answer;
}

async function readAnswer(question: string, output: NodeJS.WritableStream): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  const ended = new Promise<string>((resolve) => {
    terminal.once("close", () => resolve(""));
    terminal.once("SIGINT", () => terminal.close());
  });
  try {
    return (await Promise.race([terminal.question(question), ended])).trim();
  } finally {
    terminal.close();
  }
}

/** For what cannot be undone: the stack's name must be typed. @throws CommandError without that, or without anybody there. */
export async function confirmByName(
  flags: GlobalFlags,
  yes: boolean,
  warning: string,
  name: string,
): Promise<void> {
  if (yes) return;
  if (!isInteractive(flags)) throw new CommandError("non-interactive mode requires --yes flag");
  const answer = await ask(
    `${warning}\nPlease confirm that this is what you'd like to do by typing \`${name}\`: `,
  );
  if (answer !== name) throw new CommandError("confirmation declined");
}
