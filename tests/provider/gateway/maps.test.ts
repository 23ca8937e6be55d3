import assert from "node:assert/strict";
import fc from "fast-check";
import type { Route } from "../../../provider/gateway/maps";
import {
  carries,
  formatRoute,
  parseMap,
  parseRoute,
  parseShownMap,
  pathKey,
  renderMap,
  shareOf,
} from "../../../provider/gateway/maps";

const word = fc.stringMatching(/^[A-Za-z0-9/._~|-]{1,12}$/);
const anyMap = fc.array(fc.tuple(word, word)).map((entries) => new Map(entries));
const anyVersion = fc.stringMatching(/^\d\.\d\.\d(-[0-9a-z.]{1,4})?$/);
const anyRoute: fc.Arbitrary<Route> = fc.oneof(
  fc.record({ stable: anyVersion, weightPercent: fc.constant(0) }, { noNullPrototype: true }),
  fc.record(
    {
      ...{ stable: anyVersion, candidate: anyVersion, weightPercent: fc.integer({ min: 0, max: 100 }) },
      sticky: fc.constant(true as const),
    },
    { noNullPrototype: true, requiredKeys: ["stable", "candidate", "weightPercent"] },
  ),
);

describe("the gateway's maps", () => {
  it("are written by key and read back", () => {
    assert.equal(
      renderMap(
        new Map([
          ["/b/", "x"],
          ["/", "y"],
        ]),
      ),
      "/ y\n/b/ x\n",
    );
    fc.assert(fc.property(anyMap, (map) => assert.deepEqual(parseMap(renderMap(map)), map)));
  });

  it("are read from what the runtime socket shows", () => {
    const shown = "0x55775817aba0 / sample\n0x7fc0b0043bd0 /api/ other\n\n";
    assert.deepEqual(
      parseShownMap(shown),
      new Map([
        ["/", "sample"],
        ["/api/", "other"],
      ]),
    );
    assert.deepEqual(parseShownMap("entry not found.\n\n"), new Map());
  });

  it("hold routes that are read back as they were", () => {
    assert.equal(formatRoute({ stable: "1.4.0", weightPercent: 0 }), "1.4.0|-|0");
    const sticky = { stable: "1.4.0", candidate: "1.5.0", weightPercent: 5, sticky: true } as const;
    assert.equal(formatRoute(sticky), "1.4.0|1.5.0|5|sticky");
    fc.assert(fc.property(anyRoute, (route) => assert.deepEqual(parseRoute(formatRoute(route)), route)));
  });

  it("refuse a route of another form", () => {
    for (const value of ["1.4.0", "1.4.0|-", "1.4.0|-|101", "|-|0", "1.4.0|-|x", "1.4.0|1.5.0|5|"]) {
      assert.throws(() => parseRoute(value), {
        message: `The gateway's route "${value}" is not of the form stable|candidate|weightPercent. Correct routes.map in its volume.`,
      });
    }
  });

  it("say which versions may be reached", () => {
    const route = { stable: "1.0.0", candidate: "2.0.0", weightPercent: 5 };
    assert.deepEqual(
      ["1.0.0", "2.0.0", "3.0.0"].map((version) => carries(route, version)),
      [true, true, false],
    );
    assert.equal(carries({ ...route, weightPercent: 0 }, "2.0.0"), false);
    assert.deepEqual(
      ["1.0.0", "2.0.0", "3.0.0"].map((version) => shareOf(route, version)),
      [95, 5, 0],
    );
  });

  it("keep a prefix from taking its neighbours", () => {
    assert.deepEqual(["/", "/api", "/api/"].map(pathKey), ["/", "/api/", "/api/"]);
  });
});
