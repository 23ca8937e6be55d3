import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { Recorder, fixture, runFixture } from "./support";

describe("engine/hosts/program-preload", function () {
  this.timeout(240_000);
  const run = (recorder: Recorder, fails: boolean) =>
    runFixture(
      "program-typescript",
      recorder,
      { config: new Map([["p:fails", String(fails)]]) },
      "--require sucrase/register/ts",
    );

  it("leaves a program what the SDK does: places in TypeScript sources, serialized functions, messages", async () => {
    const recorder = new Recorder();
    const { ended, log } = await run(recorder, false);
    assert.equal(ended, undefined);
    const places = ["first", "second", "last"].map(
      (name) => recorder.goals.find((goal) => goal.name === name)?.stackTrace,
    );
    const own = places.map((trace) =>
      trace?.flatMap(({ sourcePosition }) =>
        sourcePosition?.includes("node_modules") === false ? [sourcePosition.replace(/,\d+$/, "")] : [],
      ),
    );
    assert.deepEqual(own, [["project:///index.ts#5"], ["project:///index.ts#5"], ["project:///index.ts#12"]]);
    assert.deepEqual(recorder.outputs["urn:pulumi:s::p::pulumi:pulumi:Stack::p-s"], {
      mapping: "prepareStackTrace",
      serialized: true,
    });
    assert.deepEqual(log.diagnostics, ["info: made first", "info: made second", "info: made last"]);
  });

  it("leaves an error of the program the file and line of its TypeScript source", async () => {
    const { ended, log } = await run(new Recorder(), true);
    assert.equal(ended, "");
    const told = log.diagnostics.filter((line) => line.startsWith("error: ")).map(stripVTControlCharacters);
    assert.equal(told.length, 1);
    const lines = told[0]?.replaceAll(fixture("program-typescript"), "").split("\n");
    assert.deepEqual(lines?.slice(1, 4), [
      "TypeError: last is unwell",
      "    at new Thing (/thing.ts:10:22)",
      "    at Object.<anonymous> (/index.ts:12:1)",
    ]);
  });
});
