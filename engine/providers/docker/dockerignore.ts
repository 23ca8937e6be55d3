/** .dockerignore, as Docker reads it (moby/patternmatcher): the last pattern that matches a path or a folder above it decides. Pure. */
import { posix } from "node:path";

interface Pattern {
  expression: RegExp;
  /** `!pattern`: what it matches is kept. */
  keeps: boolean;
}

export class IgnoreRules {
  private constructor(private readonly patterns: readonly Pattern[]) {}

  static parse(text: string): IgnoreRules {
    const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
    const patterns = lines
      .filter((line) => !line.startsWith("#"))
      .map((line) => /^(!?)\s*(.*)$/.exec(line.trim())?.slice(1) ?? [])
      .filter(([, pattern]) => pattern)
      .map(([keeps, pattern = ""]) => ({
        expression: toExpression(posix.normalize(pattern).replace(/^\/(?=.)|\/$/g, "")),
        keeps: keeps === "!",
      }));
    return new IgnoreRules(patterns);
  }

  /** The same rules, but that these files are not left out. */
  keeping(paths: string[]): IgnoreRules {
    const kept = paths.filter((path) => this.ignores(path));
    const patterns = kept.map((path) => ({ expression: toExpression(escapePattern(path)), keeps: true }));
    return new IgnoreRules([...this.patterns, ...patterns]);
  }

  /** Whether a file or folder is left out; `path` is relative to the context, with slashes. */
  ignores(path: string): boolean {
    const parts = path.split("/");
    const ancestry = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    const deciding = this.patterns.findLast(({ expression }) =>
      ancestry.some((each) => expression.test(each)),
    );
    return deciding !== undefined && !deciding.keeps;
  }

  /** Whether nothing within a folder that is left out can be kept all the same. */
  get prunesFolders(): boolean {
    return !this.patterns.some(({ keeps }) => keeps);
  }
}

const escapePattern = (path: string): string => path.replace(/[*?\\[\]]/g, "\\$&");

/** `**` is any number of folders, `*` and `?` stay within one, `[…]` and `\` are as in a shell. */
function toExpression(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/|\*\*|\*|\?|\\.|\[[^\]]+\]|[.+^${}()|\]/\\[]/g, (token) => {
    if (token === "**/") return "(.*/)?";
    if (token === "**") return ".*";
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    if (token.length > 1) return token;
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
