import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { findProject, loadProject } from "../../../engine/project/project";

describe("a project file", () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "project-")));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  function load(text: string) {
    const file = path.join(folder, "Pulumi.yaml");
    fs.writeFileSync(file, text);
    return loadProject(file);
  }

  it("is found in the folder or above it", () => {
    const deep = path.join(folder, "a", "b");
    fs.mkdirSync(deep, { recursive: true });
    assert.throws(
      () => findProject(deep),
      new RegExp(`^Error: no Pulumi\\.yaml project file found \\(searching upwards from ${deep}\\)`),
    );
    fs.writeFileSync(path.join(folder, "Pulumi.yml"), "");
    assert.equal(findProject(deep), path.join(folder, "Pulumi.yml"));
    fs.writeFileSync(path.join(folder, "a", "Pulumi.yaml"), "");
    fs.mkdirSync(path.join(deep, "Pulumi.yaml"));
    assert.equal(findProject(deep), path.join(folder, "a", "Pulumi.yaml"));
  });

  it("may say no more than name and runtime", () => {
    assert.deepEqual(load("\uFEFFname: shop\nruntime: nodejs\n"), {
      file: path.join(folder, "Pulumi.yaml"),
      root: folder,
      name: "shop",
      runtime: { name: "nodejs", options: {} },
      config: {},
      providers: [],
      analyzers: [],
      stackConfigDirectory: folder,
    });
  });

  it("may say everything", () => {
    const project = load(`
name: shop
description: unknown keys are no fault
runtime:
  name: nodejs
  options: { typescript: false, nodeargs: --import tsx }
main: src/
stackConfigDir: stacks
backend: { url: file://~ }
plugins:
  providers: [{ name: slipway, path: ./provider, version: 1.0.0 }]
config:
  size: { type: integer, description: how many, default: 3 }
  names: { type: array, items: { type: array, items: { type: string } } }
  token: { type: string, secret: true }
  region: eu
  flags: [a, b]
  aws:region: us
  shop:zone: 7
`);
    assert.deepEqual(project, {
      file: path.join(folder, "Pulumi.yaml"),
      root: folder,
      name: "shop",
      runtime: { name: "nodejs", options: { typescript: false, nodeargs: "--import tsx" } },
      main: "src/",
      backendUrl: "file://~",
      stackConfigDirectory: path.join(folder, "stacks"),
      providers: [{ name: "slipway", path: "./provider", version: "1.0.0" }],
      analyzers: [],
      config: {
        size: { type: "integer", description: "how many", default: 3 },
        names: { type: "array", items: { type: "array", items: { type: "string" } } },
        token: { type: "string", secret: true },
        region: { default: "eu" },
        flags: { default: ["a", "b"] },
        "aws:region": { value: "us" },
        "shop:zone": { default: 7 },
      },
    });
  });

  it("may give the folder of the stacks' configurations in the old way", () => {
    assert.equal(
      load("name: shop\nruntime: nodejs\nconfig: stacks\n").stackConfigDirectory,
      path.join(folder, "stacks"),
    );
  });

  const faults = (text: string): string[] => {
    try {
      load(text);
    } catch (error) {
      const [head, ...lines] = (error as Error).message.split("\n");
      assert.equal(head, `the project file ${path.join(folder, "Pulumi.yaml")} is not valid:`);
      return lines.map((line) => line.trim());
    }
    return [];
  };

  it("is refused with every fault and its place", () => {
    assert.deepEqual(faults("name: [1]\nruntime: nodejs\nplugins: { provider: [] }\n"), [
      "name: the project needs a name",
      'plugins: Unrecognized key: "provider"',
    ]);
    assert.deepEqual(faults("name: a b\nruntime: nodejs"), [
      "name: a name is 1 to 100 letters, digits, hyphens, underscores and periods",
    ]);
    assert.deepEqual(faults(""), ["name: the project needs a name", "runtime: Invalid input"]);
    assert.match(faults("name: shop\nname: shoe")[0] ?? "", /^Map keys must be unique at line 2/);
    assert.match(faults("name: 'shop")[0] ?? "", /^Missing closing 'quote at line 1/);
  });

  it("is refused for declarations that cannot hold", () => {
    const declared = (config: string) => faults(`name: shop\nruntime: nodejs\nconfig: { ${config} }\n`);
    assert.deepEqual(declared("a: { type: integer, default: x }, b: { type: array }"), [
      `config.a: the default "x" is not of type 'integer'`,
      "config.b: an array must say the type of its 'items'",
    ]);
    assert.deepEqual(declared("a: { type: array, items: { type: string }, default: [a, 1] }"), [
      `config.a: the default ["a",1] is not of type 'array<string>'`,
    ]);
    assert.deepEqual(declared("a: { default: 1, value: 2 }"), [
      "config.a: cannot have both a 'default' and a 'value'",
    ]);
    assert.deepEqual(declared("aws:x: { type: string, value: y }, aws:y: { default: 1 }, aws:z: {}"), [
      "config.aws:x: only keys of project 'shop' can declare a type",
      "config.aws:y: keys of another namespace have no 'default'",
      "config.aws:y: a key of another namespace must have a 'value'",
      "config.aws:z: a key of another namespace must have a 'value'",
    ]);
    assert.match(declared("a: { typ: string }")[0] ?? "", /^config\.a: /);
  });
});
