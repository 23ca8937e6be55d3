import assert from "node:assert/strict";
import fc from "fast-check";
import { MemoryJournal } from "../../../engine/deploy/memory-journal";
import { nameOf } from "../../../engine/deploy/urn";
import type { ResourceState } from "../../../engine/model";
import type { Properties } from "../../../engine/values";
import { FakeCloud } from "./fake-cloud";
import { COMPONENT, down, fault, preview, up } from "./harness";
import type { Program, Registered } from "./harness";

/** A resource of a random program: it refers to earlier ones only. */
interface Spec {
  name: string;
  /** A component; then nothing but `parent` counts. */
  component: boolean;
  parent: string | undefined;
  plain: number;
  /** A change of it replaces the resource. */
  fixed: number;
  /** Replaced by deleting first. */
  dbr: boolean;
  uses: { name: string; fixed: boolean; input: string }[];
  dependsOn: string[];
  alias: string | undefined;
}

const NAMES = ["a", "b", "c", "d", "e", "f", "g"];

const specs = (dbr: boolean): fc.Arbitrary<Spec[]> =>
  fc
    .shuffledSubarray(NAMES)
    .chain((names) =>
      fc.tuple(
        ...names.map((name, index) =>
          fc.record({
            name: fc.constant(name),
            component: fc.boolean().map((component) => component && index % 3 === 0),
            parent: fc.option(fc.nat({ max: Math.max(0, index - 1) }), { nil: undefined }),
            plain: fc.nat({ max: 1 }),
            fixed: fc.nat({ max: 4 }).map((value) => (value === 4 ? 1 : 0)),
            dbr: dbr ? fc.boolean() : fc.constant(false),
            uses: fc.array(fc.record({ index: fc.nat({ max: 6 }), fixed: fc.boolean() }), { maxLength: 2 }),
            dependsOn: fc.array(fc.nat({ max: 6 }), { maxLength: 1 }),
          }),
        ),
      ),
    )
    .map((drafts) =>
      drafts.map((draft, index) => {
        const earlier = (other: number): boolean => other < index;
        const isComponent = (other: number): boolean => drafts[other]?.component ?? false;
        const nameAt = (other: number): string => drafts[other]?.name ?? "";
        const { parent } = draft;
        const isChild = parent !== undefined && earlier(parent) && isComponent(parent);
        return {
          ...draft,
          alias: undefined,
          parent: isChild ? nameAt(parent) : undefined,
          uses: draft.uses
            .filter((use) => earlier(use.index) && !isComponent(use.index))
            .map((use) => {
              const used = nameAt(use.index);
              return { name: used, fixed: use.fixed, input: `${use.fixed ? "fixed" : "use"}_${used}` };
            }),
          dependsOn: draft.dependsOn.filter(earlier).map(nameAt),
        };
      }),
    );

/** The same, some of them under another name, with an alias for the one they had. */
const renamed = (all: fc.Arbitrary<Spec[]>): fc.Arbitrary<Spec[]> =>
  fc.tuple(all, fc.subarray(NAMES)).map(([original, chosen]) => {
    const rename = (name: string): string => (chosen.includes(name) ? `${name}-new` : name);
    return original.map((spec) => ({
      ...spec,
      name: rename(spec.name),
      parent: spec.parent === undefined ? undefined : rename(spec.parent),
      uses: spec.uses.map((use) => ({ ...use, name: rename(use.name) })),
      dependsOn: spec.dependsOn.map(rename),
      alias: chosen.includes(spec.name) ? spec.name : undefined,
    }));
  });

/** Registers everything as soon as what it refers to is there. */
const programOf =
  (all: Spec[]) =>
  async (program: Program): Promise<void> => {
    const registered = new Map<string, Promise<Registered>>();
    const get = (name: string): Promise<Registered> => {
      const found = registered.get(name);
      if (!found) throw new Error(`${name} is used before it is registered`);
      return found;
    };
    for (const spec of all) registered.set(spec.name, register(program, spec, get));
    const results = await Promise.allSettled(registered.values());
    for (const result of results) if (result.status === "rejected") throw result.reason;
  };

async function register(
  program: Program,
  spec: Spec,
  get: (name: string) => Promise<Registered>,
): Promise<Registered> {
  const parent = spec.parent === undefined ? undefined : await get(spec.parent);
  const options = {
    ...(parent && { parent: parent.urn }),
    ...(spec.alias !== undefined && { aliases: [{ name: spec.alias }] }),
    dependsOn: await Promise.all(spec.dependsOn.map(get)),
  };
  if (spec.component) return program.component(spec.name, options);
  const inputs: Record<string, Properties[string] | Registered> = {
    plain: spec.plain,
    fixed: spec.fixed,
    ...(spec.dbr && { dbr: true }),
  };
  for (const use of spec.uses) inputs[use.input] = await get(use.name);
  return program.resource(spec.name, inputs, options);
}

/** What the state and the cloud must be when a program has been deployed. */
function assertDeployed(
  all: Spec[],
  state: readonly ResourceState[],
  cloud: FakeCloud,
  orphans: string[],
): void {
  assert.equal(fault(state), undefined);
  const programs = state.filter(({ type }) => !type.startsWith("pulumi:providers:"));
  assert.deepEqual(programs.map(({ urn }) => nameOf(urn)).sort(), all.map(({ name }) => name).sort());
  for (const resource of programs) {
    assert.ok(!resource.delete && !resource.pendingReplacement && !resource.initErrors, resource.urn);
    const spec = all.find(({ name }) => name === nameOf(resource.urn));
    assert.equal(resource.inputs?.["plain"], spec?.component ? undefined : spec?.plain);
    if (resource.type !== COMPONENT) assert.deepEqual(cloud.world.get(resource.id ?? ""), resource.inputs);
  }
  const ids = programs.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const unknown = [...cloud.world.keys()].filter((id) => !ids.includes(id) && !orphans.includes(id));
  assert.deepEqual(unknown, []);
}

/** Checks after every change that a process which dies now leaves a sound state, and remembers it. */
class WatchedJournal extends MemoryJournal {
  readonly moments: { state: ResourceState[]; world: Map<string, Properties>; creating: string[] }[] = [];

  constructor(
    base: readonly ResourceState[],
    private readonly cloud: FakeCloud,
  ) {
    super(base);
  }

  private watch(): void {
    const state = structuredClone(this.resources());
    assert.equal(fault(state), undefined);
    const creating = this.outstanding().filter(({ type }) => type === "creating");
    this.moments.push({
      state,
      world: new Map(this.cloud.world),
      creating: creating.map(({ resource }) => nameOf(resource.urn)),
    });
  }
  override put(...args: Parameters<MemoryJournal["put"]>): void {
    super.put(...args);
    this.watch();
  }
  override drop(...args: Parameters<MemoryJournal["drop"]>): void {
    super.drop(...args);
    this.watch();
  }
  override touch(): void {
    this.watch();
  }
}

function cloudWith(world: Map<string, Properties>, generation: number): FakeCloud {
  const cloud = new FakeCloud();
  for (const [id, inputs] of world) cloud.world.set(id, inputs);
  cloud.skipIds(generation * 100);
  return cloud;
}

const parallel = fc.constantFrom(1, 10);

describe("any program after any other", () => {
  it("ends with the state and the cloud as the program has them, as the preview said", async () => {
    await fc.assert(
      fc.asyncProperty(specs(true), renamed(specs(true)), parallel, async (v1, v2, slots) => {
        const first = await up(programOf(v1), { options: { parallel: slots } });
        assert.deepEqual(first.errors, []);
        assertDeployed(v1, first.state, first.cloud, []);

        const base = first.state;
        const foreseen = await preview(programOf(v2), { base, cloud: cloudWith(first.cloud.world, 1) });
        const { cloud } = first;
        const journal = new WatchedJournal(base, cloud);
        const second = await up(programOf(v2), { journal, cloud, options: { parallel: slots } });
        assert.deepEqual(second.errors, []);
        assertDeployed(v2, second.state, cloud, []);
        assert.deepEqual(journal.outstanding(), []);
        assert.deepEqual(foreseen.steps.sort(), second.steps.sort());

        const third = await up(programOf(v2), { base: second.state, cloud });
        assert.deepEqual(Object.keys(third.changes), v2.length > 0 ? ["same"] : []);
        const last = await down({ base: third.state, cloud });
        assert.deepEqual([last.state, cloud.world.size], [[], 0]);
      }),
      { numRuns: 100 },
    );
  });

  it("deletes nothing that something still uses", async () => {
    await fc.assert(
      fc.asyncProperty(specs(false), renamed(specs(false)), parallel, async (v1, v2, slots) => {
        const { state, cloud } = await up(programOf(v1));
        const used: string[] = [];
        cloud.onDelete = (id) => {
          for (const inputs of cloud.world.values()) if (Object.values(inputs).includes(id)) used.push(id);
        };
        const second = await up(programOf(v2), { base: state, cloud, options: { parallel: slots } });
        assert.deepEqual(second.errors, []);
        await down({ base: second.state, cloud, options: { parallel: slots } });
        assert.deepEqual(used, []);
      }),
      { numRuns: 100 },
    );
  });

  it("is reached by the next run whatever fails in this one", async () => {
    await fc.assert(
      fc.asyncProperty(
        specs(true),
        renamed(specs(true)),
        fc.nat(),
        fc.boolean(),
        parallel,
        async (v1, v2, which, unready, slots) => {
          const first = await up(programOf(v1));
          const trial = cloudWith(first.cloud.world, 1);
          await up(programOf(v2), { base: first.state, cloud: trial });
          const changes = trial.changes();
          const faulty = changes[which % Math.max(1, changes.length)];
          if (faulty === undefined) return;

          const { cloud } = first;
          if (unready && !faulty.startsWith("delete")) cloud.unready.add(faulty);
          else cloud.faults.set(faulty, () => Promise.reject(new Error("out of luck")));
          const journal = new WatchedJournal(first.state, cloud);
          const second = await up(programOf(v2), { journal, cloud, options: { parallel: slots } });
          assert.equal(second.result, "failed");
          assert.deepEqual(journal.outstanding(), []);
          assert.equal(fault(second.state), undefined);

          cloud.faults.clear();
          cloud.unready.clear();
          const third = await up(programOf(v2), { base: second.state, cloud });
          assert.deepEqual(third.errors, []);
          assertDeployed(v2, third.state, cloud, []);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("is reached by the next run when the process dies at any moment of this one", async () => {
    await fc.assert(
      fc.asyncProperty(specs(true), renamed(specs(true)), fc.nat(), parallel, async (v1, v2, when, slots) => {
        const { state, cloud } = await up(programOf(v1));
        const journal = new WatchedJournal(state, cloud);
        const whole = await up(programOf(v2), { journal, cloud, options: { parallel: slots } });
        assert.deepEqual(whole.errors, []);
        const moment = journal.moments[when % Math.max(1, journal.moments.length)];
        if (!moment) return;
        const revived = cloudWith(moment.world, 2);
        // What was being created may be there without the state's knowledge: of that the pending operations tell.
        const orphans = [...moment.world.keys()].filter((id) =>
          moment.creating.some((name) => id.startsWith(name)),
        );
        const next = await up(programOf(v2), { base: moment.state, cloud: revived });
        assert.deepEqual(next.errors, []);
        assertDeployed(v2, next.state, revived, orphans);
      }),
      { numRuns: 100 },
    );
  });
});
