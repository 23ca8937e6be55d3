import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCloudWorkspace, takeStack } from "../../pipeline/workspace";

describe("pipeline/workspace", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "slipway-workspace-"));
    for (const stack of ["local", "staging"]) {
      writeFileSync(join(root, `Pulumi.${stack}.yaml`), "config:\n  slipway:service: sample\n");
    }
    writeFileSync(join(root, "Pulumi.yaml"), "name: slipway\n");
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("takes the stack's name off the front of a command's arguments, the local one by default", () => {
    assert.deepEqual(takeStack(root, ["staging", "--diff"]), { stack: "staging", rest: ["--diff"] });
    assert.deepEqual(takeStack(root, ["--diff"]), { stack: "local", rest: ["--diff"] });
    assert.deepEqual(takeStack(root, []), { stack: "local", rest: [] });
  });

  it("refuses a stack that there is not, naming those that there are", () => {
    assert.throws(() => takeStack(root, ["stagin"]), {
      message: 'There is no stack "stagin"; there are: local, staging.',
    });
  });

  it("gives a stack on AWS neither this machine's state nor a passphrase, and settings for one update only", () => {
    const workspace = openCloudWorkspace(root, "staging", { rollbackTo: "1.0.0" }, "checkout is slow");
    assert.deepEqual(
      Object.keys(workspace.environment).filter((name) => name.startsWith("PULUMI")),
      ["PULUMI_SKIP_UPDATE_CHECK"],
    );
    assert.equal(workspace.environment["SLIPWAY_REASON"], "checkout is slow");
    assert.match(readFileSync(workspace.configFile, "utf8"), /slipway:rollbackTo: 1\.0\.0/);
    assert.doesNotMatch(readFileSync(join(root, "Pulumi.staging.yaml"), "utf8"), /rollbackTo/);
  });
});
