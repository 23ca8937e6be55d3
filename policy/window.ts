/** When releases may go out: windows by weekday and time in a time zone, and freezes from one moment to another. Pure. */

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** `"Mon-Thu 09:00-16:00"`, `"Fri 09:00-12:00"`, `"Sat,Sun 00:00-24:00"`; one that ends before it begins ends on the next day. */
const windowPattern = /^([A-Z][a-z]{2}(?:[-,][A-Z][a-z]{2})*) (\d\d):(\d\d)-(\d\d):(\d\d)$/;

interface Window {
  readonly days: ReadonlySet<number>;
  /** Minutes since midnight. */
  readonly from: number;
  readonly to: number;
}

/** What keeps a release from going out at a moment; undefined when nothing does. */
export interface Schedule {
  /** An IANA time zone, such as Europe/Berlin. */
  readonly timeZone: string;
  /** Windows in which releases go out; none means always. */
  readonly allow: readonly string[];
  /** Windows in which none does, whatever is allowed. */
  readonly deny: readonly string[];
  /** `2026-12-20T00:00:00Z/2027-01-04T00:00:00Z`: none goes out from one moment until the other. */
  readonly freezes: readonly string[];
}

/** Denied beats allowed, and what cannot be read denies. */
export function closedBy(schedule: Schedule, now: Date): string | undefined {
  const moment = localMoment(now, schedule.timeZone);
  if (moment === undefined) return `there is no time zone "${schedule.timeZone}"`;
  for (const freeze of schedule.freezes) {
    const [from, to] = freeze.split("/").map((text) => Date.parse(text));
    if (from === undefined || to === undefined || !(from < to))
      return `the freeze "${freeze}" is not <time>/<time>`;
    if (now.getTime() >= from && now.getTime() < to) return `the freeze ${freeze} holds`;
  }
  for (const text of [...schedule.deny, ...schedule.allow]) {
    if (readWindow(text) === undefined) return `the window "${text}" is not like "Mon-Thu 09:00-16:00"`;
  }
  const holding = (texts: readonly string[]) => texts.find((text) => holds(readWindow(text), moment));
  const denied = holding(schedule.deny);
  if (denied !== undefined) return `${denied} (${schedule.timeZone}) is denied`;
  if (schedule.allow.length === 0 || holding(schedule.allow) !== undefined) return undefined;
  return `only ${schedule.allow.join("; ")} (${schedule.timeZone}) is allowed`;
}

interface Moment {
  /** 0 for Monday. */
  readonly day: number;
  readonly minute: number;
}

/** The wall clock in a time zone; undefined when there is none of that name. */
function localMoment(now: Date, timeZone: string): Moment | undefined {
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      ...{ timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
    } as const);
    const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
    const day = weekdays.findIndex((name) => name === parts["weekday"]);
    return { day, minute: Number(parts["hour"]) * 60 + Number(parts["minute"]) };
  } catch {
    return undefined;
  }
}

function readWindow(text: string): Window | undefined {
  const [, names = "", ...clock] = windowPattern.exec(text) ?? [];
  const [fromHour = NaN, fromMinute = NaN, toHour = NaN, toMinute = NaN] = clock.map(Number);
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  if (!(from < 1440 && to <= 1440 && fromMinute < 60 && toMinute < 60) || from === to) return undefined;
  const days = new Set<number>();
  for (const part of names.split(",")) {
    const [first = -1, last = first] = part.split("-").map((name) => weekdays.indexOf(name as "Mon"));
    if (first < 0 || last < 0) return undefined;
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return { days, from, to };
}

function holds(window: Window | undefined, { day, minute }: Moment): boolean {
  if (window === undefined) return false;
  const { days, from, to } = window;
  if (from < to) return days.has(day) && minute >= from && minute < to;
  return (days.has(day) && minute >= from) || (days.has((day + 6) % 7) && minute < to);
}
