/** A fault of the user's input or machine: shown as its message alone, without a stack trace. */
export class UserError extends Error {}
