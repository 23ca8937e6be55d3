/** Which displays an operation has: one for whoever started it, one for a program that follows it. */
import { createColors } from "picocolors";
import type { EngineEvent } from "../../model";
import type { Display } from "./display";
import type { DisplayOptions } from "./options";

export interface DisplayChoice {
  json: boolean;
  diff: boolean;
  /** A terminal, with somebody in front of it. */
  interactive: boolean;
  suppressProgress: boolean;
  /** What gets every event as a line of JSON: a file, or a server `tcp://host:port`. */
  eventLog?: string;
}

/** All of them as one. `mask` is for what is written to files. */
export async function chooseDisplay(
  choice: DisplayChoice,
  options: DisplayOptions,
  mask: (text: string) => string,
): Promise<Display> {
  const displays = [await mainDisplay(choice, options, mask)];
  if (choice.eventLog !== undefined) {
    const { eventLog } = await import("./event-log");
    displays.push(await eventLog(choice.eventLog, { mask, now: Date.now }));
  }
  return {
    event: (event: EngineEvent) => displays.forEach((display) => display.event(event)),
    end: async () => {
      for (const display of displays) await display.end();
    },
  };
}

async function mainDisplay(
  { json, diff, interactive, suppressProgress }: DisplayChoice,
  options: DisplayOptions,
  mask: (text: string) => string,
): Promise<Display> {
  if (json && options.preview) {
    return new (await import("./digest")).DigestDisplay({ ...options, mask, colors: createColors(false) });
  }
  if (json) {
    const { EventLines } = await import("./event-json");
    return new EventLines({ mask, now: Date.now }, options.out, false);
  }
  if (diff) return new (await import("./diff-view")).DiffDisplay(options);
  if (!interactive) return new (await import("./plain")).PlainDisplay(options, suppressProgress);
  const { TreeDisplay, terminalCanvas } = await import("./tree");
  return new TreeDisplay(options, terminalCanvas(process.stdout));
}
