import assert from "node:assert/strict";
import { FakeCloud } from "./fake-cloud";
import type { Program } from "./harness";
import { down, gate, listed, up } from "./harness";

describe("parallelism", () => {
  it("runs as many operations at a time as allowed", async () => {
    for (const parallel of [1, 3]) {
      const cloud = new FakeCloud();
      for (let i = 0; i < 6; i++) cloud.faults.set(`create r${i}`, () => new Promise<void>(setImmediate));
      await up((program) => Promise.all([0, 1, 2, 3, 4, 5].map((i) => program.resource(`r${i}`))), {
        cloud,
        options: { parallel },
      });
      assert.equal(cloud.mostRunning, parallel);
    }
  });

  it("deletes after a resource the children of a component that it depends on", async () => {
    const first = await up(async (program) => {
      const c = await program.component("c");
      await program.resource("child", {}, { parent: c.urn });
      await program.resource("user", {}, { dependsOn: [c] });
    });
    const deleted = gate();
    first.cloud.faults.set("delete user-2", () => {
      setImmediate(deleted.open);
      return deleted.opened;
    });
    const { cloud } = first;
    const left: [string, boolean][] = [];
    cloud.onDelete = (id) => left.push([id, cloud.world.has("user-2")]);
    await down({ base: first.state, cloud });
    assert.deepEqual(left, [
      ["user-2", true],
      ["child-1", false],
    ]);
  });

  it("deletes independent resources at the same time", async () => {
    const first = await up((program) => Promise.all(["a", "b", "c"].map((name) => program.resource(name))));
    const both = gate();
    let waiting = 0;
    for (const id of first.cloud.world.keys()) {
      first.cloud.faults.set(`delete ${id}`, () => {
        if (++waiting === 3) both.open();
        return both.opened;
      });
    }
    const { result } = await down({ base: first.state, cloud: first.cloud });
    assert.equal(result, "succeeded");
  });
});

describe("the end of a deployment", () => {
  it("tells the host when it stops before its end, and not after", async () => {
    const stops: string[] = [];
    const watch = (name: string) => async (program: Program) => {
      void program.deployment.stopped.then(() => stops.push(name));
      if (name === "failing") await program.resource("a", { bad: "no" });
    };
    await up(watch("failing"));
    await up(watch("broken program"), { error: "exited" });
    await up(watch("fine"));
    await new Promise(setImmediate);
    assert.deepEqual(stops, ["failing"]);
  });

  it("waits at the end for what was registered, and takes nothing more", async () => {
    const made = gate();
    const cloud = new FakeCloud();
    cloud.faults.set("create a", () => made.opened);
    let late: Promise<unknown> = Promise.resolve();
    const { state, result } = await up(
      async (program) => {
        void program.resource("a");
        setImmediate(() => {
          late = assert.rejects(program.resource("b"), /the deployment has stopped/);
          made.open();
        });
      },
      { cloud },
    );
    await late;
    assert.equal(result, "succeeded");
    assert.deepEqual(listed(state), ["a a-1"]);
  });
});
