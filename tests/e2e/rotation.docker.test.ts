import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse } from "yaml";
import { eventually } from "../provider/support/rig";
import { makeProject, type Outcome, type Project } from "../support/project";

interface Credentials {
  readonly PGUSER: string;
  readonly PGPASSWORD: string;
  readonly REDIS_PASSWORD: string;
}

describe("the rotation of secrets on the local stack", function () {
  this.timeout(400_000);
  let project: Project;
  /** Of the versions, in the order in which they came. */
  const versions: Credentials[] = [];
  const said: string[] = [];

  before(async () => {
    project = await makeProject("rotation");
    project.configure({ strategy: { kind: "blue-green", bakeSeconds: 0 }, drainSeconds: 1 });
    await expectSuccess(project.run("up"));
    versions.push(credentialsOf(await liveVersion()));
  });

  after(async () => {
    await project.run("down");
    project.remove();
  });

  async function expectSuccess(running: Promise<Outcome>): Promise<string> {
    const { exitCode, all } = await running;
    said.push(all);
    assert.equal(exitCode, 0, all);
    return all;
  }

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${project.url}${path}`, {
      ...init,
      // One that is kept may be closed from the other side just when it is used again.
      headers: { connection: "close" },
      redirect: "manual",
      signal: AbortSignal.timeout(30_000),
    });

  async function liveVersion(): Promise<string> {
    return ((await (await ask("/version")).json()) as { version: string }).version;
  }

  function credentialsOf(version: string): Credentials {
    const container = `${project.prefix}-sample-${version}-1`;
    const [{ Config }] = JSON.parse(execFileSync("docker", ["inspect", container], { encoding: "utf8" })) as [
      { Config: { Env: string[] } },
    ];
    return Object.fromEntries(Config.Env.map((line) => line.split("="))) as Credentials;
  }

  /** Runs a client in a store's container, its password in its environment. */
  function inStore(store: string, env: Record<string, string>, command: readonly string[]): string {
    const names = Object.keys(env).flatMap((name) => ["--env", name]);
    const args = ["exec", ...names, `${project.prefix}-${store}`, ...command];
    const { stdout, stderr } = spawnSync("docker", args, {
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    return `${stdout}${stderr}`.trim();
  }

  const sql = ({ PGUSER, PGPASSWORD }: Credentials, text: string): string =>
    inStore("postgres", { PGPASSWORD }, [
      "psql",
      "-qtA",
      "-h",
      "127.0.0.1",
      "-U",
      PGUSER,
      "-d",
      "slipway",
      "-c",
      text,
    ]);
  const ping = ({ REDIS_PASSWORD }: Credentials): string =>
    inStore("redis", { REDISCLI_AUTH: REDIS_PASSWORD }, ["redis-cli", "ping"]).split("\n").at(-1) ?? "";

  /** Reads and writes while something is done; tells what failed. */
  async function underRequests(
    work: () => Promise<unknown>,
  ): Promise<{ requests: number; failures: string[] }> {
    let requests = 0;
    let done = false;
    const failures: string[] = [];
    const visitor = async (path: string, init: RequestInit, wanted: readonly number[]): Promise<void> => {
      while (!done) {
        // The machine is for the update.
        await pause(50);
        requests++;
        try {
          const response = await ask(path, init);
          await response.text();
          if (!wanted.includes(response.status)) failures.push(`${path}: ${response.status}`);
        } catch (error) {
          failures.push(`${path}: ${String(error)}`);
        }
      }
    };
    const form = { method: "POST", body: new URLSearchParams({ name: "Ada", message: "still here" }) };
    const visitors = [
      visitor("/", {}, [200]),
      visitor("/readyz", {}, [200]),
      visitor("/entries", form, [201, 303]),
    ];
    try {
      await work();
    } finally {
      done = true;
      await Promise.all(visitors);
    }
    return { requests, failures };
  }

  async function rotate(name: string): Promise<void> {
    const { requests, failures } = await underRequests(() =>
      expectSuccess(project.run("secrets", "rotate", name, "--stack", "local")),
    );
    assert.deepEqual(failures, []);
    assert.ok(requests > 30, `${requests} requests`);
    versions.push(credentialsOf(await liveVersion()));
  }

  function version(index: number): Credentials {
    const found = versions[index];
    assert.ok(found !== undefined);
    return found;
  }

  it("makes Postgres' password anew: both values are valid while both have containers, and no request fails", async () => {
    await rotate("postgresPassword");
    assert.notEqual(version(1).PGPASSWORD, version(0).PGPASSWORD);
    assert.equal(version(1).REDIS_PASSWORD, version(0).REDIS_PASSWORD);
    assert.equal(sql(version(0), "SELECT 'in'"), "in");
    assert.equal(sql(version(1), "SELECT 'in'"), "in");
    // What the new one makes belongs to whom it belonged before.
    sql(version(1), "CREATE TABLE probe ()");
    assert.equal(sql(version(1), "SELECT tableowner FROM pg_tables WHERE tablename = 'probe'"), "slipway");
    const { config } = parse(readFileSync(join(project.root, "Pulumi.local.yaml"), "utf8")) as {
      config: Record<string, Record<string, string>>;
    };
    assert.match(config["slipway:secretRotation"]?.["postgresPassword"] ?? "", /^\d{4}-\d\d-\d\dT/);
  });

  it("makes Redis' password anew, and ends Postgres' former one with the last version that had it", async () => {
    await rotate("redisPassword");
    assert.notEqual(version(2).REDIS_PASSWORD, version(1).REDIS_PASSWORD);
    assert.equal(version(2).PGPASSWORD, version(1).PGPASSWORD);
    assert.match(sql(version(0), "SELECT 'in'"), /password authentication failed/);
    assert.equal(sql(version(2), "SELECT 'in'"), "in");
    assert.deepEqual([ping(version(1)), ping(version(2))], ["PONG", "PONG"]);
  });

  it("keeps the passwords over a restart of Redis", async () => {
    execFileSync("docker", ["restart", `${project.prefix}-redis`], { stdio: "ignore" });
    await eventually(
      "Redis takes both",
      async () => ping(version(1)) === "PONG" && ping(version(2)) === "PONG",
      60_000,
    );
    assert.match(inStore("redis", { REDISCLI_AUTH: "guessed" }, ["redis-cli", "ping"]), /WRONGPASS/);
  });

  it("goes back to the version with the former value", async () => {
    await eventually(
      "the service has its Redis again",
      async () => (await ask("/readyz")).status === 200,
      60_000,
    );
    const { failures } = await underRequests(() => expectSuccess(project.run("rollback", "local")));
    assert.deepEqual(failures, []);
    assert.deepEqual(credentialsOf(await liveVersion()), version(1));
  });

  it("ends a former Redis password, too", async () => {
    project.configure({
      ...{ strategy: { kind: "direct" }, drainSeconds: 1, featureFlags: { newestLast: true } },
      secretRotation: rotations(),
    });
    await expectSuccess(project.run("up"));
    assert.equal(ping(version(2)), "PONG");
    assert.match(ping(version(1)), /WRONGPASS/);
    assert.match(await (await ask("/")).text(), /still here/);
  });

  function rotations(): Record<string, string> {
    const file = join(project.root, ".slipway/Pulumi.local.yaml");
    const { config } = parse(readFileSync(file, "utf8")) as {
      config: Record<string, Record<string, string>>;
    };
    return config["slipway:secretRotation"] ?? {};
  }

  it("leaves none of the values in the clear", async () => {
    const files = readdirSync(join(project.root, ".slipway"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== "passphrase")
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    const logs = ["postgres", "redis"].map((store) => {
      const { stdout, stderr } = spawnSync("docker", ["logs", `${project.prefix}-${store}`], {
        encoding: "utf8",
      });
      return stdout + stderr;
    });
    const users = inStore("redis", {}, ["cat", "/data/users.acl"]);
    const values = new Set(
      versions.flatMap(({ PGPASSWORD, REDIS_PASSWORD }) => [PGPASSWORD, REDIS_PASSWORD]),
    );
    assert.equal(values.size, 4);
    for (const value of values) {
      for (const text of [...files, ...logs, ...said, users])
        assert.ok(!text.includes(value), text.slice(0, 200));
    }
  });
});
