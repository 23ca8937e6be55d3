import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { makeProject, type Project } from "../support/project";

const docker = (...args: string[]): string =>
  execFileSync("docker", args, { encoding: "utf8", stdio: "pipe" }).trim();

describe("what goes wrong on the local stack", function () {
  this.timeout(400_000);
  let project: Project;
  const live = async (): Promise<string> => {
    const response = await fetch(`${project.url}/version`, { signal: AbortSignal.timeout(10_000) });
    return ((await response.json()) as { version: string }).version;
  };

  before(async () => {
    project = await makeProject("faults");
  });

  after(async () => {
    await project.run("down");
    project.remove();
  });

  it("refuses a mistyped key with one clear error, and touches nothing", async () => {
    project.configure({ gatewayport: 1 });
    const { exitCode, all } = await project.run("up");
    assert.notEqual(exitCode, 0);
    assert.match(all, /slipway:gatewayport/);
    assert.doesNotMatch(all, /\n {4}at /);
    assert.equal(docker("ps", "--all", "--quiet", "--filter", `name=${project.prefix}`), "");
    project.configure({});
  });

  it("says that the network's name is taken by one that is not its own", async () => {
    docker("network", "create", project.network);
    try {
      const { exitCode, all } = await project.run("up");
      assert.notEqual(exitCode, 0);
      assert.match(all, new RegExp(`network .*${project.network}.* already exists`));
    } finally {
      docker("network", "rm", project.network);
    }
  });

  it("says that the gateway's port is taken", async () => {
    await project.run("down");
    const server = createServer().listen(Number(new URL(project.url).port), "127.0.0.1");
    await once(server, "listening");
    try {
      const { exitCode, all } = await project.run("up");
      assert.notEqual(exitCode, 0);
      assert.match(all, new RegExp(`port 127\\.0\\.0\\.1:${new URL(project.url).port} is taken`));
    } finally {
      server.close();
      await once(server, "close");
    }
  });

  it("says that a container's name is taken, and by whom", async () => {
    // What the update before left running has the name otherwise.
    await project.run("down");
    const image = docker("images", "--quiet", "slipway/redis").split("\n")[0] ?? "";
    docker("create", "--name", `${project.prefix}-redis`, image, "true");
    try {
      const { exitCode, all } = await project.run("up");
      assert.notEqual(exitCode, 0);
      assert.match(all, new RegExp(`the name "${project.prefix}-redis" is taken by container [0-9a-f]{12}`));
    } finally {
      docker("rm", "--force", `${project.prefix}-redis`);
    }
  });

  it("carries on from there once the obstacles are gone", async () => {
    project.configure({ version: "1.0.0" });
    const { exitCode, all } = await project.run("up");
    assert.equal(exitCode, 0, all);
    assert.equal(await live(), "1.0.0");
  });

  it("keeps the old route when the new version never becomes healthy, and shows its last log lines", async () => {
    const manifest = join(project.root, ".slipway/images.json");
    const whole = readFileSync(manifest, "utf8");
    const images = JSON.parse(whole) as { images: { sample: { reference: string } } };
    const container = docker("create", images.images.sample.reference);
    const broken = docker(
      ...[
        "commit",
        "--change",
        `CMD ["node", "-e", "console.log('the canary sang its last'); setInterval(() => {}, 1e6)"]`,
      ],
      container,
    );
    docker("rm", container);
    try {
      writeFileSync(manifest, whole.replace(images.images.sample.reference, broken));
      project.configure({ version: "1.1.0", readyTimeoutSeconds: 5 });
      writeFileSync(
        join(project.root, ".slipway/Pulumi.local.yaml"),
        readFileSync(join(project.root, "Pulumi.local.yaml")),
      );
      const { exitCode, all } = await project.engine("up", "--yes", "--skip-preview");
      assert.notEqual(exitCode, 0);
      assert.match(all, /the canary sang its last/);
      assert.equal(await live(), "1.0.0");
    } finally {
      writeFileSync(manifest, whole);
    }
    project.configure({ version: "1.2.0" });
    const { exitCode, all } = await project.run("up");
    assert.equal(exitCode, 0, all);
    assert.equal(await live(), "1.2.0");
    assert.equal(
      docker("ps", "--all", "--format", "{{.Names}}", "--filter", "name=faults-sample"),
      `${project.prefix}-sample-1.2.0-1`,
    );
    docker("rmi", "--force", broken);
  });

  it("loses nothing to kill -9 in the middle of a release: the old version serves, the next run carries on", async () => {
    project.configure({ version: "1.3.0" });
    const running = spawn(process.execPath, [join(process.cwd(), "pipeline/dist/main.js"), "up"], {
      cwd: project.root,
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    let output = "";
    for await (const chunk of running.stdout) {
      output += String(chunk);
      if (/sample-1\.3\.0-1 creat/.test(output)) break;
    }
    process.kill(-(running.pid ?? 0), "SIGKILL");
    assert.equal(await live(), "1.2.0");
    const { exitCode, all } = await project.run("up");
    assert.equal(exitCode, 0, all);
    assert.equal(await live(), "1.3.0");
  });

  it("refuses a wrong passphrase, a missing one and a truncated state, and leaves everything as it was", async () => {
    const passphrase = join(project.root, ".slipway/passphrase");
    const right = readFileSync(passphrase);
    writeFileSync(passphrase, "wrong");
    const wrong = await project.run("up");
    assert.notEqual(wrong.exitCode, 0);
    assert.match(wrong.all, /incorrect passphrase/);
    rmSync(passphrase);
    const missing = await project.run("up");
    assert.notEqual(missing.exitCode, 0);
    assert.match(missing.all, /passphrase is missing/);
    writeFileSync(passphrase, right, { mode: 0o600 });

    const state = join(project.root, ".slipway/state/.pulumi/stacks/slipway/local.json");
    const whole = readFileSync(state);
    truncateSync(state, 1000);
    const truncated = await project.run("up");
    assert.notEqual(truncated.exitCode, 0);
    assert.match(truncated.all, /local\.json/);
    assert.equal(readFileSync(state).length, 1000);
    writeFileSync(state, whole);
    assert.equal(await live(), "1.3.0");
  });

  it("says that Docker does not run, where it looked, and what to do", async () => {
    process.env["DOCKER_HOST"] = "unix:///nowhere/docker.sock";
    try {
      const { exitCode, all } = await project.run("up");
      assert.notEqual(exitCode, 0);
      assert.match(all, /\/nowhere\/docker\.sock/);
      assert.doesNotMatch(all, /\n {4}at /);
    } finally {
      delete process.env["DOCKER_HOST"];
    }
  });
});
