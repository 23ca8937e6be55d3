import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import type { StoredState } from "../../../engine/state/checkpoint";
import {
  formatCheckpoint,
  formatExport,
  parseCheckpoint,
  parseExport,
} from "../../../engine/state/checkpoint";
import type { StoredResource } from "../../../engine/state/serialize";

const STACK = "organization/shop/dev";
const fixture = fs.readFileSync(path.join(__dirname, "fixtures", "cli-checkpoint.json"), "utf8");
const resource = (name: string, more: Partial<StoredResource> = {}): StoredResource => ({
  urn: `urn:pulumi:dev::shop::t::${name}`,
  custom: false,
  type: "t",
  ...more,
});
const state = (...resources: StoredResource[]): StoredState => ({
  resources,
  pendingOperations: [],
  rest: {},
});
const file = (latest: unknown, more: object = {}): string =>
  JSON.stringify({ version: 3, ...more, checkpoint: { stack: STACK, latest } });

describe("parseCheckpoint", () => {
  it("reads a file of the CLI", () => {
    const { salt, resources, pendingOperations, rest } = parseCheckpoint(fixture, STACK);
    assert.equal(salt, "v1:bXQDezfRBdg=:v1:KCt4hvURa+J0ygzW:CU6P1m0tiCfrBj3qsGBxiMxlbUNP+w==");
    assert.deepEqual(
      resources.map(({ urn }) => urn.split("::").slice(2).join("::")),
      [
        "pulumi:pulumi:Stack::shop-dev",
        "pulumi:providers:pulumi::default",
        "shop:index:Cart::cart",
        "pulumi:pulumi:StackReference::organization/shop/dev",
        "shop:index:Cart$shop:index:Cart::child",
      ],
    );
    assert.deepEqual([pendingOperations, rest], [[], { metadata: {} }]);
  });

  it("reads what it has written, with pending operations and fields that it does not know", () => {
    const full: StoredState = {
      salt: "v1:a:v1:b:c",
      resources: [resource("a", { inputs: { x: [1] } })],
      pendingOperations: [{ resource: resource("b"), type: "creating" }],
      rest: { metadata: { integrity_error: { version: "3" } } },
    };
    assert.deepEqual(parseCheckpoint(formatCheckpoint(full, STACK), STACK), full);
    assert.deepEqual(parseExport(formatExport(full), STACK), full);
  });

  it("accepts a stack that never had a deployment, and files without manifest, secrets or resources", () => {
    assert.deepEqual(parseCheckpoint(file(undefined), STACK), state());
    assert.deepEqual(parseCheckpoint(file({}), STACK), state());
    assert.deepEqual(
      parseCheckpoint(file({ resources: [{ urn: "urn:pulumi:dev::shop::t::a", type: "t" }] }), STACK),
      state(resource("a")),
    );
  });

  const magic = "4c4b1a2f";
  for (const [what, text, message] of [
    ["truncated", fixture.slice(0, 500), "it is truncated: the JSON ends in the middle"],
    ["empty", "", "it is truncated: the JSON ends in the middle"],
    ["not JSON", "version: 3", "it is not JSON"],
    [
      "something else",
      "{}",
      "it is not a Pulumi state: version: Invalid input: expected number, received undefined",
    ],
    [
      "without a type",
      file({ resources: [{ urn: "urn:pulumi:dev::shop::t::a" }] }),
      "it is not a Pulumi state: resources.0.type: Invalid input: expected string, received undefined",
    ],
    [
      "of another project",
      fixture.replace(STACK, "organization/other/dev"),
      "it holds the state of stack 'organization/other/dev', not of 'organization/shop/dev'",
    ],
    [
      "with a resource of another stack",
      file({ resources: [{ ...resource("a"), urn: "urn:pulumi:prod::shop::t::a" }] }),
      "resource 'urn:pulumi:prod::shop::t::a' is from a different stack than 'organization/shop/dev'",
    ],
    ["newer", file({}, { version: 5 }), "its version is 5, but this engine understands 3 and 4 only"],
    [
      "of an old version",
      file({}, { version: 2 }),
      "its version is 2, but this engine understands 3 and 4 only",
    ],
    [
      "with features we do not have",
      file({}, { version: 4, features: ["hooks", "views", "x"] }),
      "it uses features that are not supported: views, x; use the Pulumi CLI for this stack",
    ],
    [
      "with a wrong magic",
      file({ manifest: { magic, version: "v3.1.0" } }),
      "magic cookie mismatch: possible tampering/corruption detected",
    ],
    [
      "with another secrets provider",
      file({ secrets_providers: { type: "awskms" } }),
      "its secrets provider is 'awskms', but only 'passphrase' is supported; use the Pulumi CLI for this stack",
    ],
  ] as const) {
    it(`refuses a file that is ${what}`, () => {
      assert.throws(
        () => parseCheckpoint(text, STACK),
        (error: Error) => {
          assert.equal(error.message, message);
          return true;
        },
      );
    });
  }

  it("accepts the magic of a version, which is its SHA-256", () => {
    const known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert.deepEqual(parseCheckpoint(file({ manifest: { magic: known, version: "abc" } }), STACK), state());
  });
});

describe("formatCheckpoint", () => {
  const head = (...resources: StoredResource[]) =>
    formatCheckpoint(state(...resources), STACK).split(',"checkpoint"')[0];

  it("writes version 3 as long as no newer feature is in use, and compact text", () => {
    assert.equal(head(resource("a", { resourceHooks: {}, replaceWith: [], taint: false })), '{"version":3');
  });

  it("writes version 4 with the features in use, pending operations' included", () => {
    const all = [
      resource("a", { taint: true, resourceHooks: { BeforeCreate: ["h"] } }),
      resource("b", { replaceWith: ["urn:pulumi:dev::shop::t::a"], refreshBeforeUpdate: true }),
    ];
    assert.equal(
      head(...all),
      '{"version":4,"features":["hooks","refreshBeforeUpdate","replaceWith","taint"]',
    );
    const pending = {
      ...state(),
      pendingOperations: [{ resource: resource("a", { taint: true }), type: "updating" as const }],
    };
    assert.match(formatCheckpoint(pending, STACK), /^\{"version":4,"features":\["taint"\],/);
  });

  it("writes the parts in the CLI's order", () => {
    const text = formatCheckpoint({ ...state(resource("a")), salt: "s" }, STACK).replace(
      /"time":"[^"]*"/,
      '"time":"T"',
    );
    assert.equal(
      text,
      '{"version":3,"checkpoint":{"stack":"organization/shop/dev","latest":{"manifest":{"time":"T","magic":"","version":""},' +
        '"secrets_providers":{"type":"passphrase","state":{"salt":"s"}},' +
        '"resources":[{"urn":"urn:pulumi:dev::shop::t::a","custom":false,"type":"t"}],"metadata":{}}}}',
    );
  });
});
