/** Random values, all drawn from the operating system's generator without bias. */
import { randomBytes, randomInt } from "node:crypto";
import { ADJECTIVES, ADVERBS, NAMES } from "./pet-words";

export interface TextRules {
  length: number;
  upper: boolean;
  lower: boolean;
  numeric: boolean;
  special: boolean;
  minUpper: number;
  minLower: number;
  minNumeric: number;
  minSpecial: number;
  overrideSpecial?: string;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** The minimum of each class, also of one that is switched off, then characters of any class, shuffled. */
export function randomText(rules: TextRules): string {
  const lower = UPPER.toLowerCase();
  const special = rules.overrideSpecial || SPECIAL;
  const alphabet =
    (rules.upper ? UPPER : "") +
    (rules.lower ? lower : "") +
    (rules.numeric ? "0123456789" : "") +
    (rules.special ? special : "");
  const characters = [
    ...draw(UPPER, rules.minUpper),
    ...draw(lower, rules.minLower),
    ...draw("0123456789", rules.minNumeric),
    ...draw(special, rules.minSpecial),
  ];
  characters.push(...draw(alphabet, rules.length - characters.length));
  return shuffled(characters).join("");
}

function draw(alphabet: string, count: number): string[] {
  // By code points: a character beyond 16 bits is one.
  const characters = [...alphabet];
  return Array.from({ length: count }, () => pick(characters));
}

function pick(list: readonly string[]): string {
  return list[randomInt(list.length)] ?? "";
}

/** A new order, each as likely as any other (Fisher–Yates). */
export function shuffled(list: readonly string[]): string[] {
  const copy = [...list];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [copy[last], copy[other]] = [copy[other] ?? "", copy[last] ?? ""];
  }
  return copy;
}

/** `count` elements: whole permutations of the list one after the other, the last cut short. */
export function permutations(list: readonly string[], count: number): string[] {
  const results: string[] = [];
  while (list.length > 0 && results.length < count) results.push(...shuffled(list));
  return results.slice(0, count);
}

/** `adverb-…-adjective-name` in `length` words. */
export function petName(length: number, separator: string): string {
  const lists = [...Array<string[]>(Math.max(0, length - 2)).fill(ADVERBS), ADJECTIVES, NAMES];
  return lists.slice(-length).map(pick).join(separator);
}

/** 16 random bytes in the form of a UUID; like the real provider's, without version and variant bits. */
export function uuid(): string {
  return randomBytes(16)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
