import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extract } from "tar-stream";
import { contextArchive, contextDigest, modeString } from "../../../../engine/providers/docker/build-context";
import { IgnoreRules } from "../../../../engine/providers/docker/dockerignore";

describe("engine/providers/docker: .dockerignore", () => {
  const cases: [rules: string, ignored: string[], kept: string[]][] = [
    ["*.log", ["a.log"], ["b/a.log", "a.logs"]],
    ["**/*.log", ["a.log", "b/a.log", "b/c/a.log"], ["a.txt"]],
    ["node_modules", ["node_modules", "node_modules/a/b.js"], ["src/node_modules", "node_modules2"]],
    ["/dist/", ["dist/a"], ["a/dist"]],
    ["a/**", ["a/b", "a/b/c"], ["a", "b/a/c"]],
    ["*\n!keep.txt", ["a", "b/keep.txt"], ["keep.txt"]],
    ["docs\n!docs/README.md\ndocs/README.md", ["docs/README.md"], []],
    ["# comment\n\n  secret?  ", ["secret1"], ["secret", "# comment"]],
    ["a[0-9].txt\nb\\*c", ["a1.txt", "b*c"], ["ab.txt", "bxc"]],
    ["./x/../y", ["y"], ["x"]],
  ];
  for (const [rules, ignored, kept] of cases) {
    it(`reads ${JSON.stringify(rules)}`, () => {
      const parsed = IgnoreRules.parse(rules);
      assert.deepEqual(
        ignored.filter((path) => !parsed.ignores(path)),
        [],
      );
      assert.deepEqual(
        kept.filter((path) => parsed.ignores(path)),
        [],
      );
    });
  }
});

describe("engine/providers/docker: build context", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-docker-"));
    const write = (path: string, text: string, mode: number): void => {
      writeFileSync(join(folder, path), text);
      chmodSync(join(folder, path), mode);
    };
    mkdirSync(join(folder, "src"));
    mkdirSync(join(folder, "node_modules"));
    write("Dockerfile", "FROM scratch\n", 0o644);
    write(".dockerignore", "node_modules\nDockerfile\n", 0o600);
    write("node_modules/x", "x", 0o644);
    write("src/run.sh", "#!/bin/sh\n", 0o755);
    write("src-2", "s", 0o644);
    symlinkSync("run.sh", join(folder, "src/link"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const sha = (text: string): Buffer => createHash("sha256").update(text).digest();

  it("digests every file's path, mode and content, the Dockerfile first", async () => {
    const records: [path: string, mode: string, content: string][] = [
      ["Dockerfile", "----------", "FROM scratch\n"],
      [".dockerignore", "-rw-------", "node_modules\nDockerfile\n"],
      ["src/link", "Lrwxrwxrwx", join(folder, "src/run.sh")],
      ["src/run.sh", "-rwxr-xr-x", "#!/bin/sh\n"],
      ["src-2", "-rw-r--r--", "s"],
    ];
    const all = records.flatMap(([path, mode, text]) => [
      Buffer.from(path + mode),
      sha(text),
      Buffer.from([0]),
    ]);
    const expected = createHash("sha256").update(Buffer.concat(all)).digest("hex");
    assert.equal(await contextDigest({ context: folder, dockerfile: join(folder, "Dockerfile") }), expected);
  });

  const entriesOf = async (dockerfile: string): Promise<{ names: string[]; dockerfile: string }> => {
    const sent = await contextArchive({ context: folder, dockerfile });
    const names: string[] = [];
    const reading = extract();
    sent.archive.pipe(reading);
    for await (const entry of reading) {
      names.push(`${entry.header.name} ${entry.header.type} ${entry.header.uid}`);
      entry.resume();
    }
    return { names, dockerfile: sent.dockerfile };
  };

  it("sends what is not ignored, and the Dockerfile and .dockerignore in any case", async () => {
    assert.deepEqual(await entriesOf(join(folder, "Dockerfile")), {
      dockerfile: "Dockerfile",
      names: [
        ".dockerignore file 0",
        "Dockerfile file 0",
        "src/ directory 0",
        "src/link symlink 0",
        "src/run.sh file 0",
        "src-2 file 0",
      ],
    });
  });

  it("adds a Dockerfile from outside the context", async () => {
    const other = mkdtempSync(join(tmpdir(), "slipway-docker-"));
    writeFileSync(join(other, "Outside"), "FROM scratch\n");
    const { names, dockerfile } = await entriesOf(join(other, "Outside"));
    assert.equal(dockerfile, ".Dockerfile.slipway");
    assert.equal(names[0], ".Dockerfile.slipway file 0");
    rmSync(other, { recursive: true });
  });

  it("writes modes as Go does", () => {
    const mode = (bits: number): string => modeString({ mode: bits, isSymbolicLink: () => false });
    assert.deepEqual([0o100644, 0o104755, 0o102750, 0o101777].map(mode), [
      ...["-rw-r--r--", "urwxr-xr-x", "grwxr-x---", "trwxrwxrwx"],
    ]);
  });
});
