import assert from "node:assert/strict";
import { PlainDisplay } from "../../../../engine/cli/display/plain";
import type { DisplayOptions } from "../../../../engine/cli/display/options";
import type { EngineEvent } from "../../../../engine/model";
import { UNKNOWN } from "../../../../engine/values";
import { CANARY, STACK, did, recorder, secret, stackState, state, step, summary, urn } from "./events";

function show(events: EngineEvent[], options: Partial<DisplayOptions> = {}): string {
  const recording = recorder(options);
  const display = new PlainDisplay(recording, true);
  for (const event of events) display.event(event);
  display.end();
  return recording.text();
}

const table = "demo:index:Table";

describe("plain display", () => {
  it("tells a first update: rows, outputs, resources, duration", () => {
    const orders = state(table, "orders", { size: 1, password: secret });
    const created = { ...orders, outputs: { size: 1, password: secret, arn: "a:1" } };
    const stack = stackState({});
    const done = stackState({ arn: "a:1", password: secret, list: [1, { deep: "x" }], none: {} });
    assert.equal(
      show([
        { kind: "resource-pre", step: step("create", undefined, stack), planning: false },
        ...did(step("create", undefined, created)),
        {
          kind: "resource-outputs",
          step: step("create", undefined, done),
          planning: false,
          durationMs: 1700,
        },
        summary({ create: 2 }),
      ]),
      `Updating (dev):

 +  pulumi:pulumi:Stack shop-dev creating (0s)
 +  demo:index:Table orders creating (0s)
 +  demo:index:Table orders created (0.04s)
 +  pulumi:pulumi:Stack shop-dev created (1s)
Outputs:
    arn     : "a:1"
    list    : [
        [0]: 1
        [1]: {
            deep: "x"
        }
    ]
    none    : {}
    password: [secret]

Resources:
    + 2 created

Duration: 3s

`,
    );
  });

  it("tells a preview of an update and of each step of a replacement, unchanged resources only by their number", () => {
    const stack = stackState({ arn: "a:1" });
    const old = state(table, "orders", { size: 1 });
    const key = state(table, "keys", { key: "a", value: "v" });
    const newKey = state(table, "keys", { key: "b", value: UNKNOWN });
    const replacement = (op: "create-replacement" | "replace" | "delete-replaced"): EngineEvent[] =>
      did(step(op, key, newKey, { keys: ["key"], logical: op === "replace" }), 0, true);
    assert.equal(
      show(
        [
          ...did(step("same", stack, stackState({ arn: UNKNOWN })), 0, true),
          ...did(step("same", state(table, "quiet", {}), state(table, "quiet", {})), 0, true),
          ...did(step("update", old, state(table, "orders", { size: 2, tag: "new" })), 0, true),
          ...replacement("create-replacement"),
          ...replacement("replace"),
          ...replacement("delete-replaced"),
          summary({ same: 2, update: 1, replace: 1 }, { preview: true }),
        ],
        { preview: true },
      ),
      `Previewing update (dev):

 ~  demo:index:Table orders update [diff: +tag~size]
 ++ demo:index:Table keys create replacement [diff: ~key,value]
 +- demo:index:Table keys replace [diff: ~key,value]
 -- demo:index:Table keys delete original [diff: ~key,value]
    pulumi:pulumi:Stack shop-dev
Resources:
    ~ 1 to update
    +-1 to replace
    2 changes. 2 unchanged

`,
    );
  });

  it("tells a failure where it happened, and what was interrupted by it", () => {
    const orders = state(table, "orders", { size: 1 });
    const slow = state(table, "slow", {});
    assert.equal(
      show([
        { kind: "resource-pre", step: step("update", orders, orders), planning: false },
        { kind: "resource-pre", step: step("create", undefined, slow), planning: false },
        {
          kind: "diagnostic",
          severity: "error",
          message: `no room for ${CANARY}\nsecond line\n`,
          urn: orders.urn,
        },
        { kind: "resource-failed", step: step("update", orders, orders), error: "no room" },
        { kind: "diagnostic", severity: "error", message: "update failed", urn: STACK },
        summary({ same: 1 }, { result: "failed" }),
      ]),
      `Updating (dev):

 ~  demo:index:Table orders updating (0s)
 +  demo:index:Table slow creating (0s)
 ~  demo:index:Table orders updating (0s) error: no room for [secret]
 ~  demo:index:Table orders **updating failed** error: no room for [secret]
    pulumi:pulumi:Stack shop-dev running error: update failed
    pulumi:pulumi:Stack shop-dev **failed** 1 error
 +  demo:index:Table slow creating (interrupted)
Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    error: update failed

  demo:index:Table (orders):
    error: no room for [secret]
    second line

Resources:
    1 unchanged
    2 errored

Duration: 3s

`,
    );
  });

  it("puts a program's output together by stream, and forgets what was only a sign of life", () => {
    assert.equal(
      show([
        { kind: "diagnostic", severity: "info", message: "first ", streamId: 7 },
        { kind: "diagnostic", severity: "info", message: "line\n", streamId: 7 },
        { kind: "diagnostic", severity: "info", message: "waiting", ephemeral: true },
        { kind: "diagnostic", severity: "warning", message: "careful" },
        { kind: "diagnostic", severity: "debug", message: `never ${CANARY}` },
        summary({}),
      ]),
      `Updating (dev):

    pulumi:pulumi:Stack shop-dev running first
    pulumi:pulumi:Stack shop-dev running line
    pulumi:pulumi:Stack shop-dev running waiting
    pulumi:pulumi:Stack shop-dev running warning: careful
    pulumi:pulumi:Stack shop-dev  1 warning; 2 messages
Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    first line

    warning: careful

Resources:

Duration: 3s

`,
    );
  });

  it("lists each policy violation with level, severity, resource, message and remedy, and leaves the summary out when one is mandatory", () => {
    const violation = {
      policyPackName: "slipway",
      policyPackVersion: "1.0.0",
      description: "",
      urn: urn("docker:index/container:Container", "db"),
    };
    assert.equal(
      show([
        { kind: "policy-load", name: "slipway", version: "1.0.0", path: "policy" },
        {
          kind: "policy-violation",
          diagnostic: { ...violation, policyName: "a-tag", enforcementLevel: "advisory", message: "Tag it." },
        },
        {
          kind: "policy-violation",
          diagnostic: {
            ...violation,
            policyName: "no-root",
            enforcementLevel: "mandatory",
            severity: "high",
            message: `Runs as root.\nWith ${CANARY}.\n`,
            remediationSteps: "Set user.",
          },
        },
        {
          kind: "policy-remediation",
          urn: violation.urn,
          before: {},
          after: { a: 1 },
          remediation: { ...violation, policyName: "stamp" },
        },
        summary({ create: 1 }),
      ]),
      `Updating (dev):

    pulumi:pulumi:Stack shop-dev
Policies:
    ❌ slipway@v1.0.0 (local: policy)
        - [remediate]  stamp  (1 resource)
        - [mandatory] [severity: high]  no-root  (docker:index:Container: db)
          Runs as root.
          With [secret].
          Remedy: Set user.
        - [advisory]  a-tag  (docker:index:Container: db)
          Tag it.

`,
    );
  });

  it("counts operations in one order and seconds up to the next whole one", () => {
    assert.equal(
      show([
        summary({ import: 1, delete: 2, replace: 1, read: 5, create: 1, same: 3 }, { durationMs: 3_661_200 }),
      ]),
      `Updating (dev):

    pulumi:pulumi:Stack shop-dev
Resources:
    + 1 created
    - 2 deleted
    +-1 replaced
    = 1 imported
    5 changes. 3 unchanged

Duration: 1h1m2s

`,
    );
  });

  it("hides default providers and reads, but says that it reads", () => {
    const provider = state("pulumi:providers:demo", "default", {});
    assert.equal(
      show([
        ...did(step("create", undefined, provider, { internal: true })),
        ...did(step("read", undefined, state(table, "theirs", {}))),
      ]).split("\n")[2],
      "    pulumi:pulumi:Stack shop-dev running read demo:index:Table theirs",
    );
  });
});
