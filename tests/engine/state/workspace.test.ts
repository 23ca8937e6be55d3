import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Workspace } from "../../../engine/state/workspace";

describe("Workspace", () => {
  let home: string;
  let file: string;
  const workspace = (backend = "file:///a") =>
    new Workspace("exp", "/home/ann/exp/Pulumi.yaml", backend, { PULUMI_HOME: home });
  beforeEach(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), "home-"));
    file = path.join(home, "workspaces", "exp-2400859d338a59a1c5b6c69e65f02121c970a1ee-workspace.json");
  });
  afterEach(() => fs.rmSync(home, { recursive: true }));

  it("keeps the selection of each backend in the CLI's file", () => {
    assert.equal(workspace().selected, undefined);
    workspace().select("organization/exp/dev");
    workspace("file:///b").select("organization/exp/prod");
    assert.deepEqual(
      [workspace().selected, workspace("file:///b").selected],
      ["organization/exp/dev", "organization/exp/prod"],
    );
    assert.deepEqual(JSON.parse(fs.readFileSync(file, "utf8")), {
      stacks: { "file:///a": "organization/exp/dev", "file:///b": "organization/exp/prod" },
    });
  });

  it("keeps what else is in the file, and removes it with the last selection", () => {
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, JSON.stringify({ stack: "old", more: 1 }));
    assert.equal(workspace().selected, "old");
    workspace().select(undefined);
    assert.deepEqual(JSON.parse(fs.readFileSync(file, "utf8")), { more: 1, stacks: {} });
    fs.writeFileSync(file, "{}");
    workspace().select("organization/exp/dev");
    workspace().select(undefined);
    assert.equal(fs.existsSync(file), false);
  });

  it("says which file is damaged", () => {
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, "{");
    assert.throws(
      () => workspace().selected,
      new RegExp(`the file ${file}, .* is damaged; remove it and select again`),
    );
  });
});
