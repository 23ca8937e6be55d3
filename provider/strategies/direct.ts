import type { Step } from "./step";
import { atOnce } from "./step";

/** All traffic in one step. */
export function plan(target: { version: string }): Step[] {
  return [atOnce(target.version)];
}
