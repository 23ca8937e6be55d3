import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeProject, type Project } from "../support/project";

/** Everything on this Docker whose name begins so: containers, volumes and networks. */
function onDocker(prefix: string): string[] {
  const list = (...args: string[]): string[] =>
    execFileSync("docker", args, { encoding: "utf8" })
      .split("\n")
      .filter((name) => name.startsWith(prefix));
  return [
    ...list("ps", "--all", "--format", "{{.Names}}"),
    ...list("volume", "ls", "--format", "{{.Name}}"),
    ...list("network", "ls", "--format", "{{.Name}}"),
  ].sort();
}

const get = async (url: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
  return { status: response.status, body: await response.text(), headers: response.headers };
};

describe("the local stack, from nothing to nothing", function () {
  this.timeout(400_000);
  let project: Project;

  before(async () => {
    project = await makeProject("local");
  });

  after(async () => {
    await project.run("down");
    project.remove();
  });

  it("comes up by one command, through the gates, and says what is where and what took how long", async () => {
    const { exitCode, all } = await project.run("up");
    assert.equal(exitCode, 0, all);
    assert.match(all, new RegExp(`gateway +${project.url}`));
    assert.match(all, /release +sample-1\.0\.0-i[0-9a-f]{7}-[0-9a-f]{12}/);
    assert.match(all, /took +set-up \d+(\.\d s| ms), update \d+\.\d s/);
    const names = onDocker(project.prefix).map((name) => name.replace(/i[0-9a-f]{7}/, "…"));
    assert.deepEqual(names, [
      `${project.prefix}-backups`,
      `${project.prefix}-gateway`,
      `${project.prefix}-gateway`,
      project.network,
      `${project.prefix}-postgres`,
      `${project.prefix}-postgres-15`,
      `${project.prefix}-redis`,
      `${project.prefix}-redis`,
      `${project.prefix}-sample-1.0.0-…-1`,
    ]);
  });

  it("asks for the evidence that staging will ask for, without stopping the local stack", async () => {
    const { all } = await project.run("preview");
    assert.match(all, /\[advisory\].*evidence/);
  });

  it("answers behind the gateway from data in its Postgres and its Redis", async () => {
    assert.equal((await get(`${project.url}/readyz`)).status, 200);
    const posted = await fetch(`${project.url}/entries`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ name: "Ada", message: "first <b>light</b>" }),
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
    assert.ok(posted.status === 201 || posted.status === 303, `${posted.status} ${await posted.text()}`);
    const postgres = execFileSync(
      "docker",
      [
        "exec",
        `${project.prefix}-postgres`,
        "psql",
        "-U",
        "slipway",
        "-tA",
        "-c",
        "select name, message from entries",
      ],
      { encoding: "utf8" },
    );
    assert.equal(postgres.trim(), "Ada|first <b>light</b>");
    const page = await get(project.url);
    assert.equal(page.status, 200);
    assert.match(page.body, /first &lt;b&gt;light&lt;\/b&gt;/);
    assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  });

  it("refuses the preview of a version that is not there", async () => {
    assert.equal((await get(project.url, { "x-slipway-version": "9.9.9" })).status, 404);
  });

  it("changes nothing on a second up", async () => {
    const containers = () =>
      execFileSync("docker", ["ps", "--quiet", "--no-trunc", "--filter", `name=${project.prefix}`], {
        encoding: "utf8",
      });
    const before = containers();
    const { exitCode, all } = await project.run("up", "--expect-no-changes");
    assert.equal(exitCode, 0, all);
    assert.match(all, /\d+ unchanged/);
    // A preview knows as much: nothing that has no value counts as unknown.
    const preview = await project.run("preview", "--expect-no-changes");
    assert.equal(preview.exitCode, 0, preview.all);
    assert.equal(containers(), before);
  });

  it("rebuilds nothing when only the strategy changes", async () => {
    const containers = () =>
      execFileSync("docker", ["ps", "--quiet", "--no-trunc", "--filter", `name=${project.prefix}`], {
        encoding: "utf8",
      });
    const before = containers();
    const strategies = [{ kind: "rolling" }, { kind: "canary", steps: [50, 100] }, { kind: "direct" }];
    for (const strategy of strategies) {
      project.configure({ strategy });
      const { exitCode, all } = await project.run("up");
      assert.equal(exitCode, 0, all);
      // The release tells the strategy; Rollout and record take it down for the next version.
      assert.match(all, /Resources:\n +~ 3 updated\n +\d+ unchanged\n/, strategy.kind);
      assert.equal(containers(), before);
    }
  });

  it("finds no drift when it asks Docker anew", async () => {
    const { exitCode, all } = await project.engine(
      "refresh",
      "--yes",
      "--skip-preview",
      "--expect-no-changes",
    );
    assert.equal(exitCode, 0, all);
  });

  it("leaves no password in the clear: not in state, plans, events, logs or the process list", async () => {
    const [service = ""] = onDocker(`${project.prefix}-sample`);
    const secrets = [service].flatMap((container) => {
      const [{ Config }] = JSON.parse(
        execFileSync("docker", ["inspect", container], { encoding: "utf8" }),
      ) as [{ Config: { Env: string[] } }];
      return Config.Env.filter((line) => /PASSWORD=/.test(line)).map((line) =>
        line.slice(line.indexOf("=") + 1),
      );
    });
    assert.equal(secrets.length, 2);
    const outputs = [
      (await project.engine("preview", "--diff", "--show-sames")).all,
      (await project.engine("preview", "--json")).all,
      (await project.engine("stack", "export")).all,
      (await project.engine("stack", "output", "--json")).all,
      execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }),
      ...onDocker(project.prefix)
        .filter((name) => /-(gateway|postgres|redis|1)$/.test(name))
        .map((name) => execFileSync("docker", ["logs", name], { encoding: "utf8", stdio: "pipe" })),
      ...filesBelow(join(project.root, ".slipway")).map((file) => readFileSync(file, "utf8")),
    ];
    for (const secret of secrets) {
      for (const output of outputs)
        assert.ok(!output.includes(secret), `a password is in: ${output.slice(0, 200)}`);
    }
  });

  it("keeps the passphrase readable by its owner only", () => {
    assert.equal(statSync(join(project.root, ".slipway/passphrase")).mode & 0o777, 0o600);
  });

  it("replaces a version without a lost request, and removes the old one", async () => {
    project.configure({ version: "1.1.0" });
    let requests = 0;
    let failures = 0;
    let stop = false;
    const load = (async () => {
      while (!stop) {
        requests++;
        await get(`${project.url}/healthz`).then(
          ({ status }) => (failures += status === 200 ? 0 : 1),
          () => failures++,
        );
      }
    })();
    const { exitCode, all } = await project.run("up");
    stop = true;
    await load;
    assert.equal(exitCode, 0, all);
    assert.equal(failures, 0, `${failures} of ${requests} failed`);
    assert.match((await get(`${project.url}/version`)).body, /"1\.1\.0"/);
    assert.deepEqual(onDocker(`${project.prefix}-sample`), [`${project.prefix}-sample-1.1.0-1`]);
    const page = await get(project.url);
    assert.match(page.body, /Ada/);
  });

  it("removes everything it made on down, and nothing else", async () => {
    execFileSync("docker", ["volume", "create", `${project.prefix}-not-ours`], { stdio: "ignore" });
    try {
      const { exitCode, all } = await project.run("down");
      assert.equal(exitCode, 0, all);
      assert.deepEqual(onDocker(project.prefix), [`${project.prefix}-not-ours`]);
    } finally {
      execFileSync("docker", ["volume", "rm", `${project.prefix}-not-ours`], { stdio: "ignore" });
    }
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "passphrase")
    .map((entry) => join(entry.parentPath, entry.name));
}
