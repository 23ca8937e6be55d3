import assert from "node:assert/strict";
import { DiffDisplay } from "../../../../engine/cli/display/diff-view";
import type { DisplayOptions } from "../../../../engine/cli/display/options";
import type { EngineEvent } from "../../../../engine/model";
import { SIG, ASSET, UNKNOWN, makeSecret } from "../../../../engine/values";
import { CANARY, did, recorder, secret, stackState, state, step, summary } from "./events";

function show(events: EngineEvent[], options: Partial<DisplayOptions> = {}): string {
  const recording = recorder({ preview: true, ...options });
  const display = new DiffDisplay(recording);
  for (const event of events) display.event(event);
  display.end();
  return recording.text();
}

const table = "demo:index:Table";
const same = did(step("same", stackState({}), stackState({})), 0, true);

describe("diff display", () => {
  it("shows every property of a new resource below its parent", () => {
    const orders = state(table, "orders", {
      size: 1,
      ratio: 0.5,
      on: true,
      password: secret,
      later: UNKNOWN,
      none: null,
      empty: [],
      nested: { list: ["a", { b: makeSecret(1) }] },
      json: '{"k":[1]}',
      file: { [SIG]: ASSET, hash: "0123456789", path: "./page.html" },
      __internal: "x",
    });
    assert.equal(
      show([
        ...same,
        ...did(step("create", undefined, orders), 0, true),
        summary({ create: 1, same: 1 }, { preview: true }),
      ]),
      `Previewing update (dev):
  pulumi:pulumi:Stack: (same)
    [urn=urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev]
    + demo:index:Table: (create)
        [urn=urn:pulumi:dev::shop::demo:index:Table::orders]
        empty     : []
        file      : asset(file:0123456) { ./page.html }
        json      : (json) {
            k: [
                [0]: 1
            ]
        }
        later     : [unknown]
        nested    : {
            list: [
                [0]: "a"
                [1]: {
                    b: [secret]
                }
            ]
        }
        none      : <null>
        on        : true
        password  : [secret]
        ratio     : 0.5
        size      : 1
Resources:
    + 1 to create
    1 unchanged
`,
    );
  });

  it("marks what is added, removed and changed at any depth, and shows the rest for orientation", () => {
    const before = state(table, "orders", {
      gone: 1,
      kept: "k",
      name: "a",
      ports: [80, { a: 1, b: 2 }, 3],
      password: makeSecret("old"),
      type: "text",
    });
    const after = state(table, "orders", {
      kept: "k",
      name: "b",
      ports: [81, { a: 1, b: 3 }],
      password: secret,
      more: UNKNOWN,
      type: ["list"],
    });
    assert.equal(
      show([...same, ...did(step("update", before, after), 0, true)]).split("::orders]\n")[1],
      `      - gone    : 1
        kept    : "k"
      + more    : [unknown]
      ~ name    : "a" => "b"
      ~ password: [secret] => [secret]
      ~ ports   : [
          ~ [0]: 80 => 81
          ~ [1]: {
                    a: 1
                  ~ b: 2 => 3
                }
          - [2]: 3
        ]
      - type    : "text"
      + type    : [
      +     [0]: "list"
        ]
`,
    );
  });

  it("shows exactly the paths that the provider names, when it names them", () => {
    const before = state(
      table,
      "orders",
      { name: "a" },
      { outputs: { ports: [{ external: 1 }], tags: {}, name: "a", computed: "c" } },
    );
    const after = state(table, "orders", { name: "b", ports: [{ external: 2 }], tags: { "a.b": "c" } });
    const detailedDiff = {
      "ports[0].external": { kind: "update-replace", inputDiff: false },
      'tags["a.b"]': { kind: "add", inputDiff: false },
      computed: { kind: "delete", inputDiff: false },
    } as const;
    assert.equal(
      show([
        ...same,
        ...did(step("replace", before, after, { detailedDiff: { ...detailedDiff } }), 0, true),
      ]).split("::orders]\n")[1],
      `      - computed: "c"
      ~ ports   : [
          ~ [0]: {
                  ~ external: 1 => 2
                }
        ]
      ~ tags    : {
          + a.b: "c"
        }
`,
    );
  });

  it("shows the lines of a long text that changed, with two around them", () => {
    const lines = (change: string): string => ["1", "2", "3", "4", change, "6", "7", "8", "9"].join("\n");
    const before = state(table, "orders", { text: lines("five") });
    const after = state(table, "orders", { text: lines(CANARY) });
    assert.equal(
      show([...same, ...did(step("update", before, after), 0, true)]).split("::orders]\n")[1],
      `      ~ text: 
            ...
            3
            4
          - five
          + [secret]
            6
            7
            ...
`,
    );
  });

  it("compares texts that hold JSON as the values they hold", () => {
    const before = state(table, "orders", { text: '{"a":1,"b":2}' });
    const after = state(table, "orders", { text: '{"a":1,"b":3}' });
    assert.match(
      show([...same, ...did(step("update", before, after), 0, true)]),
      /~ text: \(json\) \{\n {10}~ b: 2 => 3\n {8}\}\n/,
    );
  });

  it("shows after an update what the provider added, and the stack's outputs", () => {
    const orders = state(table, "orders", { size: 1 });
    const made = { ...orders, outputs: { size: 1, arn: "a:1", token: secret } };
    const create = step("create", undefined, orders);
    assert.equal(
      show(
        [
          { kind: "resource-pre", step: create, planning: false },
          { kind: "resource-outputs", step: { ...create, new: made }, planning: false, durationMs: 3 },
          { kind: "diagnostic", severity: "warning", message: `no ${CANARY}` },
        ],
        { preview: false },
      ),
      `Updating (dev):
+ demo:index:Table: (create)
    [urn=urn:pulumi:dev::shop::demo:index:Table::orders]
    size: 1
    --outputs:--
    arn  : "a:1"
    token: [secret]
stderr: warning: no [secret]
`,
    );
  });

  it("shows secret values only when asked to", () => {
    const orders = state(table, "orders", { password: secret });
    const shown = show(did(step("create", undefined, orders), 0, true), {
      showSecrets: true,
      mask: (text) => text,
    });
    assert.match(shown, /password: "canary-7f3a"/);
  });

  it("names both providers when the provider changes, and a resource's protection", () => {
    const provider = (name: string, id: string): string =>
      `urn:pulumi:dev::shop::pulumi:providers:demo::${name}::${id}`;
    const before = state(table, "orders", {}, { provider: provider("one", "1"), protect: true });
    const after = state(table, "orders", {}, { provider: provider("two", UNKNOWN) });
    const shown = show(did(step("update", before, after, { provider: provider("two", UNKNOWN) }), 0, true));
    assert.match(shown, /demo:index:Table: \(update\) 🔓\n/);
    assert.ok(
      shown.includes(`[provider: ${provider("one", "1")} => ${provider("two", "[unknown]")}]`),
      shown,
    );
  });
});
