import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expandMigration, Variants, type ExtraMigration, type Fault } from "../../bench/variants";
import { exec, Lab, preparedImages, until, urlOf } from "../images/containers";

describe("variants of the sample service", function () {
  this.timeout(240_000);
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), "slipway-variants-"));
  let variants: Variants;

  before(async function () {
    this.timeout(600_000);
    variants = new Variants((await preparedImages()).sample.reference, folder);
    await lab.open();
  });
  after(async () => {
    await lab.close();
    await variants.remove();
    rmSync(folder, { recursive: true });
  });

  /** Without Postgres and Redis: what asks neither answers. */
  const start = async (fault: Fault, migrations: ExtraMigration[] = []) => {
    const container = await lab.run(fault.kind, {
      image: await variants.build(fault, migrations),
      port: 8080,
      env: {
        ...{ PGHOST: "postgres", PGUSER: "app", PGPASSWORD: "none", PGDATABASE: "book" },
        ...{ REDIS_HOST: "redis", REDIS_PASSWORD: "none", APP_VERSION: "1.1.0" },
      },
    });
    const url = await urlOf(container, 8080);
    const get = async (path: string, headers: Record<string, string> = {}) => {
      const response = await fetch(url + path, { headers, signal: AbortSignal.timeout(5_000) }).catch(
        () => undefined,
      );
      const version = response?.headers.get("x-app-version");
      return { status: response?.status ?? 0, version, body: await response?.text() };
    };
    const healthy = () =>
      until(
        () => get("/healthz"),
        ({ status }) => status === 200,
      );
    return { container, get, healthy };
  };
  const preview = { "x-slipway-version": "1.1.0" };
  const faulty = { version: "1.1.0", body: "a fault was asked for" };

  it("is never ready", async () => {
    const { get, healthy } = await start({ kind: "never-healthy" });
    await healthy();
    assert.deepEqual(await get("/readyz"), { status: 503, ...faulty });
    assert.equal((await get("/version")).status, 200);
  });

  it("fails its page, smoke tests included", async () => {
    const { get, healthy } = await start({ kind: "smoke" });
    await healthy();
    assert.deepEqual(await get("/", preview), { status: 500, ...faulty });
    assert.equal((await get("/version")).status, 200);
  });

  it("answers users with 500, smoke tests well", async () => {
    const { get, healthy } = await start({ kind: "errors", amount: 100 });
    await healthy();
    assert.deepEqual(await get("/version"), { status: 500, ...faulty });
    assert.equal((await get("/version", preview)).status, 200);
  });

  it("is slow to users", async () => {
    const { get, healthy } = await start({ kind: "slow", amount: 300 });
    await healthy();
    const startMs = performance.now();
    assert.equal((await get("/version")).status, 200);
    assert.ok(performance.now() - startMs >= 299);
  });

  it("crashes by itself", async () => {
    const { container } = await start({ kind: "crash", amount: 1 });
    assert.equal(((await container.wait()) as { StatusCode: number }).StatusCode, 1);
  });

  it("dies of the memory that users' requests cost it", async () => {
    const { container, get, healthy } = await start({ kind: "leak", amount: 64 });
    await healthy();
    await until(
      () => get("/version"),
      ({ status }) => status === 0,
    );
    await container.wait();
    assert.equal((await container.inspect()).State.OOMKilled, true);
  });

  it("brings its own migrations, and is well otherwise", async () => {
    const { container, get, healthy } = await start({ kind: "none" }, [expandMigration]);
    await healthy();
    assert.equal((await get("/version")).status, 200);
    const { output } = await exec(container, ["cat", "/app/migrations/900_add_colour.up.sql"]);
    assert.equal(output, `-- phase: expand\n${expandMigration.up}`);
  });
});
