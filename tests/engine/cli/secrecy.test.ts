import assert from "node:assert/strict";
import { join } from "node:path";
import { Sandbox } from "./engine-process";

const CANARY = "canary-5b1f9c";

describe("secrets", function () {
  this.timeout(300_000);
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.make();
  });
  after(() => sandbox.remove());

  it("are in no output and in no file, whatever the program does with them", async () => {
    await sandbox.run("config", "set", "--secret", "password", CANARY);
    await sandbox.run("config", "set", "leak", "true");
    await sandbox.run("config", "set", "random", "true");
    await sandbox.things({ one: { value: "1", password: true } });
    const log = join(sandbox.root, "events.jsonl");
    const outputs: string[] = [];
    const see = async (...args: string[]): Promise<string> => {
      const { stdout, stderr } = await sandbox.run(...args);
      outputs.push(stdout, stderr);
      return stdout;
    };
    const diff = await see("preview", "--diff");
    assert.match(diff, /password: \[secret\]/);
    assert.match(await see("preview", "--json"), /the password is \[secret\]/);
    const up = await see("up", "-yf", "--event-log", log);
    assert.match(up, /the password is \[secret\]\n/);
    assert.match(up, /warning: also here: \[secret\]\n/);
    assert.match(up, /token {3}: \[secret\]\n/);
    await sandbox.things({ one: { value: "2", password: true, fail: "password" } });
    assert.match(await see("up", "-yf", "--json"), /"message":"cannot change it: \[secret\]\\n"/);
    await see("up", "-yf", "--diff");
    await see("stack");
    await see("stack", "output", "--json");
    await see("stack", "export");
    await see("stack", "history", "--json");
    await see("config", "--json");
    await see("refresh", "-yf", "--diff");

    const { stdout } = await sandbox.run("stack", "output", "token", "--show-secrets");
    const token = stdout.trim();
    assert.equal(token.length, 20);
    for (const secret of [CANARY, token, "the passphrase"]) {
      assert.ok(!outputs.join("").includes(secret), `${secret} was printed`);
      for (const [path, text] of sandbox.files()) {
        // What the provider makes of it is its own affair.
        if (!path.startsWith(sandbox.world)) assert.ok(!text.includes(secret), `${path} holds ${secret}`);
      }
    }
  });

  it("are shown by the flag that asks for them", async () => {
    await sandbox.things({ one: { value: "3", password: true } });
    const { stdout, stderr } = await sandbox.run("preview", "--diff", "--show-secrets");
    assert.match(stdout, new RegExp(`password: "${CANARY}"`));
    assert.match(stderr, new RegExp(`the password is ${CANARY}`));
    const exported = await sandbox.run("stack", "export", "--show-secrets");
    assert.match(exported.stdout, new RegExp(`"plaintext": "\\\\"${CANARY}\\\\""`));
  });
});
