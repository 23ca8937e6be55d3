import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasProgram, isDebianLike, runLogged } from "../../../pipeline/setup/command";
import { UserError } from "../../../pipeline/user-error";

describe("kind of machine", () => {
  for (const [osRelease, expected] of [
    ['PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\nVERSION_ID="12"\n', true],
    ["ID=ubuntu\nID_LIKE=debian\n", true],
    ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
    ['ID="fedora"\nHOME_URL="https://example.org/debian"\n', false],
    ["ID=debianesque\n", false],
    ["", false],
  ] as const) {
    it(`${expected ? "is" : "is not"} Debian's for ${JSON.stringify(osRelease)}`, () =>
      assert.equal(isDebianLike(osRelease), expected));
  }

  it("tells programs that are on PATH from those that are not", () => {
    assert.equal(hasProgram("sh"), true);
    assert.equal(hasProgram("no-such-program"), false);
  });
});

describe("a program that set-up runs", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-test-command-"));
  const log = join(folder, "logs", "program.log");
  after(() => rmSync(folder, { recursive: true }));

  it("leaves its command line and output in the log", async () => {
    await runLogged(log, "sh", ["-c", "echo out; echo err >&2"]);
    assert.equal(readFileSync(log, "utf8"), "$ sh -c echo out; echo err >&2\nout\nerr\n");
  });

  it("is a clear error with its last lines when it fails", async () => {
    await assert.rejects(
      runLogged(log, "sh", ["-c", "seq 1 20; exit 3"]),
      new UserError(
        `sh -c seq 1 20; exit 3 failed; all of it is in ${log}, its end is:\n` +
          Array.from({ length: 15 }, (_, index) => `  ${index + 6}`).join("\n"),
      ),
    );
  });

  it("is a clear error when it cannot be started", async () => {
    await assert.rejects(
      runLogged(log, "no-such-program", []),
      new UserError(
        `no-such-program failed; all of it is in ${log}, its end is:\n` +
          "  Command failed with ENOENT: no-such-program\n  spawn no-such-program ENOENT",
      ),
    );
  });
});
