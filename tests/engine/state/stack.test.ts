import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { FileBackend } from "../../../engine/state/backend";
import { PassphraseSecrets } from "../../../engine/state/secrets";
import type { Stack, UpdateRecord } from "../../../engine/state/stack";
import { makeSecret } from "../../../engine/values";

const fixture = fs.readFileSync(path.join(__dirname, "fixtures", "cli-checkpoint.json"), "utf8");
const CORRECT = { PULUMI_CONFIG_PASSPHRASE: "correct-horse" };
const CART = "urn:pulumi:dev::shop::shop:index:Cart::cart";
const update: UpdateRecord = {
  kind: "update",
  startTime: 1,
  message: "first",
  environment: {},
  config: { "shop:token": { secure: "v1:a:b" } },
  result: "succeeded",
  endTime: 2,
  resourceChanges: { create: 3 },
};

describe("a stack of the file backend", () => {
  let root: string;
  let backend: FileBackend;
  let stack: Stack;
  let stateFile: string;
  let secrets: PassphraseSecrets;

  before(async () => {
    secrets = await PassphraseSecrets.create("x");
  });
  beforeEach(() => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "stack-"));
    root = path.join(folder, ".pulumi");
    backend = new FileBackend(`file://${folder}`);
    stack = backend.stack("shop", "dev");
    stateFile = path.join(root, "stacks", "shop", "dev.json");
  });
  afterEach(() => fs.rmSync(path.dirname(root), { recursive: true }));

  /** As the CLI has left it. */
  function putState(text = fixture): void {
    fs.mkdirSync(path.dirname(stateFile), { recursive: true });
    fs.writeFileSync(stateFile, text);
  }
  const files = (): string[] =>
    fs
      .readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replace(/\d{19}/, "<ns>"))
      .sort();

  it("is created empty in the CLI's layout, once", () => {
    backend.create("shop", "dev", secrets.salt);
    assert.deepEqual(files(), ["meta.yaml", "stacks/shop/dev.json"]);
    assert.equal(fs.readFileSync(path.join(root, "meta.yaml"), "utf8"), "version: 1\n");
    assert.equal(fs.statSync(stateFile).mode & 0o777, 0o600);
    assert.deepEqual(
      [stack.exists, stack.salt(), stack.summary()],
      [true, secrets.salt, { resourceCount: 0 }],
    );
    assert.throws(
      () => backend.create("shop", "dev", "s"),
      new Error("stack 'organization/shop/dev' already exists"),
    );
  });

  it("is not found before", () => {
    assert.equal(stack.exists, false);
    assert.throws(() => stack.salt(), { name: "StackNotFoundError", message: "no stack named 'dev' found" });
  });

  it("is listed with the others of its project, compressed or not", () => {
    backend.create("shop", "dev", secrets.salt);
    backend.create("other", "x", secrets.salt);
    fs.writeFileSync(path.join(root, "stacks", "shop", "prod.json.gz"), gzipSync("{}"));
    fs.writeFileSync(path.join(root, "stacks", "shop", "dev.json.bak"), "");
    assert.deepEqual(
      backend.list("shop").map(({ fullName }) => fullName),
      ["organization/shop/dev", "organization/shop/prod"],
    );
    assert.deepEqual(backend.list("none"), []);
  });

  it("gives what the CLI has stored, secrets wrapped", async () => {
    putState();
    assert.deepEqual(await stack.outputs(CORRECT), {
      cart: { urn: CART },
      plain: { 1: "one", none: null, yes: true },
      token: makeSecret("t0ken"),
    });
    assert.equal(stack.summary().resourceCount, 5);
    const before = fs.readFileSync(stateFile, "utf8");
    await assert.rejects(
      stack.outputs({ PULUMI_CONFIG_PASSPHRASE: "wrong" }),
      new Error("incorrect passphrase"),
    );
    assert.equal(fs.readFileSync(stateFile, "utf8"), before);
  });

  it("is read from a compressed file, and written uncompressed beside a backup", async () => {
    backend.create("shop", "dev", secrets.salt);
    const compressed = `${stateFile}.gz`;
    fs.writeFileSync(compressed, gzipSync(fs.readFileSync(stateFile)));
    fs.rmSync(stateFile);
    const lock = stack.lock();
    await (await stack.openJournal(secrets, lock)).close();
    lock.release();
    assert.deepEqual(files(), ["meta.yaml", "stacks/shop/dev.json", "stacks/shop/dev.json.gz.bak"]);
    fs.writeFileSync(`${stateFile}.zst`, "");
    fs.utimesSync(stateFile, 0, 0);
    assert.throws(() => stack.salt(), /dev\.json\.zst: it is compressed with zstd, which is not supported/);
  });

  it("says what is wrong with a damaged file, where earlier ones are, and touches nothing", async () => {
    putState(fixture.slice(0, 700));
    const before = files();
    const error = new Error(
      [
        `the state of stack 'organization/shop/dev' cannot be used: ${stateFile}: it is truncated: the JSON ends in the middle`,
        "Nothing was changed. Earlier states, each of which can take the place of the state file:",
        `  ${stateFile}.bak`,
        `  ${path.join(root, "history", "shop", "dev")}/*.checkpoint.json`,
        `  ${path.join(root, "backups", "shop", "dev")}/*.json`,
      ].join("\n"),
    );
    assert.throws(() => stack.snapshot(secrets), error);
    const lock = stack.lock();
    await assert.rejects(stack.openJournal(secrets, lock), error);
    lock.release();
    assert.deepEqual(files(), before);
    assert.equal(fs.readFileSync(stateFile, "utf8"), fixture.slice(0, 700));
  });

  it("keeps a record, a copy of the state and a backup of each update, newest first", async () => {
    backend.create("shop", "dev", secrets.salt);
    stack.recordUpdate(update);
    stack.recordUpdate({ ...update, message: "second", result: "failed" });
    assert.deepEqual(
      stack.history().map(({ message, result }) => [message, result]),
      [
        ["second", "failed"],
        ["first", "succeeded"],
      ],
    );
    assert.deepEqual(stack.history()[1], { ...update, version: 0 });
    assert.deepEqual(
      [...new Set(files())],
      [
        "backups/shop/dev/dev.<ns>.json",
        "history/shop/dev/dev-<ns>.checkpoint.json",
        "history/shop/dev/dev-<ns>.history.json",
        "meta.yaml",
        "stacks/shop/dev.json",
      ],
    );
  });

  it("is removed with its history, but not while it has resources, nor while it is locked", () => {
    putState();
    stack.recordUpdate(update);
    assert.throws(
      () => stack.remove(false),
      /^Error: 'dev' still has resources; removal rejected\. Possible actions:\n- Make sure/,
    );
    const lock = stack.lock();
    assert.throws(() => stack.remove(true), /the stack is currently locked by 1 lock\(s\)/);
    lock.release();
    assert.equal(stack.exists, true);
    stack.remove(true);
    assert.deepEqual(files(), ["backups/shop/dev/dev.<ns>.json", "stacks/shop/dev.json.bak"]);
    assert.throws(() => stack.remove(true), /no stack named 'dev' found/);
  });

  it("is exported and imported with its secrets, hidden or plain", async () => {
    putState();
    const hidden = await stack.export(false);
    const exported = JSON.parse(hidden) as { deployment: { resources: unknown } };
    const kept = JSON.parse(fixture) as { checkpoint: { latest: { resources: unknown } } };
    assert.deepEqual(exported.deployment.resources, kept.checkpoint.latest.resources);
    assert.match(hidden, /^\{\n {4}"version": 3,\n {4}"deployment": \{\n {8}"manifest"/);
    const plain = await stack.export(true, CORRECT);
    assert.match(plain, /"plaintext": "\\"t0ken\\""/);
    assert.doesNotMatch(plain, /ciphertext/);
    const outputs = await stack.outputs(CORRECT);
    for (const text of [hidden, plain]) {
      backend.create("shop", "copy", secrets.salt);
      const copy = backend.stack("shop", "copy");
      assert.deepEqual(
        await copy.import(text.replaceAll(":pulumi:dev::", ":pulumi:copy::"), false, CORRECT),
        [],
      );
      assert.doesNotMatch(fs.readFileSync(stateFile.replace("dev", "copy"), "utf8"), /plaintext|t0ken/);
      const { cart, ...rest } = outputs;
      assert.deepEqual({ ...(await copy.outputs(CORRECT)), cart }, { ...rest, cart });
      copy.remove(true);
    }
  });

  it("drops pending operations on import, and sets a journal that was left behind aside", async () => {
    putState();
    const lock = stack.lock();
    const opened = await stack.openJournal(
      await PassphraseSecrets.open("correct-horse", stack.salt() ?? ""),
      lock,
    );
    const [first] = opened.base;
    assert.ok(first);
    opened.begin("updating", first);
    lock.release();
    const text = await stack.export(false);
    assert.match(text, /"pending_operations": \[/);
    fs.writeFileSync(stateFile.replace(".json", ".journal.jsonl"), "");
    assert.deepEqual(await stack.import(text, false, CORRECT), [first.urn]);
    assert.doesNotMatch(await stack.export(false), /pending_operations/);
    assert.equal(fs.readdirSync(path.join(root, "backups", "shop", "dev")).length, 1);
  });

  it("imports nothing that breaks a rule or is of another stack, unless forced to", async () => {
    putState();
    const text = (await stack.export(false)).replaceAll(
      `"parent": "${CART}"`,
      '"parent": "urn:pulumi:dev::shop::t::gone"',
    );
    const before = fs.readFileSync(stateFile, "utf8");
    await assert.rejects(
      stack.import(text, false, CORRECT),
      /the deployment breaks a rule of the state: child resource .*child refers to missing parent urn:pulumi:dev::shop::t::gone; nothing was changed/,
    );
    await assert.rejects(
      stack.import(text.replaceAll("::shop::", "::shoe::"), true, CORRECT),
      /is from a different stack/,
    );
    assert.equal(fs.readFileSync(stateFile, "utf8"), before);
    await stack.import(text, true, CORRECT);
    assert.notEqual(fs.readFileSync(stateFile, "utf8"), before);
  });
});

describe("FileBackend", () => {
  it("reads the folder from the URL", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "backend äö-"));
    new FileBackend(`file://${encodeURI(folder)}?no_tmp_dir=true`).create("p", "s", "salt");
    const relative = path.relative(process.cwd(), folder);
    assert.equal(new FileBackend(`file://${relative}`).stack("p", "s").exists, true);
    fs.rmSync(folder, { recursive: true });
  });

  it("finds the stack that a name means", () => {
    const backend = new FileBackend("file:///nowhere");
    assert.equal(backend.reference("dev", "shop").fullName, "organization/shop/dev");
    assert.equal(backend.reference("organization/dev", "shop").fullName, "organization/shop/dev");
    assert.equal(backend.reference("organization/p/dev", "shop").fullName, "organization/p/dev");
    for (const name of ["acme/dev", "organization/p/dev/x"]) {
      assert.throws(
        () => backend.reference(name, "shop"),
        /is not a stack: say <stack> or organization\/<project>\/<stack>/,
      );
    }
    assert.throws(
      () => backend.reference("a b", "shop"),
      /'a b' is not a stack name: it may only contain alphanumeric/,
    );
    assert.throws(() => backend.reference("../../x", "shop"), /is not a stack/);
    assert.throws(() => backend.reference("..", "shop"), /'\.\.' is not a stack name/);
    assert.throws(() => backend.reference("organization/../x", "shop"), /'\.\.' is not a project name/);
  });

  it("refuses other backends and the layouts of older CLIs", () => {
    assert.throws(
      () => new FileBackend("s3://bucket"),
      /the backend 's3:\/\/bucket' is not supported: this engine keeps state in files only/,
    );
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "backend-"));
    fs.mkdirSync(path.join(folder, ".pulumi", "stacks"), { recursive: true });
    fs.writeFileSync(path.join(folder, ".pulumi", "stacks", "dev.json"), "{}");
    assert.throws(
      () => new FileBackend(`file://${folder}`),
      /\(version 0\) is not supported, only version 1/,
    );
    fs.writeFileSync(path.join(folder, ".pulumi", "meta.yaml"), "version: 2\n");
    assert.throws(
      () => new FileBackend(`file://${folder}`),
      /\(version 2\) is not supported, only version 1/,
    );
    fs.rmSync(folder, { recursive: true });
  });
});
