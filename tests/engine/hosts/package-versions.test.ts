import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageVersions } from "../../../engine/hosts/package-versions";
import { temporaryDirectory } from "./support";

describe("engine/hosts/package-versions", () => {
  const directory = temporaryDirectory();
  const write = (folder: string, manifest: object): void => {
    mkdirSync(join(directory.path, folder), { recursive: true });
    writeFileSync(join(directory.path, folder, "package.json"), JSON.stringify(manifest));
  };

  it("finds the providers among direct dependencies and in Pulumi's scopes, nearest first", () => {
    write("app", {
      dependencies: { "third-party": "*", plain: "*", absent: "*" },
      devDependencies: { "@other/made": "*" },
    });
    write("app/node_modules/third-party", {
      name: "third-party",
      version: "1.0.0",
      pulumi: { resource: true, name: "third" },
    });
    write("app/node_modules/plain", { name: "plain", version: "2.0.0" });
    write("app/node_modules/@other/made", {
      name: "@other/made",
      version: "3.0.0",
      pulumi: { resource: true, name: "made", version: "v3.1.0" },
    });
    write("app/node_modules/@pulumi/random", {
      name: "@pulumi/random",
      version: "4.0.0",
      pulumi: { resource: true },
    });
    write("app/node_modules/@pulumi/pulumi", { name: "@pulumi/pulumi", version: "5.0.0" });
    write("node_modules/@pulumi/random", {
      name: "@pulumi/random",
      version: "9.0.0",
      pulumi: { resource: true },
    });
    write("node_modules/@pulumi/docker", {
      name: "@pulumi/docker",
      version: "6.0.0",
      pulumi: { resource: true },
    });
    write("node_modules/@pulumiverse/time", {
      name: "@pulumiverse/time",
      version: "7.0.0",
      pulumi: { resource: true },
    });
    const versions = packageVersions(join(directory.path, "app"));
    assert.deepEqual(Object.fromEntries(versions), {
      third: "1.0.0",
      made: "3.1.0",
      random: "4.0.0",
      docker: "6.0.0",
    });
  });
});
