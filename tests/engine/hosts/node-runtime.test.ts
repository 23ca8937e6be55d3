import assert from "node:assert/strict";
import {
  moduleArguments,
  parseNodeOptions,
  resolveModule,
  splitWords,
} from "../../../engine/hosts/node-runtime";
import { fixture } from "./support";

const options = { typescript: false, tsconfig: undefined, nodeArgs: ["--import", "tsx"] };

describe("engine/hosts/node-runtime", () => {
  it("splits arguments as a shell does", () => {
    const words = splitWords(`--import tsx  --title='a b' "c \\"d\\" \\e" f\\ g ''`);
    assert.deepEqual(words, ["--import", "tsx", "--title=a b", 'c "d" \\e', "f g", ""]);
    assert.deepEqual(splitWords("  "), []);
  });

  it("checks TypeScript unless told not to", () => {
    assert.deepEqual(parseNodeOptions({ name: "nodejs", options: {} }, "Pulumi.yaml"), {
      typescript: true,
      tsconfig: undefined,
      nodeArgs: [],
    });
    const given = { typescript: false, tsconfig: "tsconfig.pulumi.json", nodeargs: "--import tsx" };
    assert.deepEqual(parseNodeOptions({ name: "nodejs", options: given }, "Pulumi.yaml"), {
      typescript: false,
      tsconfig: "tsconfig.pulumi.json",
      nodeArgs: ["--import", "tsx"],
    });
  });

  it("refuses another runtime and options of the wrong type, naming the file and the value", () => {
    assert.throws(() => parseNodeOptions({ name: "python", options: {} }, "/p/Pulumi.yaml"), {
      message:
        '/p/Pulumi.yaml asks for the runtime "python"; this engine runs "nodejs" only. Use the Pulumi CLI for other runtimes.',
    });
    assert.throws(
      () => parseNodeOptions({ name: "nodejs", options: { typescript: "yes" } }, "/p/Pulumi.yaml"),
      {
        message: '/p/Pulumi.yaml: runtime option "typescript" must be a boolean, but is "yes"',
      },
    );
    assert.throws(
      () => parseNodeOptions({ name: "nodejs", options: { nodeargs: ["--x"] } }, "/p/Pulumi.yaml"),
      {
        message: '/p/Pulumi.yaml: runtime option "nodeargs" must be a string, but is ["--x"]',
      },
    );
  });

  it("says where to run npm install when the SDK is not there", () => {
    assert.throws(() => resolveModule("@pulumi/pulumi/cmd/run", "/nowhere/at/all"), {
      message:
        "the module @pulumi/pulumi/cmd/run is not installed for /nowhere/at/all. Run npm install (or npm ci) in that directory.",
    });
  });

  it("loads a JavaScript module without ts-node, and leaves a TypeScript one to the SDK's runner", () => {
    const plugin = fixture("plugin-recorder");
    const [flag, , ...light] = moduleArguments("run-plugin", plugin, options, "127.0.0.1:1");
    const script = resolveModule("@pulumi/pulumi/cmd/run-plugin", plugin);
    assert.deepEqual([flag, ...light], ["--eval", script, plugin, plugin, "127.0.0.1:1"]);

    const typescript = fixture("plugin-typescript");
    assert.deepEqual(moduleArguments("run-plugin", typescript, options, "127.0.0.1:1"), [
      script,
      "--import",
      "tsx",
      typescript,
      "127.0.0.1:1",
    ]);
    assert.deepEqual(moduleArguments("run-policy-pack", typescript, options, "127.0.0.1:1"), [
      resolveModule("@pulumi/pulumi/cmd/run-policy-pack", plugin),
      "--import",
      "tsx",
      "127.0.0.1:1",
      typescript,
    ]);
  });
});
