import assert from "node:assert/strict";
import { DeploymentStopped } from "../../../engine/deploy/context";
import { emptyGoal } from "../../../engine/deploy/empty-goal";
import { ASSET, RESOURCE, SIG, UNKNOWN, makeSecret } from "../../../engine/values";
import { Recorder, runFixture } from "./support";

const STACK = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s";
const FIRST = "urn:pulumi:s::p::tst:index:Thing::first";
const PROVIDER = "urn:pulumi:s::p::pulumi:providers:tst::explicit::id-of-explicit";

describe("engine/hosts/monitor, for a program", function () {
  this.timeout(240_000);
  const recorder = new Recorder();
  let ended: string | undefined = "not run";

  before(async () => {
    const config = new Map([
      ["p:label", "L"],
      ["p:token", "T"],
    ]);
    ({ ended } = await runFixture("program-options", recorder, {
      config,
      configSecretKeys: new Set(["p:token"]),
    }));
  });

  it("lets it end well, after one answer to its signal", () => {
    assert.equal(ended, undefined);
    assert.equal(recorder.finishes, 1);
  });

  it("registers the stack first, and its outputs last, secrets marked", () => {
    const stack = { type: "pulumi:pulumi:Stack", name: "p-s", custom: false, inputs: {} };
    assert.deepEqual(recorder.goal("p-s"), {
      ...emptyGoal(),
      ...stack,
      dependencies: [],
      propertyDependencies: {},
    });
    assert.equal(recorder.goals[0]?.name, "p-s");
    assert.deepEqual(recorder.outputs[STACK], { result: "made full", secret: makeSecret("s3cret") });
  });

  it("hands over a plain resource with its secrets and where it stands in the source", () => {
    assert.deepEqual(recorder.goal("first"), {
      ...emptyGoal(),
      type: "tst:index:Thing",
      name: "first",
      custom: true,
      parent: STACK,
      inputs: { label: "L", token: makeSecret("T") },
      dependencies: [],
      propertyDependencies: { label: [], token: [] },
    });
    const goal = recorder.goals.find((candidate) => candidate.name === "first");
    assert.match(goal?.sourcePosition ?? "", /^project:\/\/\/index\.js#\d+,\d+$/);
    assert.deepEqual(goal?.stackTrace?.[0], { sourcePosition: goal?.sourcePosition });
  });

  it("hands over a provider and a component with its providers, child and outputs", () => {
    assert.deepEqual(recorder.goal("explicit"), {
      ...emptyGoal(),
      type: "pulumi:providers:tst",
      name: "explicit",
      custom: true,
      parent: STACK,
      inputs: { region: "north" },
      dependencies: [],
      propertyDependencies: { region: [] },
    });
    assert.deepEqual(recorder.goal("group"), {
      ...emptyGoal(),
      type: "tst:index:Group",
      name: "group",
      custom: false,
      parent: STACK,
      inputs: { tier: "small" },
      dependencies: [],
      propertyDependencies: { tier: [] },
      providers: { tst: PROVIDER },
    });
    const group = "urn:pulumi:s::p::tst:index:Group::group";
    assert.deepEqual(recorder.goal("group-child"), {
      ...emptyGoal(),
      type: "tst:index:Thing",
      name: "group-child",
      custom: true,
      parent: group,
      provider: PROVIDER,
      inputs: { size: 1 },
      dependencies: [],
      propertyDependencies: { size: [] },
    });
    assert.deepEqual(recorder.outputs[group], { child: "made group-child" });
  });

  it("hands over every option", () => {
    assert.deepEqual(recorder.goal("full"), {
      type: "tst:index:Thing",
      name: "full",
      custom: true,
      parent: STACK,
      inputs: {
        fromFirst: "made first",
        hidden: makeSecret({ inner: 1 }),
        list: [1, "two", true],
        nothing: null,
        other: { [SIG]: RESOURCE, urn: FIRST, id: "id-of-first" },
        text: {
          [SIG]: ASSET,
          text: "hello",
          hash: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        },
      },
      dependencies: [FIRST, "urn:pulumi:s::p::tst:index:Thing::group-child"],
      propertyDependencies: {
        fromFirst: [FIRST],
        hidden: [],
        list: [],
        nothing: [],
        other: [FIRST],
        text: [],
      },
      provider: PROVIDER,
      providers: {},
      version: "1.2.3",
      pluginDownloadURL: "https://example.com/plugins",
      protect: true,
      retainOnDelete: true,
      deleteBeforeReplace: true,
      ignoreChanges: ["list[0]"],
      replaceOnChanges: ["hidden"],
      additionalSecretOutputs: ["result"],
      aliases: [
        { name: "old", parentUrn: STACK },
        { type: "tst:index:Former", noParent: true },
        { urn: "urn:pulumi:s::p::t::n" },
      ],
      importId: "imported-id",
      customTimeouts: { create: 300, update: 90 },
      deletedWith: FIRST,
      replaceWith: [FIRST],
      replacementTrigger: 7,
      hideDiff: ["list"],
      hooks: {},
    });
  });
});

describe("engine/hosts/monitor, in a preview", function () {
  this.timeout(240_000);
  it("lets a program go on with what is not known yet", async () => {
    const recorder = new Recorder(({ custom }) => ({ id: "", object: custom ? { result: UNKNOWN } : {} }));
    const things = JSON.stringify({ first: { size: 1 }, second: { size: 2 } });
    const also = { dryRun: true, config: new Map([["p:things", things]]) };
    const { ended } = await runFixture("program-plain", recorder, also);
    assert.equal(ended, undefined);
    assert.deepEqual(recorder.goal("second")?.dependencies, [FIRST]);
    assert.deepEqual(recorder.outputs[STACK], { result: UNKNOWN });
  });

  it("ends a program without a word when the deployment has stopped", async () => {
    const recorder = new Recorder((goal) => {
      if (goal.custom) throw new DeploymentStopped();
      return {};
    });
    const { ended, log } = await runFixture("program-plain", recorder);
    assert.deepEqual([ended, log.diagnostics], [undefined, []]);
  });
});
