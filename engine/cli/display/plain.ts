/** Progress as plain lines: one whenever there is news of a resource. For everything that is not a terminal. */
import type { EngineEvent } from "../../model";
import { splitUrn } from "../../deploy/urn";
import type { Display } from "./display";
import { actionLabel, type DisplayOptions } from "./options";
import { Rows, type Row } from "./rows";
import { closingSections } from "./sections";

/** A build server takes a silent process for dead; so a line now and then says that it is not. */
const HEARTBEAT_MS = 20_000;

export class PlainDisplay implements Display {
  private readonly rows: Rows;
  private readonly heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: DisplayOptions,
    suppressProgress: boolean,
  ) {
    this.rows = new Rows(options, false);
    const label = actionLabel(options);
    options.out(`${options.colors.bold(`${label} (${splitUrn(options.stackUrn).stack}):`)}\n\n`);
    if (!suppressProgress) {
      this.heartbeat = setInterval(() => options.out(`@ ${label.toLowerCase()}....\n`), HEARTBEAT_MS).unref();
    }
  }

  event(event: EngineEvent): void {
    if (event.kind === "stdout") this.options.out(`${this.options.mask(event.message)}\n`);
    const row = this.rows.apply(event);
    if (row) this.print(row);
  }

  end(): void {
    clearInterval(this.heartbeat);
    const unfinished = [...this.rows.all.values()].filter((row) => !this.rows.isDone(row));
    this.rows.done = true;
    for (const row of unfinished) this.print(row);
    this.options.out(closingSections(this.rows, this.options));
  }

  private print(row: Row): void {
    if (row.hidden) return;
    this.heartbeat?.refresh();
    this.options.out(`${` ${this.rows.columns(row).join(" ")}`.trimEnd()}\n`);
  }
}
