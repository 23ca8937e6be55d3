/** What rules could not judge before the update, collected over one run of the pack: a process serves one preview or one update. */

export interface NotEvaluated {
  readonly rule: string;
  /** The resource's. */
  readonly name: string;
  /** Of the values that only the update will know. */
  readonly paths: readonly string[];
}

const collected: NotEvaluated[] = [];

export function noteNotEvaluated(entry: NotEvaluated): void {
  collected.push(entry);
}

/** What was collected since the last time this was asked, in a fixed order. */
export function takeNotEvaluated(): NotEvaluated[] {
  const key = ({ rule, name }: NotEvaluated): string => `${rule} ${name}`;
  return collected.splice(0).sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
