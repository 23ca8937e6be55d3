import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const password = "hunter2 'quoted'";

/** The entry point with stand-ins for Postgres's programs, which note how they were called. */
describe("entry point of the built Postgres image", () => {
  let folder: string;
  let data: string;
  const program = (name: string, script: string): void =>
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const calls = (): string[] => readFileSync(join(folder, "calls"), "utf8").trimEnd().split("\n");
  const start = (env: Record<string, string> = {}, command = ["postgres", "-c", "shared_buffers=32MB"]) => {
    writeFileSync(join(folder, "calls"), "");
    return spawnSync("sh", ["images/postgres/entrypoint.sh", ...command], {
      encoding: "utf8",
      env: {
        PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH ?? ""}`,
        TMPDIR: join(folder, "tmp"),
        PGDATA: data,
        ...env,
      },
    });
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-test-postgres-"));
    data = join(folder, "volume", "pgdata");
    for (const name of ["bin", "tmp", "volume"]) mkdirSync(join(folder, name));
    const note = `echo "$(basename "$0") $*" >> ${folder}/calls`;
    program(
      "initdb",
      `${note}
       for argument; do case $argument in
         --pgdata=*) grown=\${argument#*=} ;;
         --pwfile=*) stat -c %a "\${argument#*=}" > ${folder}/mode; cp "\${argument#*=}" ${folder}/password ;;
         --sync-only) exit 0 ;;
       esac; done
       mkdir "$grown" && touch "$grown/postgresql.conf" "$grown/pg_hba.conf" && echo 15 > "$grown/PG_VERSION"`,
    );
    program("postgres", `${note}\n[ "$1" != --single ] || cat >> ${folder}/sql\nenv > ${folder}/env`);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("creates the cluster on an empty volume, then starts Postgres with the command as it is", () => {
    const { status, stderr } = start({
      POSTGRES_PASSWORD: password,
      POSTGRES_USER: "app",
      POSTGRES_DB: 'a "book"',
    });
    assert.equal(stderr, "");
    assert.equal(status, 0);
    const grown = `${data}.growing`;
    assert.deepEqual(
      calls().map((call) => call.replace(/--pwfile=\S+/, "--pwfile=FILE")),
      [
        `initdb --pgdata=${grown} --username=app --pwfile=FILE --auth-local=trust --auth-host=scram-sha-256 ` +
          "--encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions",
        `postgres --single -D ${grown} postgres`,
        `initdb --sync-only --pgdata=${grown}`,
        "postgres -c shared_buffers=32MB",
      ],
    );
    assert.equal(readFileSync(join(folder, "sql"), "utf8"), 'CREATE DATABASE "a ""book"""\n');
    assert.equal(readFileSync(join(data, "postgresql.conf"), "utf8"), "listen_addresses = '*'\n");
    assert.equal(readFileSync(join(data, "pg_hba.conf"), "utf8"), "host all all all scram-sha-256\n");
  });

  it("hands the password over in a file that only its user can read, and leaves it nowhere", () => {
    const { stdout, stderr } = start({ POSTGRES_PASSWORD: password });
    assert.equal(readFileSync(join(folder, "password"), "utf8"), `${password}\n`);
    assert.equal(readFileSync(join(folder, "mode"), "utf8"), "600\n");
    assert.deepEqual(readdirSync(join(folder, "tmp")), []);
    for (const text of [stdout, stderr, ...calls(), readFileSync(join(folder, "env"), "utf8")]) {
      assert.equal(text.includes("hunter2"), false);
    }
  });

  it("only starts Postgres on a volume that has a cluster, and needs no password for it", () => {
    start({ POSTGRES_PASSWORD: password });
    assert.equal(start().status, 0);
    assert.deepEqual(calls(), ["postgres -c shared_buffers=32MB"]);
  });

  it("starts anew after a crash in the middle of the creation", () => {
    const whole = readFileSync(join(folder, "bin", "initdb"), "utf8");
    program(
      "initdb",
      `for argument; do case $argument in --pgdata=*) mkdir "\${argument#*=}"; echo 15 > "\${argument#*=}/PG_VERSION" ;; esac; done; kill -9 $PPID`,
    );
    assert.equal(start({ POSTGRES_PASSWORD: password }).signal, "SIGKILL");
    assert.equal(existsSync(data), false);
    assert.equal(existsSync(`${data}.growing`), true);
    writeFileSync(join(folder, "bin", "initdb"), whole);
    assert.equal(start({ POSTGRES_PASSWORD: password }).status, 0);
    assert.deepEqual(readdirSync(join(folder, "volume")), ["pgdata"]);
  });

  it("leaves no password file behind when the creation fails", () => {
    program("initdb", "exit 1");
    assert.equal(start({ POSTGRES_PASSWORD: password }).status, 1);
    assert.deepEqual(readdirSync(join(folder, "tmp")), []);
  });

  it("says so when the first start has no password", () => {
    const { status, stderr } = start();
    assert.equal(
      stderr,
      "postgres: the volume is empty and POSTGRES_PASSWORD is not set; set it for the first start\n",
    );
    assert.equal(status, 1);
  });

  it("touches no volume that holds something else", () => {
    mkdirSync(data);
    writeFileSync(join(data, "photo.jpg"), "");
    const { status, stderr } = start({ POSTGRES_PASSWORD: password });
    assert.equal(
      stderr,
      `postgres: ${data} holds files but no cluster; empty the volume, or mount the right one\n`,
    );
    assert.equal(status, 1);
    assert.deepEqual(readdirSync(data), ["photo.jpg"]);
  });

  it("runs any other command as it is", () => {
    const { status, stdout } = start({}, ["echo", "hello"]);
    assert.deepEqual([status, stdout], [0, "hello\n"]);
    assert.equal(existsSync(data), false);
  });
});
