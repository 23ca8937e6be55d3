/** What every gate has in common, tested for each: who it asks, what it lets pass, and that it is closed to what is not known. */
import assert from "node:assert/strict";
import type { Rule } from "../../policy/rule";
import { activateWaivers } from "../../policy/waivers";
import { commit, container, digest, release } from "./compliant";
import { judge, notApplicable, unknown, type TestResource } from "./support";

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
const dayFromNow = (days: number): string => hoursAgo(-24 * days).slice(0, 10);
const image = `sha256:${digest("sample")}`;

/** What staging runs, and has run for 48.5 hours. */
export const upstream = {
  ...{ stack: "organization/slipway/staging", version: "1.4.0", commit },
  ...{ images: { sample: image }, smokePassedAt: hoursAgo(49), liveSince: hoursAgo(48.5) },
};

export const documents = {
  runbooks: { rollback: dayFromNow(-10), hotfix: dayFromNow(-80) },
  direction: { owner: "manager", lastReviewed: dayFromNow(-5), expires: dayFromNow(5) },
  environmentMatrixCurrent: true,
  openChecklistItems: [],
};
export { hoursAgo, dayFromNow };

/** A release that may go to production. */
export function productionRelease(changes: Record<string, unknown> = {}): TestResource {
  return release({
    ...{
      environment: "production",
      upstream,
      documents,
      monitorSeconds: 1800,
      rollback: false,
      hotfix: false,
    },
    ...{ previousVersion: "1.3.0", released: ["1.3.0", "1.2.0"], held: ["1.1.0"], approvals: [] },
    strategy: { kind: "canary", steps: [5, 25, 50, 100], bakeSeconds: 300 },
    migrations: [
      { id: "003_add", phase: "expand" },
      { id: "004_drop", phase: "contract" },
    ],
    ...changes,
  });
}

interface Expectation {
  /** Properties that the rule reads of a compliant release, and is closed without. */
  readonly reads: readonly string[];
  /** By what is broken: the changes, and the messages without their subject. */
  readonly broken: Readonly<
    Record<string, readonly [changes: Record<string, unknown>, ...messages: string[]]>
  >;
  /** Changes under which another value passes too. */
  readonly alsoPasses?: readonly Record<string, unknown>[];
  readonly compliant?: Record<string, unknown>;
  readonly config?: Record<string, unknown>;
  /** False where the gate stands everywhere. */
  readonly onlyInProduction?: boolean;
}

export function describeGate(
  rule: Rule,
  { reads, broken, alsoPasses = [], compliant = {}, config = {}, onlyInProduction = false }: Expectation,
): void {
  const of = (changes: Record<string, unknown>): TestResource =>
    productionRelease({ ...compliant, ...changes });

  describe(rule.name, () => {
    afterEach(() => activateWaivers([]));

    it("lets what complies pass, and is silent about other types", async () => {
      for (const changes of [{}, ...alsoPasses])
        assert.deepEqual(await judge(rule, of(changes), { config }), []);
      assert.equal(await judge(rule, container()), notApplicable);
    });

    for (const [what, [changes, ...messages]] of Object.entries(broken)) {
      it(`finds ${what}`, async () => {
        assert.deepEqual(
          await judge(rule, of(changes), { config }),
          messages.map((message) => `Release "sample-release" ${message}`),
        );
      });
    }

    it("asks nothing of a rollback, nor of environments that its configuration does not name", async () => {
      for (const [changes] of Object.values(broken)) {
        assert.deepEqual(await judge(rule, of({ ...changes, rollback: true }), { config }), []);
        assert.deepEqual(
          await judge(rule, of(changes), { config: { ...config, environments: ["other"] } }),
          [],
        );
        const local = await judge(rule, of({ ...changes, environment: "local" }), { config });
        assert.equal(local.length === 0, onlyInProduction);
      }
    });

    it("is closed to what is not known", async () => {
      for (const property of ["environment", "rollback", ...reads]) {
        const messages = await judge(rule, of({ [property]: unknown }), { config });
        assert.ok(
          [messages]
            .flat()
            .some((message) => message.startsWith(`"sample-release" does not know ${property} before`)),
          `${property}: ${String(messages)}`,
        );
      }
    });

    it(rule.waivable ? "is waived, and says so" : "cannot be waived", async () => {
      const waiver = { policy: rule.name, resource: "*", approver: "b@slipway.example", ticket: "T-1" };
      activateWaivers([{ ...waiver, expiresOn: "2100-01-01T00:00:00.000Z" }]);
      for (const [changes, ...messages] of Object.values(broken)) {
        const found = await judge(rule, of(changes), { config });
        assert.equal(found.length, messages.length);
        for (const message of found) {
          assert.equal(
            message.startsWith(
              "advisory: Waived by b@slipway.example until 2100-01-01T00:00:00.000Z (T-1): ",
            ),
            rule.waivable,
          );
        }
      }
    });
  });
}

/** A service on ECS, with a hook at a stage. */
export function ecsService(stage?: string, targetType = "AWS_LAMBDA"): TestResource {
  const lifecycleHooks = stage === undefined ? [] : [{ lifecycleStages: [stage], targetType }];
  return {
    type: "aws:ecs/service:Service",
    name: "service",
    props: { deploymentConfiguration: { strategy: "CANARY", lifecycleHooks } },
  };
}

export const invocation: TestResource = {
  type: "aws:lambda/invocation:Invocation",
  name: "before",
  props: {},
};
