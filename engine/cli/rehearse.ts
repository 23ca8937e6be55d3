/**
 * The commands of this engine, one after another in one process, on a cloud that is simulated: what `npm run rehearse` drives. The one
 * place where an update of AWS and Cloudflare resources is let through.
 */
import { Cloud } from "../providers/simulated/cloud";
import { runCommandLine } from "./command-line";
import { CommandError, EXIT } from "./errors";
import { rehearsal } from "./rehearsal";

interface Step {
  /** The command line, such as `["up", "--yes"]`. */
  args: string[];
  /** A text that tells the task definitions whose tasks never become healthy; null for none. */
  failing: string | null;
}

/** Answers each message of the parent, a `Step`, with the command's exit code; ends when the parent lets go. */
export async function rehearse(): Promise<void> {
  const send = process.send?.bind(process);
  if (!send) throw new CommandError("`rehearse` is driven by npm run rehearse -- <stack>", EXIT.usage);
  const cloud = new Cloud();
  rehearsal.cloud = cloud;
  const ended = new Promise<void>((resolve) => process.once("disconnect", resolve));
  let steps = Promise.resolve();
  process.on("message", ({ args, failing }: Step) => {
    steps = steps.then(async () => {
      cloud.failing = ({ inputs }) => failing !== null && JSON.stringify(inputs).includes(failing);
      const code = await runCommandLine(["node", "pulumi", ...args]);
      // What the command has written must be there before its end is told.
      process.stdout.write("", () => send(code));
    });
  });
  await ended;
}
