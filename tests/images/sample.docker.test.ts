import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import type Docker from "dockerode";
import { WebSocket } from "ws";
import type { ImagesManifest } from "../../images/manifest";
import { faultsOfFlows } from "../../images/synthetics/flows";
import { exec, Lab, logs, postgresOptions, preparedImages, redisOptions, until, urlOf } from "./containers";

const password = "hunter2-of-the-sample";

describe("sample service in its image", function () {
  this.timeout(240_000);
  const lab = new Lab();
  let images: ImagesManifest["images"];
  let sample: Docker.Container;
  let postgres: Docker.Container;
  let redis: Docker.Container;
  let url: string;

  const runSample = async (name: string, env: Record<string, string> = {}): Promise<Docker.Container> => {
    const container = await lab.run(name, {
      image: images.sample.reference,
      port: 8080,
      env: {
        PGHOST: "postgres",
        PGUSER: "app",
        PGPASSWORD: password,
        PGDATABASE: "book",
        REDIS_HOST: "redis",
        REDIS_PASSWORD: password,
        APP_VERSION: "1.4.0",
        APP_COMMIT: "abc",
        MIGRATE_ON_START: "1",
        ...env,
      },
    });
    return container;
  };
  const answer = async (path: string): Promise<{ status: number; body: unknown }> => {
    try {
      const response = await fetch(url + path, { signal: AbortSignal.timeout(10_000) });
      return { status: response.status, body: await response.json() };
    } catch {
      return { status: 0, body: "no answer" };
    }
  };
  const untilReady = (): Promise<unknown> =>
    until(
      () => answer("/readyz"),
      ({ status }) => status === 200,
    );
  const exitCodeOf = async (container: Docker.Container): Promise<number> =>
    ((await container.wait()) as { StatusCode: number }).StatusCode;
  const migrate = (...command: string[]): ReturnType<typeof exec> =>
    exec(sample, ["node", "/app/migrate.js", ...command]);

  before(async function () {
    this.timeout(600_000);
    images = await preparedImages();
    await lab.open();
  });
  after(() => lab.close());

  it("starts without its dependencies, live and not ready, and becomes ready when they come up", async () => {
    sample = await runSample("sample");
    url = await urlOf(sample, 8080);
    await until(
      () => answer("/healthz"),
      ({ status }) => status === 200,
    );
    assert.deepEqual(await answer("/readyz"), {
      status: 503,
      body: { status: "not ready", reason: "migrations are not applied yet" },
    });
    assert.equal((await exec(sample, ["node", "/app/healthcheck.js"])).exitCode, 1);

    postgres = await lab.run("postgres", postgresOptions(images.postgres.reference, password));
    redis = await lab.run("redis", redisOptions(images.redis.reference, password));
    await untilReady();
    assert.deepEqual(await answer("/readyz"), {
      status: 200,
      body: { status: "ready", postgres: "ok", redis: "ok" },
    });
    assert.equal((await exec(sample, ["node", "/app/healthcheck.js"])).exitCode, 0);
  });

  it("runs as a user that is not root, on a read-only root without capabilities", async () => {
    assert.equal((await exec(sample, ["id", "-u"])).output, "1000");
  });

  it("serves its page from Postgres and Redis", async () => {
    const first = await (await fetch(url)).text();
    const visits = Number(/Visits: <strong>(\d+)</.exec(first)?.[1]);
    const posted = await fetch(`${url}/entries`, {
      method: "POST",
      body: new URLSearchParams({ name: "Ada'; DROP TABLE entries; --", message: "<i>Hello</i>" }),
    });
    assert.equal(posted.status, 200);
    const page = await posted.text();
    assert.match(page, new RegExp(`Visits: <strong>${visits + 1}<`));
    assert.match(page, /<strong>Ada&#39;; DROP TABLE entries; --<\/strong>/);
    assert.match(page, /&lt;i&gt;Hello&lt;\/i&gt;/);
  });

  it("keeps the entries when it is replaced", async () => {
    await sample.remove({ force: true });
    sample = await runSample("sample", { APP_VERSION: "1.5.0" });
    url = await urlOf(sample, 8080);
    await untilReady();
    const { body } = await answer("/entries");
    assert.deepEqual(
      (body as Record<string, string>[]).map(({ id, name, message }) => [id, name, message]),
      [["1", "Ada'; DROP TABLE entries; --", "<i>Hello</i>"]],
    );
    assert.equal(((await answer("/version")).body as Record<string, string>).version, "1.5.0");
  });

  it("passes the key flows: its page, signing in by Redis, an entry by Postgres", async () => {
    assert.deepEqual(await faultsOfFlows(url, 60_000), []);
  });

  it("says which dependency is down, and recovers with it", async () => {
    for (const [name, container] of [
      ["redis", redis],
      ["postgres", postgres],
    ] as const) {
      await container.stop();
      const { body } = await until(
        () => answer("/readyz"),
        ({ status }) => status === 503,
      );
      const { [name]: down, ...others } = body as Record<string, string>;
      assert.match(down ?? "", /^failed: /, name);
      assert.deepEqual(others, { status: "not ready", [name === "redis" ? "postgres" : "redis"]: "ok" });
      assert.equal((await answer("/healthz")).status, 200);
      await container.start();
      await untilReady();
    }
  });

  it("does not wait for long on a dependency that hangs, and recovers with it", async () => {
    for (const [name, container] of [
      ["redis", redis],
      ["postgres", postgres],
    ] as const) {
      await container.pause();
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(30_000) });
      assert.equal(response.status, 503);
      assert.match(((await response.json()) as Record<string, string>)[name] ?? "", /^failed: /, name);
      await container.unpause();
      await untilReady();
    }
  });

  it("lists, reverts and runs migrations", async () => {
    const time = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`;
    const applied = await migrate("list");
    assert.match(
      applied.output,
      new RegExp(
        `^applied expand   001_create_entries ${time}\napplied expand   002_index_entries_by_time ${time}$`,
      ),
    );
    assert.deepEqual(await migrate("run"), { exitCode: 0, output: "nothing to apply" });
    assert.deepEqual(await migrate("revert"), { exitCode: 0, output: "reverted 002_index_entries_by_time" });
    assert.match((await migrate("list")).output, /\npending expand   002_index_entries_by_time$/);
    assert.deepEqual(await migrate("run"), { exitCode: 0, output: "applied 002_index_entries_by_time" });
  });

  it("runs migrations by npm too, by phase, as a release does", async () => {
    const npm = (script: string, ...more: string[]): ReturnType<typeof exec> =>
      exec(sample, ["npm", "run", "--silent", `migration:${script}`, ...more]);
    assert.equal((await npm("revert")).output, "reverted 002_index_entries_by_time");
    assert.deepEqual(await npm("run", "--", "contract"), {
      exitCode: 1,
      output:
        "migrate: 002_index_entries_by_time (expand) is pending and comes before the contract phase; run expand first",
    });
    assert.match((await npm("list")).output, /^applied expand {3}001_\S+ \S+\npending expand {3}002_\S+$/);
    assert.equal((await npm("run", "--", "expand")).output, "applied 002_index_entries_by_time");
    assert.equal((await npm("run", "--", "contract")).output, "nothing to apply");
  });

  it("applies each migration once when two run them at the same time", async () => {
    await migrate("revert");
    await migrate("revert");
    const both = await Promise.all([migrate("run"), migrate("run")]);
    assert.deepEqual(both.map(({ output }) => output).sort(), [
      "applied 001_create_entries\napplied 002_index_entries_by_time",
      "nothing to apply",
    ]);
  });

  it("takes a changed migration for an error and applies nothing", async () => {
    const psql = ["psql", "-U", "app", "-d", "book", "-P", "pager=off", "-Atc"];
    const change =
      "UPDATE schema_migrations SET checksum = reverse(checksum) WHERE id = '001_create_entries'";
    await exec(postgres, [...psql, change]);
    const { exitCode, output } = await migrate("run");
    assert.equal(exitCode, 1);
    assert.equal(
      output,
      "migrate: 001_create_entries was changed after it was applied; restore it and write a new migration instead",
    );
    await exec(postgres, [...psql, change]);
    assert.equal((await migrate("run")).exitCode, 0);
  });

  it("says what is wrong when migrations cannot run", async () => {
    const wrong = await exec(sample, ["node", "/app/migrate.js", "run"], { PGPASSWORD: "wrong" });
    assert.equal(wrong.exitCode, 1);
    assert.equal(wrong.output, 'migrate: 28P01: password authentication failed for user "app"');
    assert.equal((await migrate("up")).output, 'migrate: unknown command "up"; use run, revert or list');
    assert.equal(
      (await migrate("run", "shrink")).output,
      'migrate: unknown argument "shrink"; use run, run expand, run contract, revert or list',
    );
  });

  it("finishes the requests in flight after SIGTERM, takes no new ones, and ends with 0", async () => {
    const slow = new Promise<{ status: number | undefined; connection: string | undefined; body: string }>(
      (resolve, reject) => {
        request(`${url}/slow?ms=4000`, (response) => {
          let body = "";
          response.on("data", (chunk: Buffer) => (body += chunk.toString()));
          response.on("end", () =>
            resolve({ status: response.statusCode, connection: response.headers.connection, body }),
          );
        })
          .on("error", reject)
          .end();
      },
    );
    // Requests are taken in the order they arrive: once this one is answered, the slow one is in flight.
    await answer("/healthz");
    await sample.kill({ signal: "SIGTERM" });
    await until(
      () => answer("/healthz"),
      ({ status }) => status === 0,
    );
    assert.equal((await sample.inspect()).State.Running, true);
    assert.deepEqual(await slow, {
      status: 200,
      connection: "close",
      body: '{"waitedMs":4000,"version":"1.5.0"}\n',
    });
    assert.equal(await exitCodeOf(sample), 0);
  });

  it("tells the WebSockets of every replica about a new entry, also after Redis was gone, and says goodbye", async () => {
    const toggles = { TOGGLES: '{"announcements":"live"}' };
    const [one, two] = [await runSample("one", toggles), await runSample("two", toggles)];
    url = await urlOf(one, 8080);
    await untilReady();
    const socket = new WebSocket(`${url.replace("http", "ws")}/live`);
    const heard: unknown[] = [];
    socket.on("message", (data: Buffer) => heard.push(JSON.parse(data.toString())));
    url = await urlOf(two, 8080);
    await untilReady();
    const post = async (message: string): Promise<unknown> => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ name: "Ada", message });
      return (await fetch(`${url}/entries`, { method: "POST", headers, body })).json();
    };
    const hello = { version: "1.4.0" };
    const first = await post("first");
    assert.deepEqual(
      await until(
        async () => heard,
        ({ length }) => length === 2,
      ),
      [hello, { entry: first }],
    );
    await redis.restart();
    await untilReady();
    await until(
      () => exec(redis, ["sh", "-c", `redis-cli -a ${password} --no-auth-warning PUBSUB NUMSUB entries`]),
      ({ output }) => output.includes("2"),
    );
    await post("second");
    await until(
      async () => heard,
      ({ length }) => length === 3,
    );
    const closed = once(socket, "close");
    await one.kill({ signal: "SIGTERM" });
    assert.equal(((await closed) as [number])[0], 1001);
    assert.equal(await exitCodeOf(one), 0);
    await two.remove({ force: true });
  });

  it("ends with 0 after DRAIN_SECONDS when a request takes longer", async () => {
    const impatient = await runSample("impatient", { DRAIN_SECONDS: "1" });
    url = await urlOf(impatient, 8080);
    await untilReady();
    const slow = fetch(`${url}/slow?ms=10000`).then(
      () => "answered",
      () => "cut",
    );
    await answer("/healthz");
    const startMs = performance.now();
    await impatient.kill({ signal: "SIGTERM" });
    assert.equal(await exitCodeOf(impatient), 0);
    assert.equal(await slow, "cut");
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs > 900, `${tookMs} ms`);
  });

  it("logs JSON without a secret", async () => {
    const text = await logs(sample);
    assert.equal(text.includes(password), false);
    const lines = text.trimEnd().split("\n");
    const messages = lines.map((line) => (JSON.parse(line) as { message: string }).message);
    assert.deepEqual(messages.slice(-3), ["draining", "request", "stopped"]);
    assert.ok(messages.includes("migrations applied"));
  });

  it("names every missing variable and ends with 1", async () => {
    const misconfigured = await runSample("misconfigured", { PGHOST: "", REDIS_PORT: "many" });
    assert.equal(await exitCodeOf(misconfigured), 1);
    assert.match(
      await logs(misconfigured),
      /"reason":"environment: PGHOST is not set; REDIS_PORT is \\"many\\", not a whole number from 1 to 65535"/,
    );
  });
});
