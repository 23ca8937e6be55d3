import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Rule } from "../../policy/rule";
import { container, release, remoteImage, rollout, smokeTest } from "./compliant";
import { compliantTypes, infrastructure } from "./infrastructure";
import { judge, judgeStack, unknown, type StackResource } from "./support";

const folder = "policy/rules";
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);

async function ruleIn(file: string): Promise<Rule> {
  const exported = Object.values((await import(join("../..", folder, file))) as Record<string, Rule>);
  assert.equal(exported.length, 1, `${file} exports one rule`);
  return exported[0] as Rule;
}

describe("the policy pack", () => {
  it("lists every rule", () => {
    const index = readFileSync("policy/index.ts", "utf8");
    const listed = [...index.matchAll(/import \{ (\w+) \} from "\.\/rules\/(.+)";/g)].map(
      ([, name, path]) => ({ name, path }),
    );
    assert.deepEqual(listed.map(({ path }) => `${path}.ts`).sort(), [...files].sort());
    const policies = /policies: \[([^\]]+)\]/.exec(index)?.[1]?.match(/\w+/g);
    assert.deepEqual(policies?.sort(), listed.map(({ name }) => name).sort());
  });

  for (const file of files) {
    it(`says of ${file} what it is, how to mend, which clause it enforces, and tests it`, async () => {
      const rule = await ruleIn(file);
      assert.equal(rule.name, file.replace(/\.ts$/, "").replace("/", "-"));
      assert.deepEqual(
        Object.keys(rule)
          .filter((key) => !/^(configSchema|equivalents|validate|remediate)/.test(key))
          .sort(),
        [
          ...["description", "displayName", "enforcementLevel", "name", "remediationSteps"],
          ...["seed", "severity", "unknown", "url", "waivable"],
        ],
      );
      assert.match(rule.seed, /^.+[:,] .+/);
      assert.ok(["low", "medium", "high", "critical"].includes(rule.severity));
      assert.ok(["advisory", "mandatory", "remediate"].includes(rule.enforcementLevel));
      assert.match(rule.remediationSteps, /\w{3}.*\.$/s);
      assert.equal(rule.url, `docs/policy.md#${rule.name}`);
      for (const [key, option] of Object.entries(rule.configSchema?.properties ?? {})) {
        assert.ok(option.description && option.default !== undefined, `${key} has description and default`);
      }
      assert.ok(existsSync(join("tests/policy/rules", file.replace(/\.ts$/, ".test.ts"))), "has its test");
    });

    it(`quotes no secret in ${file}`, async () => {
      const rule = await ruleIn(file);
      const canary = "c4n4ry-D0-n0t-Qu0t3-7f3a9b2c";
      const values = [
        canary,
        [canary],
        [`API_KEY=${canary}`],
        [{ label: "token", value: canary }],
        { tests: [canary] },
      ];
      const places: Record<string, readonly string[]> = {
        [container().type]: ["envs", "command", "entrypoints", "healthcheck", "labels", "uploads"],
        [release().type]: ["evidence", "approvals", "waivers"],
      };
      for (const kind of [container(), release({ hotfix: true, environment: "production" })]) {
        for (const place of places[kind.type] ?? []) {
          for (const value of values) {
            const resource = { ...kind, props: { ...kind.props, [place]: value } };
            const said =
              "validateStack" in rule ? await judgeStack(rule, [resource]) : await judge(rule, resource);
            assert.ok(!JSON.stringify(said).includes(canary), `${place}: ${JSON.stringify(said)}`);
          }
        }
      }
    });

    it(`survives odd input to ${file}`, async () => {
      const rule = await ruleIn(file);
      const others = compliantTypes.map((type) => infrastructure(type));
      const kinds = [container(), remoteImage(), release(), rollout(), smokeTest(), ...others];
      const odd = fc.oneof(
        fc.jsonValue({ maxDepth: 3 }),
        fc.constantFrom(unknown, [unknown], { a: unknown }, "", -1, null),
      );
      const resources = fc.constantFrom(...kinds).chain((kind) =>
        fc
          .tuple(
            fc.subarray(Object.keys(kind.props)),
            fc.dictionary(fc.constantFrom(...Object.keys(kind.props)), odd),
          )
          .map(([kept, changes]) => ({
            ...kind,
            props: { ...Object.fromEntries(kept.map((key) => [key, kind.props[key]])), ...changes },
          })),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(resources, { minLength: 1, maxLength: 3 }), async (some) => {
          if ("validateStack" in rule) await judgeStack(rule, some satisfies StackResource[]);
          else for (const one of some) await judge(rule, one);
        }),
        { numRuns: 300 },
      );
    });
  }

  for (const stack of ["local", "staging", "production"]) {
    it(`has a configuration for ${stack} that names existing rules and settings`, async () => {
      const config = JSON.parse(readFileSync(`policy/config/${stack}.json`, "utf8")) as Record<
        string,
        object
      >;
      const rules = new Map((await Promise.all(files.map(ruleIn))).map((rule) => [rule.name, rule]));
      for (const [name, { ...settings }] of Object.entries(config)) {
        const known = ["enforcementLevel", ...Object.keys(rules.get(name)?.configSchema?.properties ?? {})];
        assert.ok(rules.has(name), name);
        for (const key of Object.keys(settings)) assert.ok(known.includes(key), `${name}: ${key}`);
      }
    });
  }

  it("opens the gates of production that only people can pass, and no other", () => {
    const config = JSON.parse(readFileSync("policy/config/production.json", "utf8")) as Record<
      string,
      { enforcementLevel?: string }
    >;
    const open = Object.keys(config).filter((name) => config[name]?.enforcementLevel !== undefined);
    assert.deepEqual(open, ["documents-require-exercised-runbooks", "documents-require-go-live-checklist"]);
  });
});
