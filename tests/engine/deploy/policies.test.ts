import assert from "node:assert/strict";
import type {
  AnalyzerResource,
  EnforcementLevel,
  EngineEvent,
  PolicyDiagnostic,
  PolicyPack,
  PolicyRemediation,
} from "../../../engine/model";
import type { Properties } from "../../../engine/values";
import type { Program } from "./harness";
import { find, listed, preview, STACK_URN, up, urn } from "./harness";

class FakePack implements PolicyPack {
  readonly version = "1.0.0";
  readonly path = "/pack";
  readonly asked: [string, AnalyzerResource][] = [];
  stack: AnalyzerResource[] | undefined;
  remediation: (resource: AnalyzerResource) => Properties | string | undefined = () => undefined;
  violation: (resource: AnalyzerResource) => EnforcementLevel | undefined = () => undefined;
  stackViolation: { urn: string; enforcementLevel: EnforcementLevel } | undefined;

  constructor(readonly name: string) {}

  async remediate(resource: AnalyzerResource): Promise<PolicyRemediation[]> {
    this.asked.push(["remediate", structuredClone(resource)]);
    const remedy = this.remediation(resource);
    if (remedy === undefined) return [];
    const policy = {
      ...this.policy(),
      ...(typeof remedy === "string" ? { diagnostic: remedy } : { properties: remedy }),
    };
    return [policy];
  }
  async analyze(resource: AnalyzerResource): Promise<PolicyDiagnostic[]> {
    this.asked.push(["analyze", structuredClone(resource)]);
    const enforcementLevel = this.violation(resource);
    return enforcementLevel ? [this.diagnostic(resource.urn, enforcementLevel)] : [];
  }
  async analyzeStack(resources: AnalyzerResource[]): Promise<PolicyDiagnostic[]> {
    this.stack = structuredClone(resources);
    const violation = this.stackViolation;
    return violation ? [this.diagnostic(violation.urn, violation.enforcementLevel)] : [];
  }
  async close(): Promise<void> {}

  diagnostic(at: string, enforcementLevel: EnforcementLevel): PolicyDiagnostic {
    return { ...this.policy(), message: "not so", enforcementLevel, urn: at };
  }
  policy() {
    return {
      policyName: "rule",
      policyPackName: this.name,
      policyPackVersion: "1.0.0",
      description: "a rule",
    };
  }
  about(call: string, name: string): AnalyzerResource | undefined {
    return this.asked.find(([asked, resource]) => asked === call && resource.name === name)?.[1];
  }
}

const violations = (events: EngineEvent[]): string[] =>
  events.flatMap((event) =>
    event.kind === "policy-violation"
      ? [`${event.diagnostic.enforcementLevel} ${event.diagnostic.urn.split("::").at(-1)}`]
      : [],
  );

const program = async (p: Program): Promise<void> => {
  const stack = await p.stack();
  const a = await p.resource(
    "a",
    { x: 1 },
    { parent: stack.urn, protect: true, customTimeouts: { create: 5 } },
  );
  await p.resource("b", { a }, { parent: stack.urn });
  await p.outputs(stack, { out: 1 });
};

describe("policies", () => {
  it("are asked of every resource with its checked inputs, options and provider", async () => {
    const pack = new FakePack("p");
    const { events } = await up(program, { packs: [pack], versions: { fake: "1.0.0" } });
    assert.deepEqual(
      pack.asked.map(([call, { name }]) => `${call} ${name}`),
      ["proj-dev", "default_1_0_0", "a", "b"].flatMap((name) => [`remediate ${name}`, `analyze ${name}`]),
    );
    const provider = urn("default_1_0_0", "pulumi:providers:fake");
    assert.deepEqual(pack.about("analyze", "a"), {
      urn: urn("a"),
      type: "fake:index:R",
      name: "a",
      properties: { x: 1 },
      options: {
        protect: true,
        ignoreChanges: [],
        additionalSecretOutputs: [],
        aliases: [],
        customTimeouts: { create: 5 },
        parent: STACK_URN,
      },
      provider: {
        urn: provider,
        type: "pulumi:providers:fake",
        name: "default_1_0_0",
        properties: { version: "1.0.0", __internal: {} },
      },
    });
    const summary = events.at(-1);
    assert.ok(summary?.kind === "summary");
    assert.deepEqual(summary.policyPacks, { p: "1.0.0" });
  });

  it("see the engine's own properties only to remediate", async () => {
    const pack = new FakePack("p");
    await up(program, { packs: [pack], versions: { fake: "1.0.0" } });
    assert.deepEqual(pack.about("remediate", "default_1_0_0")?.properties, {
      version: "1.0.0",
      __internal: {},
    });
    assert.deepEqual(pack.about("analyze", "default_1_0_0")?.properties, { version: "1.0.0" });
  });

  it("remediate one after the other; what they leave goes to the provider and into the state", async () => {
    const [one, two] = [new FakePack("one"), new FakePack("two")];
    one.remediation = ({ name }) => (name === "a" ? { x: 2 } : undefined);
    two.remediation = ({ name, properties }) =>
      name === "a" ? { ...properties, y: properties["x"] ?? 0 } : undefined;
    const { events, cloud, state } = await up((p) => p.resource("a", { x: 1 }), { packs: [one, two] });
    assert.deepEqual(cloud.received.get("create a")?.[0], { x: 2, y: 2 });
    assert.deepEqual(find(state, "a").inputs, { x: 2, y: 2 });
    assert.deepEqual(two.about("analyze", "a")?.properties, { x: 2, y: 2 });
    const told = events.flatMap((event) =>
      event.kind === "policy-remediation" ? [[event.before, event.after]] : [],
    );
    assert.deepEqual(told, [
      [{ x: 1 }, { x: 2 }],
      [{ x: 2 }, { x: 2, y: 2 }],
    ]);
  });

  it("remediate a replacement as well, and say so once", async () => {
    const pack = new FakePack("p");
    pack.remediation = ({ name, properties }) => (name === "a" ? { ...properties, stamp: "ok" } : undefined);
    const replaced = (fixed: number) => (p: Program) => p.resource("a", { fixed });
    const first = await up(replaced(1), { packs: [pack] });
    const { cloud, events } = await up(replaced(2), { packs: [pack], base: first.state, cloud: first.cloud });
    assert.deepEqual(cloud.received.get("create a")?.[0], { fixed: 2, stamp: "ok" });
    assert.equal(events.filter((event) => event.kind === "policy-remediation").length, 1);
  });

  it("that cannot remediate say why, as advice", async () => {
    const pack = new FakePack("p");
    pack.remediation = ({ name }) => (name === "a" ? "needs a human" : undefined);
    const { events, result } = await up((p) => p.resource("a", { x: 1 }), { packs: [pack] });
    assert.deepEqual(violations(events), ["advisory a"]);
    assert.equal(result, "succeeded");
  });

  it("that are mandatory stop an update before the resource is touched, and ask no stack policy", async () => {
    for (const level of ["mandatory", "remediate"] as const) {
      const pack = new FakePack("p");
      pack.violation = ({ name }) => (name === "a" ? level : undefined);
      const { result, events, cloud, state, errors } = await up(program, { packs: [pack] });
      assert.equal(result, "failed");
      assert.deepEqual(violations(events), ["mandatory a"]);
      assert.deepEqual([cloud.changes(), listed(state)], [[], ["proj-dev"]]);
      assert.equal(pack.stack, undefined);
      assert.deepEqual(errors, ["update failed"]);
    }
  });

  it("that are mandatory fail a preview, which goes on to the end", async () => {
    const pack = new FakePack("p");
    pack.violation = ({ name }) => (name === "a" ? "mandatory" : undefined);
    const { result, steps, errors } = await preview(program, { packs: [pack] });
    assert.equal(result, "failed");
    assert.deepEqual(steps, ["create proj-dev", "create a", "create b"]);
    assert.equal(pack.stack?.length, 4);
    assert.deepEqual(errors, ["preview failed"]);
  });

  it("that are advisory are told, and nothing more", async () => {
    const pack = new FakePack("p");
    pack.violation = ({ name }) => (name === "a" ? "advisory" : undefined);
    const { result, events } = await up(program, { packs: [pack] });
    assert.equal(result, "succeeded");
    assert.deepEqual(violations(events), ["advisory a"]);
  });

  it("of the whole stack see outputs at the end, after the deletes, and fail it after the damage", async () => {
    const first = await up(async (p) => {
      await program(p);
      await p.resource("gone");
    });
    const pack = new FakePack("p");
    pack.stackViolation = { urn: urn("nobody"), enforcementLevel: "mandatory" };
    const { result, events, state } = await up(program, {
      packs: [pack],
      base: first.state,
      cloud: first.cloud,
    });
    assert.equal(result, "failed");
    const told = events.flatMap((event) => (event.kind === "policy-violation" ? [event.diagnostic.urn] : []));
    assert.deepEqual(told, [STACK_URN]);
    assert.deepEqual(listed(state), ["proj-dev", "a a-1", "b b-2"]);
    const seen = Object.fromEntries((pack.stack ?? []).map(({ name, properties }) => [name, properties]));
    assert.deepEqual(seen, {
      "proj-dev": { out: 1 },
      default: {},
      a: { x: 1, made: "a" },
      b: { a: "a-1", made: "b" },
    });
    const b = pack.stack?.find(({ name }) => name === "b");
    assert.deepEqual(
      [b?.parent, b?.dependencies, b?.propertyDependencies],
      [STACK_URN, [urn("a")], { a: [urn("a")] }],
    );
  });

  it("that break stop the deployment", async () => {
    const pack = new FakePack("strict");
    pack.violation = () => {
      throw new Error("undefined is not a function");
    };
    const { errors, cloud } = await up(program, { packs: [pack] });
    assert.equal(errors[0], "policy pack strict failed: undefined is not a function");
    assert.deepEqual(cloud.changes(), []);
  });
});
