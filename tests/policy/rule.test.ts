import assert from "node:assert/strict";
import { resourceRule, stackRule, type ResourceRule } from "../../policy/rule";
import { takeNotEvaluated } from "../../policy/not-evaluated";
import { activateWaivers } from "../../policy/waivers";
import { container } from "./compliant";
import { judge, judgeStack, notApplicable, unknown } from "./support";

const about = {
  name: "area-do-thing",
  displayName: "A thing is done",
  description: "The thing is done.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps: "Do the thing.",
  seed: "Document, clause",
  unknown: "closed",
  waivable: true,
  types: ["docker:index/container:Container"],
} as const;

function ruleThat(
  check: ResourceRule<Record<never, never>>["check"],
  changes: Partial<ResourceRule<Record<never, never>>> = {},
) {
  return resourceRule({ ...about, check, ...changes });
}

const readsMemory = ruleThat(function* ({ memory }) {
  if (memory === 1) yield "too little";
});

describe("a rule", () => {
  afterEach(() => {
    activateWaivers([]);
    takeNotEvaluated();
  });

  it("judges the types it names, or all", async () => {
    const other = { ...container({ memory: 1 }), type: "docker:index/network:Network" };
    assert.deepEqual(await judge(readsMemory, container({ memory: 1 })), ["too little"]);
    assert.equal(await judge(readsMemory, other), notApplicable);
    const two = ruleThat(() => ["found"], { types: ["a:b:C", other.type] });
    assert.deepEqual(await judge(two, other), ["found"]);
    assert.equal(await judge(two, container()), notApplicable);
    assert.deepEqual(
      await judge(
        ruleThat(() => ["found"], { types: "all" }),
        other,
      ),
      ["found"],
    );
  });

  it("is closed, put off or content with a value that is not known, as it says, and only when it read it", async () => {
    const resource = container({ memory: unknown, cpus: unknown });
    assert.deepEqual(await judge(readsMemory, resource), [
      '"backbone-redis" does not know memory before the update. Allowed: values that are known in preview. Take them from files or configuration, not from a resource.',
    ]);
    assert.deepEqual(takeNotEvaluated(), []);
    const check = readsMemoryOf("memory");
    assert.deepEqual(await judge(ruleThat(check, { unknown: "later" }), resource), []);
    assert.deepEqual(takeNotEvaluated(), [
      { rule: "area-do-thing", name: "backbone-redis", paths: ["memory"] },
    ]);
    assert.deepEqual(await judge(ruleThat(check, { unknown: "fits" }), resource), []);
    assert.deepEqual(takeNotEvaluated(), []);
  });

  it("reports its own failure as a mandatory violation, without what the error quotes", async () => {
    const broken = ruleThat(function* () {
      yield "found before";
      JSON.parse("hunter2");
    });
    const [first, second, ...more] = await judge(broken, container());
    assert.equal(first, "found before");
    assert.match(
      second ?? "",
      /^mandatory: This rule failed \(SyntaxError( at [\w.-]+:\d+)?\), so nothing is known about the resource\. Allowed: /,
    );
    assert.doesNotMatch(second ?? "", /hunter2/);
    assert.deepEqual(more, []);
  });

  it("is waived by name and resource, told as an advisory; one that cannot be waived is not", async () => {
    const waiver = { policy: "area-do-thing", approver: "b@c.example", ticket: "T-1" };
    const expiresOn = "2030-01-01T00:00:00.000Z";
    const resource = container({ memory: 1 });
    for (const [pattern, waived] of [
      ["backbone-redis", true],
      ["backbone-*", true],
      ["*", true],
      ["urn:*::backbone-redis", true],
      ["backbone-redi", false],
      ["*-postgres", false],
      ["backbone-redis*redis", false],
    ] as const) {
      activateWaivers([{ ...waiver, resource: pattern, expiresOn }]);
      assert.deepEqual(
        await judge(readsMemory, resource),
        waived
          ? ["advisory: Waived by b@c.example until 2030-01-01T00:00:00.000Z (T-1): too little"]
          : ["too little"],
        pattern,
      );
    }
    activateWaivers([{ ...waiver, resource: "*", expiresOn }]);
    assert.deepEqual(
      await judge(
        ruleThat(() => ["found"], { waivable: false }),
        resource,
      ),
      ["found"],
    );
    assert.deepEqual(
      await judge(
        ruleThat(() => ["found"], { name: "area-other" }),
        resource,
      ),
      ["found"],
    );
  });

  it("about a stack sees parents and what a property depends on, and copies nothing it does not read", async () => {
    const redis = container();
    const user = { ...container({ cpus: unknown }), name: "user", uses: { networkMode: redis } };
    const rule = stackRule({
      ...about,
      *check(resources) {
        for (const resource of resources)
          for (const used of resource.uses("networkMode"))
            yield { message: `uses ${String(used.properties["name"])}`, resource };
      },
    });
    assert.deepEqual(await judgeStack(rule, [redis, user]), [["user", "uses slipway-redis"]]);
  });
});

function readsMemoryOf(key: string): ResourceRule<Record<never, never>>["check"] {
  return function* (properties) {
    if (properties[key] === 1) yield "too little";
  };
}
