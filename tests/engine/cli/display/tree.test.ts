import assert from "node:assert/strict";
import { createColors } from "picocolors";
import { TreeDisplay } from "../../../../engine/cli/display/tree";
import type { DisplayOptions } from "../../../../engine/cli/display/options";
import type { EngineEvent } from "../../../../engine/model";
import { did, recorder, stackState, state, step, summary } from "./events";

const component = "demo:index:Group";
const table = "demo:index/table:Table";

/** Shows the events on a terminal of that size; the frame that stays, and what follows it. */
function show(
  events: EngineEvent[],
  size: { columns: number; rows: number },
  options: Partial<DisplayOptions> = {},
): { frame: string; rest: string } {
  const recording = recorder(options);
  let frame = "";
  const canvas = { draw: (text: string) => (frame = text), persist: () => undefined, size: () => size };
  const display = new TreeDisplay(recording, canvas);
  for (const event of events) display.event(event);
  display.end();
  return { frame, rest: recording.text() };
}

const group = state(component, "all", {}, { custom: false });
const orders = state(table, "orders", { size: 1 }, { parent: group.urn });
const users = state(table, "users", { size: 1 }, { parent: group.urn });
const lone = state(table, "lone", { key: "a" });
const newLone = state(table, "lone", { key: "b" });

const events: EngineEvent[] = [
  ...did(step("same", stackState({}), stackState({}))),
  ...did(step("same", group, group)),
  ...did(step("create", undefined, orders)),
  ...did(step("same", users, users)),
  ...did(step("create-replacement", lone, newLone, { logical: false })),
  ...did(step("replace", lone, newLone)),
  ...did(step("delete-replaced", lone, undefined, { logical: false }), 1500),
  summary({ create: 1, replace: 1, same: 3 }),
];

describe("tree display", () => {
  it("ends with the tree of what changed: a replacement is one row, an unchanged parent shows for its child", () => {
    const { frame, rest } = show(events, { columns: 120, rows: 40 });
    assert.equal(
      frame,
      `     Type                    Name      Status           Info
     pulumi:pulumi:Stack     shop-dev
     ├─ demo:index:Group     all
 +   │  └─ demo:index:Table  orders    created (0.04s)
 +-  └─ demo:index:Table     lone      replaced (1s)    [diff: ~key]`,
    );
    assert.equal(
      rest,
      `Updating (dev):

Resources:
    + 1 created
    +-1 replaced
    2 changes. 3 unchanged

Duration: 3s

`,
    );
  });

  it("shows only the last part of types on a narrow terminal, and cuts what still does not fit", () => {
    const { frame } = show(events, { columns: 40, rows: 40 }, { colors: createColors(false) });
    assert.deepEqual(
      frame.split("\n").map((line) => line.length <= 39),
      [true, true, true, true, true],
    );
    assert.match(frame, /^ \+ {3}│ {2}└─ Table {2}orders {4}created/m);
  });

  it("closes colours where it cuts", () => {
    const { frame } = show(events, { columns: 30, rows: 40 }, { colors: createColors(true) });
    for (const line of frame.split("\n")) {
      const last = line.match(/\u001b\[\d+m/g)?.at(-1);
      assert.match(last ?? "", /^\u001b\[(0|24|39)m$/, line);
    }
  });

  it("shows the end of a tree that is higher than the terminal while it runs, and all of it at the end", () => {
    const many = Array.from({ length: 30 }, (_, index) => state(table, `t${index}`, {}));
    const recording = recorder();
    const frames: string[] = [];
    const canvas = {
      draw: (text: string) => void frames.push(text),
      persist: () => undefined,
      size: () => ({ columns: 80, rows: 10 }),
    };
    const display = new TreeDisplay(recording, canvas);
    for (const resource of many)
      display.event({ kind: "resource-pre", step: step("create", undefined, resource), planning: false });
    display.draw();
    display.end();
    assert.equal(frames[0]?.split("\n").length, 9);
    assert.match(frames[0] ?? "", /t29/);
    assert.equal(frames.at(-1)?.split("\n").length, 32);
  });
});
