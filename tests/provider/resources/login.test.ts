import assert from "node:assert/strict";
import { pbkdf2Sync, createHmac, createHash } from "node:crypto";
import { NoSuchContainer, NotRunning } from "../../../provider/docker";
import type { Context } from "../../../provider/resource";
import { login } from "../../../provider/resources/login";
import type { LoginInputs } from "../../../provider/schema/login";

const password = "abcdefghijklmnop0123456789ABCDEF";
const role: LoginInputs = {
  ...{ store: "postgres", container: "slipway-postgres", user: "slipway_3f2a91c0", owner: "slipway" },
  ...{ password, after: "c0ffee" },
};
const owner: LoginInputs = { ...role, user: "slipway" };
const cache: LoginInputs = {
  ...{ store: "redis", container: "slipway-redis", user: "default", owner: "default" },
  ...{ password, after: "c0ffee" },
};
const hash = createHash("sha256").update(password).digest("hex");

/** A world in which a container says these things, one for each command; what was asked of it can be looked at. */
function world(...answers: (Error | string | { exitCode: number; stderr: string })[]) {
  const asked: { container: string; command: string[]; lines: string[] }[] = [];
  const exec: Context["exec"] = async (container, command, { stdin }) => {
    asked.push({ container, command, lines: String(stdin).trimEnd().split("\n") });
    const answer = answers.shift() ?? "";
    if (answer instanceof Error) throw answer;
    return typeof answer === "string"
      ? { exitCode: 0, stdout: answer, stderr: "" }
      : { stdout: "", ...answer };
  };
  return { asked, context: { exec } as unknown as Context };
}

describe("provider/resources/login", () => {
  it("makes a role that acts as its owner, and hands Postgres a verifier in the password's place", async () => {
    const { asked, context } = world();
    await login.create(role, context);
    const lines = asked[0]?.lines ?? [];
    assert.deepEqual(lines.slice(0, 5), [
      "SET log_min_error_statement = panic;",
      "SET log_min_duration_statement = -1;",
      `SELECT 'CREATE ROLE "slipway_3f2a91c0"' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'slipway_3f2a91c0') \\gexec`,
      'GRANT "slipway" TO "slipway_3f2a91c0";',
      `ALTER ROLE "slipway_3f2a91c0" SET role = 'slipway';`,
    ]);
    const [, salt = "", stored, server] =
      /^ALTER ROLE "slipway_3f2a91c0" LOGIN PASSWORD 'SCRAM-SHA-256\$4096:([^$]+)\$([^:]+):([^']+)';$/.exec(
        lines[5] ?? "",
      ) ?? [];
    const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), 4096, 32, "sha256");
    const key = (name: string) => createHmac("sha256", salted).update(name).digest();
    assert.equal(stored, createHash("sha256").update(key("Client Key")).digest("base64"));
    assert.equal(server, key("Server Key").toString("base64"));
    assert.equal(lines.length, 6);
  });

  it("gives the owner a password, and takes it, without making or dropping the owner", async () => {
    const { asked, context } = world();
    await login.create(owner, context);
    await login.delete(owner, context);
    assert.match(asked[0]?.lines.slice(2).join("\n") ?? "", /^ALTER ROLE "slipway" LOGIN PASSWORD '[^\n]*$/);
    assert.deepEqual(asked[1]?.lines.slice(2), [
      'ALTER ROLE "slipway" PASSWORD NULL;',
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'slipway' AND client_addr IS NOT NULL;",
    ]);
  });

  it("ends a role's connections and drops it; one that is gone already is left", async () => {
    const { asked, context } = world("found\n", "", "");
    await login.delete(role, context);
    assert.deepEqual(asked[1]?.lines.slice(2), [
      'ALTER ROLE "slipway_3f2a91c0" NOLOGIN;',
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'slipway_3f2a91c0' AND client_addr IS NOT NULL;",
      'DROP ROLE "slipway_3f2a91c0";',
    ]);
    await login.delete(role, context);
    assert.equal(asked.length, 3);
  });

  it("adds and removes the hash of one of Redis' passwords, and has it kept", async () => {
    const { asked, context } = world("OK\nOK\n", "OK\nOK\n");
    await login.create(cache, context);
    await login.delete(cache, context);
    assert.deepEqual(
      asked.map(({ lines }) => lines),
      [
        [`ACL SETUSER default #${hash}`, "ACL SAVE"],
        [`ACL SETUSER default !${hash}`, "ACL SAVE"],
      ],
    );
  });

  it("takes a password of Redis that is not there for removed, and nothing else for done", async () => {
    const gone =
      "ERR Error in ACL SETUSER modifier '!x': The password you are trying to remove does not exist\nOK\n";
    await login.delete(cache, world(gone).context);
    await assert.rejects(
      login.create(cache, world("OK\nERR There was an error trying to save the ACLs\n").context),
      {
        message:
          "The login default of redis in container slipway-redis was not changed.\nLast log lines:\n  ERR There was an error trying to save the ACLs",
      },
    );
  });

  it("replaces a password that was made anew in place", async () => {
    const { asked, context } = world("OK\nOK\n", "OK\nOK\n");
    await login.update({ ...cache, password: `${password}2` }, cache, context);
    assert.deepEqual(
      asked.map(({ lines }) => lines[0]?.includes("!")),
      [false, true],
    );
    assert.equal(asked[1]?.lines[0], `ACL SETUSER default !${hash}`);
  });

  it("says what Postgres said, without the statement", async () => {
    const refusal = { exitCode: 3, stderr: "ERROR:  permission denied\n" };
    await assert.rejects(login.create(role, world(refusal).context), {
      message:
        "The login slipway_3f2a91c0 of postgres in container slipway-postgres was not changed.\nLast log lines:\n  ERROR:  permission denied",
    });
  });

  it("tells whether the login is there; a stopped store says nothing, and one that is gone has none", async () => {
    assert.deepEqual(await login.read({ ...role }, world("found\n").context), {});
    assert.equal(await login.read({ ...role }, world("\n").context), undefined);
    assert.deepEqual(await login.read({ ...cache }, world(`passwords\n${hash}\n`).context), {});
    assert.equal(await login.read({ ...cache }, world("passwords\n").context), undefined);
    assert.deepEqual(await login.read({ ...cache }, world(new NotRunning("stopped")).context), {});
    assert.equal(await login.read({ ...cache }, world(new NoSuchContainer("gone")).context), undefined);
  });

  it("leaves nothing to do where the store is gone, and never puts the password on a command line", async () => {
    await login.delete(role, world(new NoSuchContainer("gone")).context);
    const { asked, context } = world("", "OK\nOK\n");
    await login.create(role, context);
    await login.create(cache, context);
    assert.ok(!JSON.stringify(asked).includes(password));
  });
});
