import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Sandbox } from "./engine-process";

describe("stack and config commands", function () {
  this.timeout(240_000);
  let sandbox: Sandbox;
  const file = (stack: string): string => join(sandbox.project, `Pulumi.${stack}.yaml`);
  before(async () => {
    sandbox = await Sandbox.make();
  });
  after(() => sandbox.remove());

  it("make, list, select and remove stacks", async () => {
    assert.deepEqual(await sandbox.run("stack", "init", "dev"), {
      code: 1,
      stdout: "",
      stderr: "error: stack 'organization/shop/dev' already exists\n",
    });
    const created = { code: 0, stdout: "", stderr: "Created stack 'test'\n" };
    assert.deepEqual(await sandbox.run("stack", "init", "test"), created);
    assert.match(readFileSync(file("test"), "utf8"), /^encryptionsalt: v1:\S+\n$/);
    const { stdout } = await sandbox.run("stack", "ls", "--json");
    assert.deepEqual(JSON.parse(stdout), [
      { name: "dev", current: false, resourceCount: 0 },
      { name: "test", current: true, resourceCount: 0 },
    ]);
    assert.equal((await sandbox.run("stack", "select", "organization/shop/dev")).code, 0);
    const listed = await sandbox.run("stack", "ls");
    assert.equal(
      listed.stdout,
      "NAME  LAST UPDATE  RESOURCE COUNT\ndev*  n/a          0\ntest  n/a          0\n",
    );
    assert.match(
      (await sandbox.run("stack", "rm", "test")).stderr,
      /^error: non-interactive mode requires --yes flag\n$/,
    );
    assert.equal(
      (await sandbox.run("stack", "rm", "test", "--yes")).stdout,
      "Stack 'test' has been removed!\n",
    );
    assert.equal(existsSync(file("test")), false);
    assert.equal((await sandbox.run("stack", "--show-name")).stdout, "dev\n");
  });

  it("set, get, list and remove configuration, secrets encrypted", async () => {
    assert.equal((await sandbox.run("config", "set", "size", "5")).code, 0);
    assert.equal((await sandbox.run("config", "set", "--path", "tree.list[0]", "7")).code, 0);
    assert.equal((await sandbox.run("config", "set", "--secret", "password", "hunter22")).code, 0);
    assert.equal((await sandbox.run("config", "set", "aws:region", "eu-west-1")).code, 0);
    assert.deepEqual(await sandbox.run("config", "set", "apiToken", "abc12345"), {
      code: 1,
      stdout: "",
      stderr:
        "error: config value for 'apiToken' looks like a secret; " +
        "rerun with --secret to encrypt it, or --plaintext if you meant to store in plaintext\n",
    });
    assert.doesNotMatch(readFileSync(file("dev"), "utf8"), /hunter22/);
    assert.equal(
      (await sandbox.run("config")).stdout,
      `KEY         VALUE
aws:region  eu-west-1
password    [secret]
size        5
tree        {"list":[7]}
`,
    );
    assert.deepEqual(JSON.parse((await sandbox.run("config", "--json")).stdout), {
      "aws:region": { value: "eu-west-1", secret: false },
      "shop:password": { secret: true },
      "shop:size": { value: "5", secret: false },
      "shop:tree": { value: '{"list":[7]}', objectValue: { list: [7] }, secret: false },
    });
    assert.match((await sandbox.run("config", "--show-secrets")).stdout, /password {4}hunter22\n/);
    assert.equal((await sandbox.run("config", "get", "password")).stdout, "hunter22\n");
    assert.equal((await sandbox.run("config", "get", "--path", "tree.list[0]")).stdout, "7\n");
    assert.deepEqual(JSON.parse((await sandbox.run("config", "get", "size", "--json")).stdout), {
      value: "5",
      secret: false,
    });
    const all = [
      "config",
      "set-all",
      "--plaintext",
      "a=1",
      "--plaintext",
      "b=x=y",
      "--secret",
      "c=third-secret",
    ];
    assert.equal((await sandbox.run(...all)).code, 0);
    assert.equal((await sandbox.run("config", "get", "b")).stdout, "x=y\n");
    for (const key of ["a", "b", "c", "size", "tree", "password"]) {
      assert.equal((await sandbox.run("config", "rm", key)).code, 0);
    }
    const gone = await sandbox.run("config", "get", "size");
    assert.deepEqual(
      [gone.code, gone.stderr],
      [1, "error: configuration key 'size' not found for stack 'dev'\n"],
    );
  });

  it("read a value from standard input, and from the project's defaults, and another file with --config-file", async () => {
    const running = sandbox.start("config", "set", "text");
    running.process.stdin?.end("two\nlines\n");
    assert.equal((await running.ended).code, 0);
    assert.equal((await sandbox.run("config", "get", "text")).stdout, "two\nlines\n");
    sandbox.declare({ colour: { type: "string", default: "red" }, wanted: { type: "integer" } });
    assert.equal((await sandbox.run("config", "get", "colour")).stdout, "red\n");
    const other = join(sandbox.root, "other.yaml");
    writeFileSync(other, "config:\n  shop:colour: blue\n");
    assert.equal((await sandbox.run("config", "get", "colour", "--config-file", other)).stdout, "blue\n");
    const { code, stderr } = await sandbox.run("preview");
    assert.equal(code, 1);
    assert.match(stderr, /error: Stack 'dev' is missing configuration value 'wanted' of type 'integer'/);
    await sandbox.run("config", "set", "wanted", "1");
  });

  it("show resources and outputs, export and import the state, and tell the history", async () => {
    await sandbox.run("config", "set", "--secret", "password", "hunter22");
    await sandbox.things({ one: { value: "1", parent: "group", password: true } });
    const up = await sandbox.run("up", "-yf", "-m", "first");
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.equal(
      (await sandbox.run("stack")).stdout.split("Current stack resources")[1],
      ` (4):
    TYPE                      NAME
    pulumi:pulumi:Stack       shop-dev
    ├─ shop:index:Group       group
    │  └─ tiny:index:Thing    one
    └─ pulumi:providers:tiny  default

Current stack outputs (2):
    OUTPUT    VALUE
    password  [secret]
    results   {"one":"made of 1"}

Use \`pulumi stack select\` to change stack; \`pulumi stack ls\` lists known ones
`,
    );
    assert.equal((await sandbox.run("stack", "output", "password")).stdout, "[secret]\n");
    assert.equal((await sandbox.run("stack", "output", "password", "--show-secrets")).stdout, "hunter22\n");
    assert.deepEqual(JSON.parse((await sandbox.run("stack", "output", "--json", "--show-secrets")).stdout), {
      password: "hunter22",
      results: { one: "made of 1" },
    });
    const unknown = await sandbox.run("stack", "output", "nosuch");
    assert.deepEqual(
      [unknown.code, unknown.stderr],
      [1, "error: current stack does not have output property 'nosuch'\n"],
    );

    const exported = join(sandbox.root, "state.json");
    assert.equal((await sandbox.run("stack", "export", "--file", exported)).code, 0);
    assert.doesNotMatch(readFileSync(exported, "utf8"), /hunter22/);
    const refused = await sandbox.run("stack", "rm", "dev", "--yes");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^error: 'dev' still has resources; removal rejected\. Possible actions:\n/);
    assert.equal((await sandbox.run("stack", "rm", "--yes", "--force", "--preserve-config")).code, 0);
    assert.equal((await sandbox.run("stack", "init", "dev")).code, 0);
    assert.deepEqual(await sandbox.run("stack", "import", "--file", exported), {
      code: 0,
      stdout: "Import complete.\n",
      stderr: "",
    });
    assert.match((await sandbox.run("preview", "--expect-no-changes")).stdout, / {4}3 unchanged\n/);

    assert.equal((await sandbox.run("destroy", "-yf", "-m", "last")).code, 0);
    const [update, ...more] = JSON.parse((await sandbox.run("stack", "history", "--json")).stdout) as Record<
      string,
      unknown
    >[];
    assert.deepEqual(more, []);
    assert.deepEqual(
      [
        update?.["kind"],
        update?.["message"],
        update?.["result"],
        update?.["resourceChanges"],
        update?.["environment"],
      ],
      ["destroy", "last", "succeeded", { delete: 3 }, { "exec.kind": "cli" }],
    );
    assert.match(
      (await sandbox.run("stack", "history")).stdout,
      /^UpdateKind: destroy\nStatus: succeeded\nMessage: last\n\+0-3~0 0 Updated /,
    );
  });

  it("refuse a state that is not this stack's, or damaged, and keep what there is", async () => {
    const before = (await sandbox.run("stack", "export")).stdout;
    const damaged = join(sandbox.root, "damaged.json");
    for (const [text, error] of [
      ['{"version":3,"deployment":', /truncated/],
      ['{"version":9,"deployment":{}}', /version is 9/],
      [
        '{"version":3,"deployment":{"resources":[{"urn":"urn:pulumi:a::b::c:d:E::f","type":"c:d:E"}]}}',
        /is from a different stack/,
      ],
    ] as const) {
      writeFileSync(damaged, text);
      const { code, stderr } = await sandbox.run("stack", "import", "--file", damaged);
      assert.match(stderr, error);
      assert.equal(code, 1);
    }
    assert.equal(
      (await sandbox.run("stack", "export")).stdout.replace(/"time": .*/, ""),
      before.replace(/"time": .*/, ""),
    );
  });
});
