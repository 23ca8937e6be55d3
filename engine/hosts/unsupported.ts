/** An error about what only the Pulumi CLI does; `what` with its verb: "the remote component x is". */
export const unsupported = (what: string): Error =>
  new Error(`${what} not supported by this engine; use the Pulumi CLI for this program`);
