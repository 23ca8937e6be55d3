/** Progress on a terminal: the tree of resources, drawn anew in its place until all is done. */
import type { EngineEvent, Urn } from "../../model";
import { splitUrn } from "../../deploy/urn";
import type { Display } from "./display";
import { actionLabel, type DisplayOptions } from "./options";
import { Rows, type Row } from "./rows";
import { closingSections } from "./sections";

/** What draws: a terminal, or a recorder in tests. */
export interface Canvas {
  /** Replaces what was drawn before. */
  draw(text: string): void;
  /** What is drawn now stays. */
  persist(): void;
  size(): { columns: number; rows: number };
}

const FRAME_MS = 200;
const GAP = "  ";

export class TreeDisplay implements Display {
  private readonly rows: Rows;
  private readonly timer: NodeJS.Timeout;
  private readonly messages: string[] = [];
  private frame = 0;

  constructor(
    private readonly options: DisplayOptions,
    private readonly canvas: Canvas,
  ) {
    this.rows = new Rows(options, true);
    options.out(`${options.colors.bold(`${actionLabel(options)} (${splitUrn(options.stackUrn).stack}):`)}\n`);
    this.timer = setInterval(() => this.draw(), FRAME_MS).unref();
  }

  event(event: EngineEvent): void {
    if (event.kind === "stdout") this.messages.push(this.options.mask(event.message));
    this.rows.apply(event);
  }

  end(): void {
    clearInterval(this.timer);
    this.rows.done = true;
    this.draw();
    this.canvas.persist();
    this.options.out(`\n${closingSections(this.rows, this.options)}`);
  }

  draw(): void {
    this.frame++;
    const { columns, rows: height } = this.canvas.size();
    const lines = this.table(columns);
    const { sames, done } = this.rows;
    if (!done && !this.options.showSames && sames.size > 0) lines.push("", `    ${sames.size} unchanged`);
    lines.push(...this.messages.map((message) => `  ${message}`));
    // Running, only as much as fits; the end of the tree is where things happen.
    const room = Math.max(2, height - 1);
    const shown = done || lines.length <= room ? lines : [lines[0] ?? "", ...lines.slice(1 - room)];
    this.canvas.draw(shown.map((line) => clip(line, columns - 1)).join("\n"));
  }

  private table(width: number): string[] {
    const { colors, preview } = this.options;
    const header = ["  ", "Type", "Name", preview ? "Plan" : "Status", "Info"].map((title) =>
      title.trim() === "" ? title : colors.underline(colors.blue(title)),
    );
    const cells = this.nested().map(({ row, prefix }) => {
      const [sign, type, name, status, information] = this.rows.columns(row);
      const idle = this.rows.isDone(row) || (row.step.op === "same" && row !== this.rows.stack);
      const dots = idle ? "" : ".".repeat(this.frame % 4);
      return [sign, prefix + type, name, status + dots, information];
    });
    if (cells.every(([, , , , information]) => information === "")) header.pop();
    const wide = layout([header, ...cells]);
    if (wide.every((line) => visibleLength(line) < width)) return wide;
    // Too narrow for whole types: their last part tells most.
    return layout([
      header,
      ...cells.map(([sign = "", type = "", ...rest]) => [sign, type.replace(/[^\s]*:/, ""), ...rest]),
    ]);
  }

  /** Shown rows in the order of the tree; a hidden one appears when something below it does. */
  private nested(): { row: Row; prefix: string }[] {
    const children = new Map<Urn, Row[]>();
    const { stack, all } = this.rows;
    for (const row of all.values()) {
      if (row === stack) continue;
      const parent = (row.step.new ?? row.step.old)?.parent;
      const under = parent !== undefined && all.has(parent) ? parent : stack.urn;
      const siblings = children.get(under);
      if (siblings) siblings.push(row);
      else children.set(under, [row]);
    }
    const visible = (row: Row): boolean => !row.hidden || (children.get(row.urn) ?? []).some(visible);
    const walk = (row: Row, own: string, below: string): { row: Row; prefix: string }[] => {
      const inner = (children.get(row.urn) ?? []).filter(visible);
      return [
        { row, prefix: own },
        ...inner.flatMap((child, index) =>
          index === inner.length - 1
            ? walk(child, `${below}└─ `, `${below}   `)
            : walk(child, `${below}├─ `, `${below}│  `),
        ),
      ];
    };
    return walk(stack, "", "");
  }
}

/** A canvas on a terminal: every frame takes the place of the one before. */
export function terminalCanvas(stream: NodeJS.WriteStream): Canvas {
  const showCursor = (): void => void stream.write("\u001b[?25h");
  let height = 0;
  process.once("exit", showCursor);
  return {
    draw: (text) => {
      const back = height > 1 ? `\u001b[${height - 1}A` : "";
      stream.write(`\u001b[?25l${back}\r\u001b[0J${text}`);
      height = text.split("\n").length;
    },
    persist: () => {
      stream.write("\n");
      showCursor();
      process.removeListener("exit", showCursor);
    },
    // A terminal that does not know its size says 0.
    size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
  };
}

const ESCAPE = /\u001b\[[0-9;]*m/g;
const visibleLength = (text: string): number => text.replace(ESCAPE, "").length;

function layout(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.max(...rows.map((cells) => visibleLength(cells[index] ?? ""))),
  );
  return rows.map((cells) => {
    const padded = widths.map((width, index) => {
      const cell = cells[index] ?? "";
      return cell + " ".repeat(width - visibleLength(cell));
    });
    return ` ${padded.join(GAP)}`.trimEnd();
  });
}

/** The first `width` visible characters; colours are closed. */
function clip(line: string, width: number): string {
  if (visibleLength(line) <= width) return line;
  let [seen, clipped, coloured] = [0, "", false];
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith("\u001b[")) {
      clipped += part;
      coloured = true;
    } else {
      clipped += part.slice(0, Math.max(0, width - seen));
      seen += part.length;
    }
  }
  return coloured ? `${clipped}\u001b[0m` : clipped;
}
