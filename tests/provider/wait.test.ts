import assert from "node:assert/strict";
import { orCancelled, orUndo, pause, poll } from "../../provider/wait";

const never = new AbortController().signal;

describe("waiting", () => {
  it("polls until there is an answer, or the time is over", async () => {
    let probes = 0;
    const options = { everyMs: 1, withinMs: 1000, signal: never };
    assert.equal(await poll(async () => (++probes === 3 ? "there" : undefined), options), "there");
    assert.equal(probes, 3);
    assert.equal(await poll(async () => undefined, { ...options, withinMs: 0 }), undefined);
  });

  it("ends at once, with the reason, when it is cancelled", async () => {
    const cancel = new AbortController();
    const waits = [
      pause(60_000, cancel.signal),
      poll(async () => undefined, { everyMs: 60_000, withinMs: 120_000, signal: cancel.signal }),
      orCancelled(new Promise(() => undefined), cancel.signal),
    ];
    setImmediate(() => cancel.abort(new Error("Cancelled.")));
    for (const wait of waits) await assert.rejects(wait, { message: "Cancelled." });
  });

  it("does not begin what is cancelled already", async () => {
    let probed = false;
    const signal = AbortSignal.abort(new Error("Cancelled."));
    const probe = async () => (probed = true);
    await assert.rejects(poll(probe, { everyMs: 1, withinMs: 1, signal }), { message: "Cancelled." });
    assert.equal(probed, false);
  });

  it("undoes what failed, and only that", async () => {
    const undone: string[] = [];
    assert.equal(
      await orUndo(
        async () => 1,
        async () => undone.push("first"),
      ),
      1,
    );
    const failing = orUndo(
      () => Promise.reject(new Error("No.")),
      async () => undone.push("second"),
    );
    await assert.rejects(failing, { message: "No." });
    assert.deepEqual(undone, ["second"]);
  });
});
