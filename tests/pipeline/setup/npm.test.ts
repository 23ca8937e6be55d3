import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { npmPackage } from "../../../pipeline/setup/npm";
import { UserError } from "../../../pipeline/user-error";

const integrityOf = (text: string): string => `sha512-${createHash("sha512").update(text).digest("base64")}`;
const pinned = (text: string) => [
  {
    path: "npm.json",
    content: Buffer.from(JSON.stringify({ version: "0.0.1", integrity: integrityOf(text) })),
    executable: false,
  },
];

describe("npm for the node image", () => {
  const { PATH } = process.env;
  let root: string;

  /** An npm on PATH that packs this content, and counts. */
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "slipway-test-npm-"));
    mkdirSync(join(root, "bin"));
    const script = `#!/bin/sh\necho "$@" >> ${root}/calls\nprintf good > "$5/npm-0.0.1.tgz"\n`;
    writeFileSync(join(root, "bin", "npm"), script, { mode: 0o755 });
    process.env["PATH"] = `${join(root, "bin")}${delimiter}${PATH}`;
  });
  afterEach(() => {
    process.env["PATH"] = PATH;
    rmSync(root, { recursive: true });
  });
  const fetch = (text: string) => npmPackage(root, pinned(text), join(root, "log"));
  const calls = () => readFileSync(join(root, "calls"), "utf8").trimEnd().split("\n");

  it("is fetched once, by the machine's own npm", async () => {
    const expected = { path: "npm.tgz", content: Buffer.from("good"), executable: false };
    assert.deepEqual(await fetch("good"), expected);
    assert.deepEqual(await fetch("good"), expected);
    assert.deepEqual(calls(), [
      `pack npm@0.0.1 --ignore-scripts --pack-destination ${join(root, ".slipway", "npm")}`,
    ]);
  });

  it("is fetched again when the file is damaged", async () => {
    await fetch("good");
    writeFileSync(join(root, ".slipway", "npm", "npm-0.0.1.tgz"), "half");
    assert.equal((await fetch("good")).content.toString(), "good");
    assert.equal(calls().length, 2);
  });

  it("is refused when it is not what is pinned", async () => {
    await assert.rejects(
      fetch("other"),
      new UserError(
        `npm 0.0.1 is not what images/node/npm.json pins: its integrity is ${integrityOf("good")}, not ${integrityOf("other")}. ` +
          "Look where your npm's registry has it from, or correct the pin.",
      ),
    );
  });
});
