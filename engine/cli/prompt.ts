/** Questions to whoever sits at the terminal. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CommandError } from "./errors";
import type { GlobalFlags } from "./program";
import { isInteractive } from "./session";

/** Answers what is typed, without blanks around it; "" at the end of the input and at Ctrl-C. */
export type Ask = (question: string) => Promise<string>;

/** Several questions: what is typed ahead answers the next one. */
export async function converse<T>(talk: (ask: Ask) => Promise<T>): Promise<T> {
  return withAnswers(process.stdout, talk);
}

export const ask = (question: string): Promise<string> => converse((next) => next(question));

/** Without showing what is typed. */
export async function askSecretly(question: string): Promise<string> {
  process.stdout.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const answer = await withAnswers(nowhere, (next) => next(""));
  process.stdout.write("\n");
  return answer;
}

async function withAnswers<T>(output: NodeJS.WritableStream, talk: (ask: Ask) => Promise<T>): Promise<T> {
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  terminal.once("SIGINT", () => terminal.close());
  const lines = terminal[Symbol.asyncIterator]();
  try {
    return await talk(async (question) => {
      terminal.setPrompt(question);
      terminal.prompt();
      const line = await lines.next();
      return line.done === true ? "" : line.value.trim();
    });
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
