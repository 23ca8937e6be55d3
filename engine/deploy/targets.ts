/** What `--target` and its like name. */
import type { Urn } from "../model";

/** URNs and globs: `*` stands for anything within a part of a URN, `**` for anything. None at all means everything. */
export class Targets {
  private readonly literals: Set<Urn>;
  private readonly globs: RegExp[];

  constructor(patterns: readonly string[]) {
    this.literals = new Set(patterns.filter((pattern) => !pattern.includes("*")));
    this.globs = patterns.filter((pattern) => pattern.includes("*")).map(globToRegExp);
  }

  get constrained(): boolean {
    return this.literals.size > 0 || this.globs.length > 0;
  }

  /** Always true when nothing is constrained. */
  has(urn: Urn): boolean {
    if (!this.constrained) return true;
    return this.literals.has(urn) || this.globs.some((glob) => glob.test(urn));
  }

  /** Makes one more URN a target, unless everything is one already. */
  add(urn: Urn): void {
    if (this.constrained) this.literals.add(urn);
  }

  /** The message for each literal target that is no resource. */
  missing(exists: (urn: Urn) => boolean): string[] {
    return [...this.literals]
      .filter((urn) => !exists(urn))
      .map((urn) => {
        const advice = urn.includes("$") ? "" : " Did you forget to escape $ in your shell?";
        return `Target '${urn}' could not be found in the stack.${advice}`;
      });
  }
}

function globToRegExp(glob: string): RegExp {
  const parts = glob.split("**").map((part) =>
    part
      .split("*")
      .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
      .join("[^:]*"),
  );
  return new RegExp(`^${parts.join(".*")}$`, "s");
}
