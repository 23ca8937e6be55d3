/** IPv4 blocks as numbers. Pure. */
export interface Block {
  first: number;
  last: number;
  bits: number;
}

/** @returns undefined for what is no block, or has bits set beyond its length. */
export function parseBlock(text: string): Block | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const numbers = match.slice(1).map(Number);
  const bits = numbers[4] ?? 33;
  const bytes = numbers.slice(0, 4);
  if (bits > 32 || bytes.some((byte) => byte > 255)) return undefined;
  const first = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 ** (32 - bits);
  return first % size === 0 ? { first, last: first + size - 1, bits } : undefined;
}

export const isInside = (inner: Block, outer: Block): boolean =>
  inner.first >= outer.first && inner.last <= outer.last;

export const overlap = (a: Block, b: Block): boolean => a.first <= b.last && b.first <= a.last;
