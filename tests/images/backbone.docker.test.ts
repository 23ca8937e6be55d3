import assert from "node:assert/strict";
import type Docker from "dockerode";
import type { ImagesManifest } from "../../images/manifest";
import {
  exec,
  Lab,
  logs,
  postgresOptions,
  preparedImages,
  redisOptions,
  until,
  untilPostgresAnswers,
} from "./containers";

const password = "hunter2-of-the-backbone";
describe("Postgres image", function () {
  this.timeout(240_000);
  const lab = new Lab();
  let images: ImagesManifest["images"];
  let postgres: Docker.Container;
  const query = (sql: string, as = password): ReturnType<typeof exec> =>
    exec(postgres, ["sh", "-c", 'psql -P pager=off -h "$(hostname)" -U app -d book -XAtc "$SQL"'], {
      PGPASSWORD: as,
      SQL: sql,
    });

  before(async function () {
    this.timeout(600_000);
    images = await preparedImages();
    await lab.open();
    postgres = await lab.run("postgres", postgresOptions(images.postgres.reference, password));
    await untilPostgresAnswers(postgres);
  });
  after(() => lab.close());

  it("creates user and database on an empty volume, on a read-only root without capabilities", async () => {
    assert.deepEqual(await query("SELECT current_user, current_database()"), {
      exitCode: 0,
      output: "app|book",
    });
    assert.deepEqual(await exec(postgres, ["id", "-un"]), { exitCode: 0, output: "postgres" });
  });

  it("takes settings from its command, as the official image does", async () => {
    assert.equal((await query("SHOW shared_buffers")).output, "32MB");
  });

  it("refuses a wrong password over TCP", async () => {
    const { exitCode, output } = await query("SELECT 1", "wrong");
    assert.equal(exitCode, 2);
    assert.match(output, /password authentication failed for user "app"/);
    assert.equal((await query("SHOW password_encryption")).output, "scram-sha-256");
  });

  it("has the programs that health checks and backups need", async () => {
    for (const program of ["pg_isready", "psql", "pg_dump", "pg_restore"]) {
      assert.equal((await exec(postgres, [program, "--version"])).exitCode, 0, program);
    }
  });

  it("keeps the password out of its log and its processes' arguments", async () => {
    const { Processes } = (await postgres.top()) as { Processes: string[][] };
    assert.equal((await logs(postgres)).includes(password), false);
    assert.equal(JSON.stringify(Processes).includes(password), false);
  });

  it("keeps its data when it is stopped and another container takes the volume", async () => {
    await query("CREATE TABLE kept AS SELECT 42 AS answer");
    await postgres.stop();
    assert.equal((await postgres.inspect()).State.ExitCode, 0);
    await postgres.remove();
    postgres = await lab.run("postgres", postgresOptions(images.postgres.reference, password));
    await untilPostgresAnswers(postgres);
    assert.deepEqual(await query("SELECT answer FROM kept"), { exitCode: 0, output: "42" });
  });

  it("recovers what was committed before it was killed", async () => {
    await query("INSERT INTO kept VALUES (43)");
    await postgres.kill();
    await postgres.start();
    await untilPostgresAnswers(postgres);
    assert.equal((await query("SELECT max(answer) FROM kept")).output, "43");
  });
});

describe("Redis image", function () {
  this.timeout(240_000);
  const lab = new Lab();
  let images: ImagesManifest["images"];
  let redis: Docker.Container;
  const cli = async (as: string | undefined, ...command: string[]): Promise<string> => {
    const env: Record<string, string> = as === undefined ? {} : { REDISCLI_AUTH: as };
    return (await exec(redis, ["redis-cli", "--no-raw", ...command], env)).output;
  };
  const untilRedisAnswers = async (): Promise<void> =>
    void (await until(
      () => cli(password, "ping"),
      (answer) => answer === "PONG",
    ));

  before(async function () {
    this.timeout(600_000);
    images = await preparedImages();
    await lab.open();
    redis = await lab.run("redis", redisOptions(images.redis.reference, password));
    await untilRedisAnswers();
  });
  after(() => lab.close());

  it("runs as its own user, on a read-only root without capabilities", async () => {
    assert.deepEqual(await exec(redis, ["id", "-un"]), { exitCode: 0, output: "redis" });
  });

  it("requires the password", async () => {
    assert.equal(await cli(undefined, "ping"), "(error) NOAUTH Authentication required.");
    assert.match(await cli("wrong", "ping"), /WRONGPASS/);
  });

  it("keeps the password out of its log and its processes' arguments", async () => {
    const { Processes } = (await redis.top()) as { Processes: string[][] };
    assert.equal((await logs(redis)).includes(password), false);
    assert.equal(JSON.stringify(Processes).includes(password), false);
  });

  it("stops at once and cleanly when it is told to", async () => {
    await redis.stop({ t: 10 });
    assert.equal((await redis.inspect()).State.ExitCode, 0);
    await redis.start();
    await untilRedisAnswers();
  });

  it("keeps its data when it is killed and another container takes the volume", async () => {
    await cli(password, "set", "kept", "42");
    await redis.kill();
    await redis.remove();
    redis = await lab.run("redis", redisOptions(images.redis.reference, password));
    await untilRedisAnswers();
    assert.equal(await cli(password, "get", "kept"), '"42"');
  });
});
