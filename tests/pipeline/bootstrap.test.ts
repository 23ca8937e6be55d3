import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const bundles = [
  "engine/dist/main.js",
  "images/synthetics/dist/flows.js",
  "images/worker/dist/worker.js",
  "pipeline/dist/main.js",
  "policy/dist/index.js",
  "provider/dist/index.js",
];

const sourceFolders = ["engine", "images/synthetics", "images/worker", "pipeline", "policy", "provider"];

/** A checkout in small: every program that bootstrap runs is a stand-in that notes in `calls` that it ran. */
describe("bootstrap", () => {
  let root: string;
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
  };
  const calls = (): string =>
    existsSync(join(root, "calls")) ? readFileSync(join(root, "calls"), "utf8") : "";
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } => {
    const result = spawnSync(process.execPath, [join(root, "pipeline/bootstrap.mjs"), ...args], {
      cwd: tmpdir(),
      encoding: "utf8",
      env: {
        ...process.env,
        NODE_OPTIONS: "",
        PATH: `${join(root, "bin")}${delimiter}${process.env.PATH ?? ""}`,
      },
    });
    return { ...result, stderr: result.stderr.replace(/\d+\.\d s/g, "N s") };
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "slipway-test-bootstrap-"));
    cpSync("pipeline/bootstrap.mjs", join(root, "pipeline/bootstrap.mjs"));
    write("package.json", JSON.stringify({ engines: { node: ">=20.19" } }));
    write("package-lock.json", "{}");
    for (const folder of sourceFolders) write(`${folder}/source.ts`, "");
    write("images/manifest.ts", "");
    write("bin/npm", `#!/bin/sh\necho "npm $*" >> calls\nmkdir -p node_modules\n`, 0o755);
    write(
      "build.mjs",
      `import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
       appendFileSync("calls", "build\\n");
       for (const path of ${JSON.stringify(bundles)}) {
         mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
         writeFileSync(path, "console.log(JSON.stringify([process.cwd(), ...process.argv.slice(1)]))");
       }`,
    );
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("installs modules and builds bundles in a fresh checkout, then runs the command in its root", () => {
    const { status, stdout, stderr } = run("up", "--images", "debian");
    assert.equal(stderr, "node modules installed from the lock file, N s\nbundles built, N s\n");
    assert.deepEqual(JSON.parse(stdout), [
      root,
      join(root, "pipeline/dist/main.js"),
      "up",
      "--images",
      "debian",
    ]);
    assert.equal(status, 0);
    assert.equal(calls(), "npm ci --prefer-offline\nbuild\n");
  });

  it("runs nothing but the command when nothing changed", () => {
    run("up");
    rmSync(join(root, "calls"));
    assert.equal(run("up").stderr, "");
    assert.equal(calls(), "");
  });

  it("installs again when the lock file changed", () => {
    run("up");
    rmSync(join(root, "calls"));
    write("package-lock.json", '{"changed":true}');
    run("up");
    assert.equal(calls(), "npm ci --prefer-offline\nbuild\n");
  });

  it("builds again when a bundle is missing", () => {
    run("up");
    rmSync(join(root, "calls"));
    rmSync(join(root, "policy/dist"), { recursive: true });
    run("up");
    assert.equal(calls(), "build\n");
  });

  it("builds again when a source is newer, and not for a change in a dist folder or of another file", () => {
    run("up");
    rmSync(join(root, "calls"));
    const later = new Date(Date.now() + 60_000);
    for (const path of ["engine/dist/extra.ts", "engine/notes.md"]) {
      write(path, "");
      utimesSync(join(root, path), later, later);
    }
    run("up");
    assert.equal(calls(), "");
    write("engine/deep/down/source.ts", "");
    utimesSync(join(root, "engine/deep/down/source.ts"), later, later);
    run("up");
    assert.equal(calls(), "build\n");
  });

  it("shows what npm said when it fails, and tries again the next time", () => {
    write("bin/npm", "#!/bin/sh\necho no network >&2\nmkdir -p node_modules\nexit 7\n", 0o755);
    const { status, stdout, stderr } = run("up");
    assert.equal(stderr, "error: `npm ci --prefer-offline` failed (exit code 7)\nno network\n");
    assert.equal(stdout, "");
    assert.equal(status, 1);
    assert.equal(run("up").status, 1);
  });

  it("names the Node it needs and the one it got", () => {
    write("package.json", JSON.stringify({ engines: { node: ">=99.5" } }));
    const { status, stderr } = run("up");
    assert.equal(
      stderr,
      `error: Node 99.5 or newer is needed, and ${process.execPath} is ${process.versions.node}. ` +
        "Install a newer one (https://nodejs.org, or your system's package), and run this again.\n",
    );
    assert.equal(status, 1);
    assert.equal(calls(), "");
  });
});
