import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { chooseCloudEngine, chooseEngine } from "../../pipeline/engine";
import { UserError } from "../../pipeline/user-error";

describe("which engine runs", () => {
  const path = process.env["PATH"] ?? "";
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-engine-"));
    process.env["PATH"] = folder;
  });
  afterEach(() => {
    process.env["PATH"] = path;
    rmSync(folder, { recursive: true });
  });
  const putPulumi = (script: string): void => {
    const file = join(folder, "pulumi");
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    process.env["PATH"] = [folder, path].join(delimiter);
  };

  it("is the Pulumi CLI where one works, for a stack on AWS too", async () => {
    putPulumi("echo v3.241.0");
    assert.deepEqual(await chooseCloudEngine(process.cwd(), "staging"), {
      command: join(folder, "pulumi"),
      leadingArguments: [],
      description: `the Pulumi CLI v3.241.0 at ${join(folder, "pulumi")}`,
      embedded: false,
    });
  });

  it("is the embedded one where there is none, or it does not work", async () => {
    assert.equal((await chooseEngine(process.cwd())).description, "the embedded engine (no pulumi on PATH)");
    putPulumi("exit 1");
    const { embedded, description } = await chooseEngine(process.cwd());
    assert.equal(embedded, true);
    assert.equal(description, `the embedded engine (${join(folder, "pulumi")} does not work)`);
  });

  it("is none for a real update on AWS without the CLI: it says what to install, and touches nothing", async () => {
    await assert.rejects(
      chooseCloudEngine(process.cwd(), "staging"),
      new UserError(
        "An update of staging needs the Pulumi CLI, and this is the embedded engine (no pulumi on PATH), which only simulates AWS and Cloudflare. " +
          "Install the CLI (https://www.pulumi.com/docs/install/), log in to the stack's backend (docs/deployment/cloud.md), and run this again. " +
          "What it would do: npm run preview -- staging, or npm run rehearse -- staging. Nothing was touched.",
      ),
    );
  });
});
