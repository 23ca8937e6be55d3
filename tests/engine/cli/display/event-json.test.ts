import assert from "node:assert/strict";
import { EventLines } from "../../../../engine/cli/display/event-json";
import { DigestDisplay } from "../../../../engine/cli/display/digest";
import type { EngineEvent } from "../../../../engine/model";
import { UNKNOWN } from "../../../../engine/values";
import { CANARY, STACK, did, recorder, secret, stackState, state, step, summary, urn } from "./events";

const table = "demo:index:Table";
const mask = (text: string): string => text.replaceAll(CANARY, "[secret]");
const orders = state(table, "orders", { size: 1, password: secret, echo: CANARY, later: UNKNOWN });

function lines(events: EngineEvent[], internal = false): unknown[] {
  const written: string[] = [];
  const display = new EventLines(
    { mask, now: () => 1_700_000_000_900 },
    (line) => written.push(line),
    internal,
  );
  for (const event of events) display.event(event);
  display.end();
  assert.ok(!written.join("").includes(CANARY), written.join(""));
  return written.map((line) => JSON.parse(line) as unknown);
}

describe("event lines", () => {
  it("have the CLI's form, with every secret blinded", () => {
    const detailedDiff = { size: { kind: "update", inputDiff: true } } as const;
    const update = step("update", orders, orders, {
      detailedDiff: { ...detailedDiff },
      diffs: ["size"],
      keys: [],
      provider: "p::1",
    });
    const properties = {
      echo: "[secret]",
      later: UNKNOWN,
      password: {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        ciphertext: "[secret]",
      },
      size: 1,
    };
    const seen = {
      type: table,
      urn: orders.urn,
      custom: true,
      id: "id-orders",
      parent: STACK,
      inputs: properties,
      outputs: {},
      provider: "",
    };
    assert.deepEqual(
      lines([
        { kind: "prelude", config: { "shop:size": "1" } },
        { kind: "resource-pre", step: update, planning: true },
        { kind: "diagnostic", severity: "error", message: `bad ${CANARY}`, urn: orders.urn },
        { kind: "diagnostic", severity: "debug", message: "quotes anything" },
        summary({ update: 1 }, { durationMs: 1200 }),
      ]),
      [
        { sequence: 0, timestamp: 1_700_000_000, preludeEvent: { config: { "shop:size": "1" } } },
        {
          sequence: 1,
          timestamp: 1_700_000_000,
          resourcePreEvent: {
            metadata: {
              op: "update",
              urn: orders.urn,
              type: table,
              old: seen,
              new: seen,
              diffs: ["size"],
              detailedDiff: { size: { diffKind: "update", inputDiff: true } },
              logical: true,
              provider: "p::1",
            },
            planning: true,
          },
        },
        {
          sequence: 2,
          timestamp: 1_700_000_000,
          diagnosticEvent: {
            urn: orders.urn,
            prefix: "error: ",
            message: "bad [secret]\n",
            color: "never",
            severity: "error",
          },
        },
        {
          sequence: 3,
          timestamp: 1_700_000_000,
          summaryEvent: {
            maybeCorrupt: false,
            durationSeconds: 2,
            resourceChanges: { update: 1 },
            PolicyPacks: {},
            isPreview: false,
            result: "succeeded",
          },
        },
        { sequence: 4, timestamp: 1_700_000_000, cancelEvent: {} },
      ],
    );
  });

  it("leave default providers out of what is printed, not out of the log", () => {
    const provider = state("pulumi:providers:demo", "default", {});
    const events = did(step("create", undefined, provider, { internal: true }));
    assert.equal(lines(events).length, 1);
    assert.equal(lines(events, true).length, 3);
  });

  it("tell policy violations and remediations", () => {
    const policy = {
      policyName: "p",
      policyPackName: "k",
      policyPackVersion: "1",
      description: "",
      urn: orders.urn,
    };
    const [violation, remediation] = lines([
      {
        kind: "policy-violation",
        diagnostic: { ...policy, message: CANARY, enforcementLevel: "mandatory", severity: "high" },
      },
      {
        kind: "policy-remediation",
        remediation: policy,
        urn: orders.urn,
        before: { password: secret },
        after: {},
      },
    ]) as [{ policyEvent: object }, { policyRemediationEvent: { before: object } }];
    assert.deepEqual(violation.policyEvent, {
      resourceUrn: orders.urn,
      message: "[secret]",
      color: "never",
      policyName: "p",
      policyPackName: "k",
      policyPackVersion: "1",
      policyPackVersionTag: "1",
      enforcementLevel: "mandatory",
      severity: "high",
    });
    assert.deepEqual(remediation.policyRemediationEvent.before, {
      password: {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        ciphertext: "[secret]",
      },
    });
  });
});

describe("preview digest", () => {
  function digest(events: EngineEvent[]): Record<string, unknown> {
    const recording = recorder({ preview: true });
    const display = new DigestDisplay(recording);
    for (const event of events) display.event(event);
    display.end();
    assert.ok(!recording.text().includes(CANARY), recording.text());
    return JSON.parse(recording.text()) as Record<string, unknown>;
  }

  it("is one document: config, steps but unchanged ones, diagnostics, duration in nanoseconds, changes", () => {
    const quiet = state(table, "quiet", {});
    assert.deepEqual(
      digest([
        { kind: "prelude", config: { "shop:size": "1" } },
        ...did(step("same", stackState({ a: secret }), stackState({})), 0, true),
        ...did(step("same", quiet, quiet), 0, true),
        ...did(step("create", undefined, orders, { provider: "p::1" }), 0, true),
        { kind: "diagnostic", severity: "warning", message: `careful ${CANARY}` },
        { kind: "diagnostic", severity: "info", message: "gone", ephemeral: true },
        summary({ same: 2, create: 1 }, { preview: true, durationMs: 1.5 }),
      ]),
      {
        config: { "shop:size": "1" },
        steps: [
          {
            op: "same",
            urn: STACK,
            oldState: { urn: STACK, custom: false, type: "pulumi:pulumi:Stack", outputs: { a: "[secret]" } },
            newState: { urn: STACK, custom: false, type: "pulumi:pulumi:Stack" },
            detailedDiff: null,
          },
          {
            op: "create",
            urn: orders.urn,
            provider: "p::1",
            newState: {
              urn: orders.urn,
              custom: true,
              id: "id-orders",
              type: table,
              inputs: { echo: "[secret]", later: UNKNOWN, password: "[secret]", size: 1 },
              parent: STACK,
            },
            detailedDiff: null,
          },
        ],
        diagnostics: [{ message: "warning: careful [secret]", severity: "warning" }],
        duration: 1_500_000,
        changeSummary: { same: 2, create: 1 },
      },
    );
  });

  it("has a replacement once, with its reasons, and for a refresh what was found", () => {
    const [before, after] = [state(table, "t", { key: "a" }), state(table, "t", { key: "b" })];
    const half = { logical: false };
    const detailedDiff = { key: { kind: "update", inputDiff: false } } as const;
    const { steps } = digest([
      ...did(step("create-replacement", before, after, half), 0, true),
      ...did(step("replace", before, after, { keys: ["key"], diffs: ["key"] }), 0, true),
      ...did(step("delete-replaced", before, undefined, half), 0, true),
      { kind: "resource-pre", step: step("refresh", orders, orders), planning: true },
      {
        kind: "resource-outputs",
        step: step("update", orders, orders, { detailedDiff: { ...detailedDiff } }),
        planning: true,
        durationMs: 0,
      },
    ]) as { steps: Record<string, unknown>[] };
    assert.deepEqual(
      steps.map(({ op, urn, diffReasons, replaceReasons, detailedDiff }) => [
        op,
        urn,
        diffReasons,
        replaceReasons,
        detailedDiff,
      ]),
      [
        ["replace", urn(table, "t"), ["key"], ["key"], null],
        ["update", orders.urn, undefined, undefined, { key: { kind: "update", inputDiff: false } }],
      ],
    );
  });
});
