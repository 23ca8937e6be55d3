import assert from "node:assert/strict";
import fc from "fast-check";
import { splitFrames } from "../../provider/docker";

describe("Docker's multiplexed output", () => {
  it("is split into the frames of its streams, byte by byte", () => {
    const anyFrame = fc.record(
      { stream: fc.constantFrom(1, 2), content: fc.uint8Array().map((bytes) => Buffer.from(bytes)) },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(anyFrame), (frames) => {
        const data = frames.map(({ stream, content }) => {
          const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
          header.writeUInt32BE(content.length, 4);
          return Buffer.concat([header, content]);
        });
        assert.deepEqual(splitFrames(Buffer.concat(data)), frames);
      }),
    );
  });
});
