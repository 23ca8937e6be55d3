import assert from "node:assert/strict";
import fc from "fast-check";
import {
  chooseTarget,
  noMemory,
  remember,
  versionOf,
  type RememberedVersion,
  type StackMemory,
  type VersionContent,
  type Wish,
} from "../../stacks/target";

const now = new Date("2026-11-21T10:00:00Z");
const content: VersionContent = {
  image: `sha256:${"d".repeat(64)}`,
  memoryMb: 256,
  drainSeconds: 10,
  featureFlags: {},
  toggles: { announcements: "mock" },
};
const wish = (over: Partial<Wish> = {}): Wish => ({
  service: "sample",
  version: "",
  imageVersion: "1.0.0",
  commit: "c".repeat(40),
  content,
  rollbackTo: "",
  releaseHold: false,
  dataRestored: false,
  keepWarm: true,
  ...over,
});
const remembered = (version: string, over: Partial<RememberedVersion> = {}): RememberedVersion => ({
  version,
  commit: "b".repeat(40),
  ...content,
  contracted: [],
  restoreCommand: null,
  ...over,
});
const three: StackMemory = {
  workerStableId: null,
  live: "1.2.0",
  previous: "1.1.0",
  versions: ["1.2.0", "1.1.0", "1.0.0"].map((version) => remembered(version)),
  held: [],
};

describe("stacks/target", () => {
  it("releases the checkout's commit and content first, with nothing beside it", () => {
    assert.deepEqual(chooseTarget(wish({ version: "1.0.0" }), noMemory, now), {
      version: { version: "1.0.0", commit: "c".repeat(40), ...content },
      kept: undefined,
      rollback: false,
      held: [],
      versions: [],
    });
  });

  it("keeps the live version warm beside a new one, and its predecessor once it is live itself", () => {
    assert.equal(chooseTarget(wish({ version: "1.3.0" }), three, now).kept?.version, "1.2.0");
    assert.equal(chooseTarget(wish({ version: "1.2.0" }), three, now).kept?.version, "1.1.0");
  });

  it("keeps nothing warm where the strategy does without", () => {
    assert.equal(chooseTarget(wish({ version: "1.3.0", keepWarm: false }), three, now).kept, undefined);
  });

  it("keeps a version's first commit when the same content is released from another one", () => {
    assert.equal(chooseTarget(wish({ version: "1.2.0" }), three, now).version.commit, "b".repeat(40));
  });

  it("gives each content a version of its own, whatever the order of its keys", () => {
    const of = (over: Partial<VersionContent>) => versionOf(wish({ content: { ...content, ...over } }));
    assert.match(of({}), /^1\.0\.0-i[0-9a-f]{7}$/);
    const a = of({ featureFlags: { one: true, two: false } });
    assert.equal(a, of({ featureFlags: { two: false, one: true } }));
    assert.equal(
      new Set([a, of({}), of({ memoryMb: 512 }), of({ toggles: { announcements: "live" } })]).size,
      4,
    );
  });

  it("refuses other content under a version that was released, naming what differs", () => {
    const changed = wish({
      version: "1.1.0",
      content: { ...content, memoryMb: 512, featureFlags: { a: true } },
    });
    assert.throws(() => chooseTarget(changed, three, now), {
      message:
        "sample 1.1.0 was released before with another memoryMb, featureFlags; a version never changes. Give this one another " +
        "slipway:version, or leave that empty: then each content has its own.",
    });
  });

  it("makes a rotated secret a version, and takes none away from one that was released", () => {
    const rotated = { ...content, secretRotation: { redisPassword: "2026-11-30" } };
    const of = (each: VersionContent) => versionOf({ version: "", imageVersion: "1.0.0", content: each });
    assert.notEqual(of(rotated), of(content));
    const released = { ...three, versions: [remembered("1.2.0", rotated)] };
    for (const [memory, other] of [
      [three, rotated],
      [released, content],
    ] as const) {
      assert.throws(
        () => chooseTarget(wish({ version: "1.2.0", content: other }), memory, now),
        /^Error: sample 1\.2\.0 was released before with another secretRotation;/,
      );
    }
    assert.deepEqual(
      chooseTarget(wish({ version: "1.2.0", content: rotated }), released, now).version.secretRotation,
      { redisPassword: "2026-11-30" },
    );
  });

  describe("rolling back", () => {
    it("targets the version as it was released, keeps the one it leaves warm, and holds that", () => {
      const target = chooseTarget(wish({ rollbackTo: "1.1.0" }), three, now);
      assert.deepEqual(target, {
        version: three.versions[1],
        kept: three.versions[0],
        rollback: true,
        held: [{ version: "1.2.0", since: "2026-11-21T10:00:00.000Z" }],
        versions: three.versions,
      });
    });

    it("holds nothing twice, and nothing when the version is live already", () => {
      const held = [{ version: "1.2.0", since: "before" }];
      const back: StackMemory = { ...three, live: "1.1.0", previous: "1.2.0", held };
      assert.deepEqual(chooseTarget(wish({ rollbackTo: "1.1.0" }), back, now).held, held);
      assert.deepEqual(chooseTarget(wish({ rollbackTo: "1.2.0" }), three, now).held, []);
    });

    it("refuses a version that the stack never released, naming those it knows", () => {
      assert.throws(() => chooseTarget(wish({ rollbackTo: "0.9.0" }), three, now), {
        message:
          "sample 0.9.0 cannot be rolled back to: this stack has not released it. It knows: 1.2.0, 1.1.0, 1.0.0.",
      });
    });

    it("refuses the way back over a contract migration, with the procedure that restores", () => {
      const versions = [
        remembered("1.2.0"),
        remembered("1.1.0", { contracted: ["003_drop"], restoreCommand: "docker exec pg pg_restore x" }),
        remembered("1.0.0"),
      ];
      assert.throws(() => chooseTarget(wish({ rollbackTo: "1.0.0" }), { ...three, versions }, now), {
        message: [
          "sample 1.0.0 cannot be rolled back to: it cannot run on the schema any more.",
          "  1.1.0 applied the contract migrations 003_drop.",
          "Nothing was changed. Mend the newer version and release that; or lose what was written since, in this order:",
          "  1. docker exec pg pg_restore x",
          "  2. npm run rollback -- <stack> --to 1.0.0 --data-restored",
        ].join("\n"),
      });
      assert.equal(
        chooseTarget(wish({ rollbackTo: "1.1.0" }), { ...three, versions }, now).version.version,
        "1.1.0",
      );
    });

    it("goes over it once the data are restored, and forgets the versions whose migrations are undone", () => {
      const versions = [remembered("1.2.0", { contracted: ["003_drop"] }), remembered("1.1.0")];
      const target = chooseTarget(
        wish({ rollbackTo: "1.1.0", dataRestored: true }),
        { ...three, versions },
        now,
      );
      assert.equal(target.kept, undefined);
      assert.deepEqual(target.versions, [versions[1]]);
    });
  });

  describe("held versions", () => {
    const held: StackMemory = { ...three, live: "1.1.0", held: [{ version: "1.2.0", since: "2026-11-20" }] };

    it("are refused, with the way to say that they are good after all", () => {
      assert.throws(() => chooseTarget(wish({ version: "1.2.0" }), held, now), {
        message:
          "sample 1.2.0 is held: it was rolled back from at 2026-11-20. Release another version, or say that it is good " +
          "after all: npm run up -- --release-hold (or slipway:releaseHold: true).",
      });
    });

    it("are released on request, and stay held while others are released", () => {
      assert.deepEqual(chooseTarget(wish({ version: "1.2.0", releaseHold: true }), held, now).held, []);
      assert.deepEqual(chooseTarget(wish({ version: "1.3.0" }), held, now).held, held.held);
    });
  });

  it("remembers versions in the order of their first release, ten at most", () => {
    const outcome = { contracted: [], restoreCommand: null };
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 40 }), (released) => {
        const names = released.map((number) => `1.${number}.0`);
        const memory = names.reduce<RememberedVersion[]>(
          (versions, version) => remember(remembered(version), outcome, versions),
          [],
        );
        assert.ok(memory.length <= 10);
        assert.equal(new Set(memory.map(({ version }) => version)).size, memory.length);
        const last = names.at(-1);
        assert.ok(last === undefined || memory.some(({ version }) => version === last));
      }),
    );
  });
});
