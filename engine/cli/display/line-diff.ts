/** The line-by-line difference of two texts, with two unchanged lines around each change. */

export interface DiffLine {
  op: "same" | "create" | "delete";
  text: string;
}

const CONTEXT_LINES = 2;
/** Beyond this many pairs of lines the changed middle is shown whole: the table would not be worth its memory. */
const MAX_PAIRS = 1_000_000;

/** Runs of unchanged lines are cut to their ends next to a change; `...` stands for what was left out. */
export function diffLines(before: string, after: string): DiffLine[] {
  const lines = compare(before.split("\n"), after.split("\n")).filter(({ text }) => text.trim() !== "");
  const near = (index: number): boolean =>
    lines
      .slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1)
      .some(({ op }) => op !== "same");
  return lines.flatMap((line, index) => {
    if (near(index)) return [line];
    return index === 0 || near(index - 1) ? [{ op: "same" as const, text: "..." }] : [];
  });
}

/** By the longest common subsequence of what is between the common beginning and the common end. */
function compare(olds: string[], news: string[]): DiffLine[] {
  let start = 0;
  while (start < olds.length && start < news.length && olds[start] === news[start]) start++;
  let end = 0;
  const shortest = Math.min(olds.length, news.length) - start;
  while (end < shortest && olds[olds.length - 1 - end] === news[news.length - 1 - end]) end++;
  const same = (lines: string[]): DiffLine[] => lines.map((text) => ({ op: "same", text }));
  return [
    ...same(olds.slice(0, start)),
    ...middle(olds.slice(start, olds.length - end), news.slice(start, news.length - end)),
    ...same(olds.slice(olds.length - end)),
  ];
}

function middle(olds: string[], news: string[]): DiffLine[] {
  const width = news.length + 1;
  const common = new Uint32Array(olds.length * news.length > MAX_PAIRS ? 0 : (olds.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  if (common.length > 0) {
    for (let i = olds.length - 1; i >= 0; i--) {
      for (let j = news.length - 1; j >= 0; j--) {
        common[i * width + j] =
          olds[i] === news[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      }
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < olds.length || j < news.length) {
    const [before, after] = [olds[i], news[j]];
    if (before !== undefined && before === after) {
      lines.push({ op: "same", text: before });
      i++;
      j++;
    } else if (before !== undefined && (after === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ op: "delete", text: before });
      i++;
    } else {
      lines.push({ op: "create", text: after ?? "" });
      j++;
    }
  }
  return lines;
}
