import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Which rooms a room's files may import from, beside its own; the README's picture. */
const allowed: Record<string, readonly string[]> = {
  stacks: ["components", "provider/sdk", "provider/schema", "images/manifest"],
  components: ["provider/sdk", "provider/schema"],
  // The stamp is one word between pack and provider: who judges and who asks whether it was judged (policy/stamp.ts, pure).
  provider: ["engine/values", "engine/model", "policy/stamp"],
  policy: [],
  engine: [],
  pipeline: [
    "policy/attestation",
    "images/manifest",
    // Pure: which secrets there are, and where from.
    "stacks/environments",
    "stacks/secrets-matrix",
    "provider/history",
    "provider/gateway",
    "provider/rollout",
  ],
  images: [],
  bench: ["pipeline", "images/manifest", "policy/attestation"],
  bootstrap: [],
  docs: ["stacks", "policy"],
};

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/(^|\/)(node_modules|dist)\//.test(file))
    .map((file) => join(folder, file));
}

/** Paths, from the root on, of the project's own files that a file imports. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const specifiers = [...text.matchAll(/(?:from|import|import\()\s*\(?"(\.[^"]*)"/g)].map(
    (match) => match[1] ?? "",
  );
  return specifiers.map((specifier) => relative(".", join(dirname(file), specifier)));
}

const within = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

describe("architecture", () => {
  for (const [room, others] of Object.entries(allowed)) {
    it(`lets ${room} import only ${["itself", ...others].join(", ")}`, () => {
      const files = sources(room);
      assert.notEqual(files.length, 0);
      for (const file of files) {
        for (const path of importsOf(file)) {
          assert.ok(
            [room, ...others].some((place) => within(path, place)),
            `${file} imports ${path}`,
          );
        }
      }
    });
  }

  it("keeps environments, configuration and the stack's name out of components", () => {
    for (const file of sources("components")) {
      assert.doesNotMatch(
        readFileSync(file, "utf8"),
        /process\.env|getStack\(|new pulumi\.Config|requireSecret/,
        file,
      );
    }
  });

  it("reads secrets from configuration in stacks/secrets.ts only", () => {
    const readers = Object.keys(allowed)
      .flatMap(sources)
      .filter((file) =>
        /\b(requireSecret|getSecret)(Boolean|Number|Object)?\(/.test(
          readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, ""),
        ),
      );
    assert.deepEqual(readers, ["stacks/secrets.ts"]);
  });

  it("has one exported component a file, which registers its outputs last", () => {
    for (const file of sources("components")) {
      const text = readFileSync(file, "utf8");
      const classes = text.match(/extends pulumi\.ComponentResource/g) ?? [];
      assert.ok(classes.length <= 1, file);
      if (classes.length === 1) assert.match(text, /this\.registerOutputs\([^;]*\);\n {2}\}\n/, file);
    }
  });

  it("has no file outside tests that imports a test", () => {
    for (const file of Object.keys(allowed).flatMap(sources)) {
      for (const path of importsOf(file)) assert.ok(!within(path, "tests"), `${file} imports ${path}`);
    }
  });
});
