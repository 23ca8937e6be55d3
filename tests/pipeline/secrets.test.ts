import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listSecrets, rotateSecret } from "../../pipeline/secrets";
import { UserError } from "../../pipeline/user-error";

const now = new Date("2026-11-30T19:16:10.123Z");

describe("pipeline/secrets", () => {
  let root: string;
  let said: string[];
  const say = (line: string): void => void said.push(line);
  const file = (stack: string): string => join(root, `Pulumi.${stack}.yaml`);

  beforeEach(() => {
    said = [];
    root = mkdtempSync(join(tmpdir(), "slipway-secrets-"));
    for (const name of ["Pulumi.yaml", "Pulumi.local.yaml", "Pulumi.staging.yaml"])
      copyFileSync(name, join(root, name));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const refusal = async (name: string, stack: string, pattern: RegExp): Promise<void> => {
    const before = readFileSync(file("local"), "utf8") + readFileSync(file("staging"), "utf8");
    await assert.rejects(rotateSecret(root, name, { stack }, say, now), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, pattern);
      return true;
    });
    assert.equal(readFileSync(file("local"), "utf8") + readFileSync(file("staging"), "utf8"), before);
  };

  it("lists every secret with its source, and since when its value is", () => {
    writeFileSync(
      file("local"),
      'config:\n  slipway:secretRotation:\n    redisPassword: "2026-11-01T00:00:00Z"\n',
    );
    listSecrets(root, { stack: "local" }, say);
    assert.deepEqual(
      said.map((line) => line.split(/ {2,}/).slice(0, 4)),
      [
        ["secret", "source", "rotation", "made"],
        ["postgresPassword", "made by the stack", "7 days", "with the stack"],
        ["redisPassword", "made by the stack", "90 days", "2026-11-01T00:00:00Z"],
        ["cloudflareApiToken", "none", "90 days", "-"],
      ],
    );
    said = [];
    listSecrets(root, { stack: "staging" }, say);
    assert.deepEqual(
      said.slice(1).map((line) => line.split(/ {2,}/).slice(1, 4)),
      [
        ["AWS Secrets Manager, made by RDS", "7 days", "by RDS"],
        ["AWS Secrets Manager, made by the stack", "90 days", "with the stack"],
        ["given as CLOUDFLARE_API_TOKEN", "90 days", "elsewhere"],
      ],
    );
  });

  it("refuses what no secret or stack is called, naming those there are", async () => {
    await refusal(
      "apiKey",
      "local",
      /^There is no secret "apiKey"; there are: postgresPassword, redisPassword, /,
    );
    await refusal(
      "redisPassword",
      "test",
      /^There is no stack "test"; there are: local, staging, production\.$/,
    );
  });

  it("says of what the stack does not make who does, and changes nothing", async () => {
    await refusal(
      "postgresPassword",
      "staging",
      /RDS makes it anew every 7 days; .*aws secretsmanager rotate-secret/,
    );
    await refusal("cloudflareApiToken", "staging", /given to whoever deploys, as CLOUDFLARE_API_TOKEN/);
    await refusal(
      "cloudflareApiToken",
      "local",
      /does not make cloudflareApiToken itself\. It does without\.$/,
    );
  });

  it("refuses to change a version that has a name of its own", async () => {
    writeFileSync(file("local"), "config:\n  slipway:version: 1.4.0\n");
    await refusal("redisPassword", "local", /slipway:version is "1\.4\.0", which never changes/);
  });

  it("writes the rotation of what AWS is given by the stack, in quotes, beside the others, for the next deployment", async () => {
    assert.equal(await rotateSecret(root, "redisPassword", { stack: "staging" }, say, now), 0);
    const text = readFileSync(file("staging"), "utf8");
    assert.match(text, /slipway:secretRotation: \{ ?redisPassword: "2026-11-30T19:16:10Z" ?\}/);
    const without = (all: string): string => all.replace(/slipway:secretRotation: .*\n/, "");
    assert.equal(without(text), without(readFileSync("Pulumi.staging.yaml", "utf8")));
    assert.match(said.at(-1) ?? "", /npm run up -- staging/);
  });
});
