/** What is checked out. */
import { execa } from "execa";
import { UserError } from "../user-error";

export interface Checkout {
  /** Full ids of the commit and of its tree. */
  readonly commit: string;
  readonly tree: string;
  readonly committedOn: Date;
  /** Files that differ from the commit, or are not in it; ignored ones do not count. */
  readonly changed: readonly string[];
  /** Git's `user.email`; "" when it is not set. */
  readonly person: string;
}

/**
 * Asks git about the checkout in a folder.
 *
 * @throws UserError when it is none, or has no commit
 */
export async function readCheckout(root: string): Promise<Checkout> {
  const git = async (...args: string[]) => execa("git", args, { cwd: root, reject: false });
  const head = await git("show", "--no-patch", "--format=%H%n%T%n%cI", "HEAD");
  const [commit, tree, committed] = head.stdout.split("\n");
  if (head.exitCode !== 0 || commit === undefined || tree === undefined || committed === undefined) {
    throw new UserError(
      `Evidence belongs to a commit, and none can be read in ${root}: ${head.stderr.split("\n")[0] || "git did not answer"}. Run this in a git checkout with at least one commit.`,
    );
  }
  const [status, email] = await Promise.all([git("status", "--porcelain=v1"), git("config", "user.email")]);
  if (status.exitCode !== 0) throw new UserError(`git status failed in ${root}: ${status.stderr}`);
  const changed = status.stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => line.slice(3));
  return { commit, tree, committedOn: new Date(committed), changed, person: email.stdout };
}
