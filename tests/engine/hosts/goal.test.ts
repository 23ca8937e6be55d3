import assert from "node:assert/strict";
import { Alias } from "@pulumi/pulumi/proto/alias_pb";
import { SourcePosition } from "@pulumi/pulumi/proto/source_pb";
import { SourcePositions, aliasOf, parseDuration } from "../../../engine/hosts/goal";

function aliasMessage(spec: Partial<{ name: string; parentUrn: string; noParent: boolean }>): Alias {
  const message = new Alias();
  const inner = new Alias.Spec();
  if (spec.name !== undefined) inner.setName(spec.name);
  if (spec.parentUrn !== undefined) inner.setParenturn(spec.parentUrn);
  if (spec.noParent !== undefined) inner.setNoparent(spec.noParent);
  message.setSpec(inner);
  return message;
}

function position(uri: string, line: number, column: number): SourcePosition {
  const message = new SourcePosition();
  message.setUri(uri);
  message.setLine(line);
  message.setColumn(column);
  return message;
}

describe("engine/hosts/goal", () => {
  it("reads durations as Go writes them, in seconds", () => {
    const durations = { "90s": 90, "5m": 300, "1h30m": 5400, "500ms": 0.5, "1.5s": 1.5, "2h": 7200 };
    for (const [text, seconds] of Object.entries(durations)) assert.equal(parseDuration(text), seconds, text);
  });

  for (const text of ["5", "5 m", "m", "1d", "5mm"]) {
    it(`refuses the duration "${text}" and says how to write one`, () => {
      assert.throws(() => parseDuration(text), {
        message: `the custom timeout "${text}" is not a duration; write for example "90s", "5m" or "1h30m"`,
      });
    });
  }

  it("takes what an exact SDK says of an alias's parent", () => {
    assert.deepEqual(aliasOf(aliasMessage({ name: "old" }), true), { name: "old" });
    assert.deepEqual(aliasOf(aliasMessage({ noParent: true }), true), { noParent: true });
    assert.deepEqual(aliasOf(aliasMessage({ parentUrn: "urn:x" }), true), { parentUrn: "urn:x" });
  });

  it("corrects what older SDKs said of it: none meant no parent, and noParent meant the same one", () => {
    assert.deepEqual(aliasOf(aliasMessage({ name: "old" }), false), { name: "old", noParent: true });
    assert.deepEqual(aliasOf(aliasMessage({ noParent: true }), false), {});
    assert.deepEqual(aliasOf(aliasMessage({ parentUrn: "urn:x" }), false), { parentUrn: "urn:x" });
  });

  it("tells places relative to the project, escaped, and leaves out what is no file", () => {
    const positions = new SourcePositions("/home/me/project");
    const told = (uri: string, line = 3, column = 7): string | undefined =>
      positions.position(position(uri, line, column));
    assert.equal(told("file:///home/me/project/src/index.ts"), "project:///src/index.ts#3,7");
    assert.equal(told("file:///home/me/project/index.ts", 3, 0), "project:///index.ts#3");
    assert.equal(told("file:///home/me/other%20place/a%23b.ts"), "project:///../other%20place/a%23b.ts#3,7");
    assert.equal(told("node:internal/modules"), undefined);
    assert.equal(told("file:///home/me/project/index.ts", -1), undefined);
  });
});
