import assert from "node:assert/strict";
import fc from "fast-check";
import { containsPath, formatPath, parsePath, resetPath } from "../../../engine/deploy/property-path";
import type { Properties } from "../../../engine/values";
import { makeSecret } from "../../../engine/values";

const path = (text: string) => {
  const parsed = parsePath(text);
  assert.ok(parsed, text);
  return parsed;
};

describe("property paths", () => {
  it("are names, quoted names, indices and wildcards", () => {
    const cases: [string, (string | number)[]][] = [
      ["root", ["root"]],
      ["root.nested", ["root", "nested"]],
      ["root[0].nested[12]", ["root", 0, "nested", 12]],
      ['root["a.b"]["c \\"d\\""]', ["root", "a.b", 'c "d"']],
      ["a[*].b.*", ["a", "*", "b", "*"]],
      ["a-b", ["a-b"]],
      ['["x"].y', ["x", "y"]],
      ["a.[0]", ["a", 0]],
    ];
    for (const [text, expected] of cases) assert.deepEqual(parsePath(text), expected, text);
  });

  it("are nothing else", () => {
    for (const text of [".a", "a.", "a..b", "a[", "a[x]", 'a["b', "a]["]) {
      assert.equal(parsePath(text), undefined, text);
    }
  });

  it("survive being written and read", () => {
    const key = fc.oneof(
      fc.nat(),
      fc.string({ minLength: 1 }).filter((text) => !text.includes("\\")),
    );
    fc.assert(
      fc.property(fc.array(key, { minLength: 1 }), (keys) => {
        assert.deepEqual(parsePath(formatPath(keys)), keys);
      }),
    );
  });

  it("contain what lies below them", () => {
    const cases: [string, string, boolean][] = [
      ["a", "a.b", true],
      ["a.b", "a", false],
      ["a[*].c", "a[3].c.d", true],
      ["a[*].c", "a[3].d", false],
      ["*", "anything", true],
    ];
    for (const [outer, inner, expected] of cases) {
      assert.equal(containsPath(path(outer), path(inner)), expected, `${outer} ${inner}`);
    }
  });
});

describe("resetting a path", () => {
  const cases: [string, string, Properties, Properties, Properties, boolean][] = [
    ["sets back", "a", { a: 1 }, { a: 2, b: 3 }, { a: 1, b: 3 }, true],
    ["brings back what is gone", "a", { a: 1 }, {}, { a: 1 }, true],
    ["takes away what is new", "a", {}, { a: 2 }, {}, true],
    [
      "goes down objects and arrays",
      "a[1].b",
      { a: [0, { b: 1 }] },
      { a: [9, { b: 2 }] },
      { a: [9, { b: 1 }] },
      true,
    ],
    ["makes no array longer", "a[1]", { a: [1, 2] }, { a: [1] }, { a: [1] }, false],
    ["does nothing where neither has it", "a.b.c", {}, {}, {}, true],
    ["cannot go where only one has it", "a.b.c", { a: { b: { c: 1 } } }, { a: {} }, { a: {} }, false],
    ["takes all elements", "a[*]", { a: [1, 2] }, { a: [3, 4] }, { a: [1, 2] }, true],
    ["takes as many as there are", "a[*]", { a: [1, 2] }, { a: [3, 4, 5] }, { a: [1, 2, 5] }, false],
    [
      "takes one property of all elements",
      "a[*].b",
      { a: [{ b: 1 }] },
      { a: [{ b: 2, c: 3 }] },
      { a: [{ b: 1, c: 3 }] },
      true,
    ],
    [
      "takes all properties",
      "a.*",
      { a: { x: 1, y: 2 } },
      { a: { x: 3, z: 4 } },
      { a: { x: 1, y: 2 } },
      true,
    ],
    ["of other kinds does nothing", "a.b", { a: 1 }, { a: 2 }, { a: 2 }, true],
    [
      "keeps secret what was",
      "a.b",
      { a: makeSecret({ b: 1 }) },
      { a: { b: 2 } },
      { a: { b: makeSecret(1) } },
      true,
    ],
    [
      "does not hide twice",
      "a.b",
      { a: makeSecret({ b: 1 }) },
      { a: makeSecret({ b: 2 }) },
      { a: makeSecret({ b: 1 }) },
      true,
    ],
  ];
  for (const [name, text, olds, news, expected, possible] of cases) {
    it(name, () => {
      const copy = structuredClone(news);
      assert.equal(resetPath(path(text), olds, copy), possible);
      assert.deepEqual(copy, expected);
    });
  }
});
