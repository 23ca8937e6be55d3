/** Errors that end a command, each with the Pulumi CLI's exit code for it (pkg/cmd/pulumi/cmd/exit_codes.go). */

export const EXIT = {
  success: 0,
  failure: 1,
  /** Wrong flags or arguments, or nobody there to confirm. */
  usage: 2,
  stackNotFound: 6,
  changesNotExpected: 7,
} as const;

/** Printed as `error: <message>`; the command has undone, or never begun, what it was about. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = EXIT.failure,
  ) {
    super(message);
    this.name = "CommandError";
  }
}

/** The user knows already; only the exit code is left to say. */
export class AlreadyTold extends CommandError {
  constructor(exitCode: number = EXIT.failure) {
    super("", exitCode);
  }
}

export const stackNotFound = (name: string): CommandError =>
  new CommandError(`no stack named '${name}' found`, EXIT.stackNotFound);
