import assert from "node:assert/strict";
import { Secret } from "@pulumi/policy";
import { secretsPreservingProxy } from "@pulumi/policy/secret";
import { disallowPlaintextSecrets as rule } from "../../../../policy/rules/containers/disallow-plaintext-secrets";
import { container, release } from "../../compliant";
import { argumentsFor, judge, notApplicable, unknown, type Circumstances } from "../../support";

const subject = 'Container "backbone-redis"';
const mend = (names = "PGPASSWORD, POSTGRES_PASSWORD, REDIS_PASSWORD") =>
  `Allowed: the secrets of the matrix, in ${names}. Take it out of the source, change it, and pass it by the matrix (stacks/secrets.ts).`;
const canary = "hunter2-canary";
const declared: Circumstances = { additionalSecretOutputs: ["envs"] };

/** What the SDK does at the level "remediate": the remediation sees the marks, then the validation plain values. */
async function remediateThenJudge(envs: unknown, plain: unknown) {
  assert.ok("remediateResource" in rule && rule.remediateResource !== undefined);
  const props = secretsPreservingProxy({ envs }) as Record<string, unknown>;
  assert.equal(rule.remediateResource(argumentsFor({ ...container(), props })), undefined);
  return judge(rule, container({ envs: plain }), declared);
}

describe("containers-disallow-plaintext-secrets", () => {
  it("lets references and the matrix's secret variables pass, and is silent about other types", async () => {
    assert.deepEqual(await judge(rule, container()), []);
    assert.deepEqual(await judge(rule, container({ envs: [`PGPASSWORD=${canary}`] }), declared), []);
    assert.equal(await judge(rule, release()), notApplicable);
  });

  it("refuses a variable of the matrix whose value the state would show", async () => {
    assert.deepEqual(await judge(rule, container({ envs: [`PGPASSWORD=${canary}`, "REDIS_PASSWORD="] })), [
      `${subject} is given PGPASSWORD, but its envs are not secret, so the state shows it. Allowed: additionalSecretOutputs: ["envs"]. Add it to the container's options.`,
    ]);
  });

  it("sees at the level remediate that a value is plain text though the outputs are declared secret", async () => {
    const plain = [`PGPASSWORD=${canary}`, `REDIS_PASSWORD=${canary}`];
    const refused = `${subject} is given PGPASSWORD as plain text, not as a secret. Allowed: a secret output, such as the matrix's own. Pass that on.`;
    assert.deepEqual(await remediateThenJudge([plain[0], new Secret(plain[1])], plain), [refused]);
    assert.deepEqual(
      await remediateThenJudge(
        plain.map((text) => new Secret(text)),
        plain,
      ),
      [],
    );
    assert.deepEqual(await remediateThenJudge(new Secret(plain), plain), []);
    assert.deepEqual(await judge(rule, container({ envs: plain }), declared), [], "what it noted holds once");
  });

  it("refuses secrets from outside the matrix, by name, format and randomness", async () => {
    const envs = [
      `STRIPE_API_KEY=${canary}`,
      `DB_URL=postgres://app:${canary}@db/app`,
      `UPSTREAM=ghp_${"a1B2".repeat(9)}`,
      "SALT=Zk3vQ9xT1mB7wR5yL0pH",
      `${canary}`,
      "ghp_a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2a1B2",
      "PASSWORD_FILE=/run/secrets/db",
      "USE_TOKEN=true",
      "COMMIT=0123456789abcdef0123456789abcdef01234567",
    ];
    assert.deepEqual(await judge(rule, container({ envs }), declared), [
      `${subject} is given a value for STRIPE_API_KEY in envs, from outside the secrets matrix. ${mend()}`,
      `${subject} has a password in an address in DB_URL of its envs. ${mend()}`,
      `${subject} has a GitHub token in UPSTREAM of its envs. ${mend()}`,
      `${subject} has what looks like a random key in SALT of its envs. ${mend()}`,
      `${subject} has a GitHub token in envs[5] of its envs. ${mend()}`,
    ]);
  });

  it("refuses secrets in command, entrypoint, health check, labels and files", async () => {
    const changes = {
      command: ["redis-server", "--requirepass", canary],
      entrypoints: ["env", `TOKEN=${canary}`, "app"],
      healthcheck: { tests: ["CMD-SHELL", `REDISCLI_AUTH=${canary} redis-cli ping`] },
      labels: [{ label: "api-key", value: canary }],
      uploads: [
        { file: "/app.json", content: `{"password": "${canary}"}` },
        { file: "/key", contentBase64: Buffer.from("-----BEGIN RSA PRIVATE KEY-----").toString("base64") },
      ],
    };
    assert.deepEqual(await judge(rule, container(changes), declared), [
      `${subject} has a value for --requirepass in its command. ${mend()}`,
      `${subject} has a value for TOKEN in its entrypoints. ${mend()}`,
      `${subject} has a value for REDISCLI_AUTH in its health check. ${mend()}`,
      `${subject} has a value for api-key in its labels[0]. ${mend()}`,
      `${subject} has a value for password in its uploads[0]. ${mend()}`,
      `${subject} has a private key in its uploads[1]. ${mend()}`,
    ]);
  });

  it("takes the matrix's variables from its configuration", async () => {
    const config = { matrixNames: ["STRIPE_API_KEY"] };
    const envs = [`STRIPE_API_KEY=${canary}`, `PGPASSWORD=${canary}`];
    assert.deepEqual(await judge(rule, container({ envs }), { ...declared, config }), [
      `${subject} is given a value for PGPASSWORD in envs, from outside the secrets matrix. ${mend("STRIPE_API_KEY")}`,
    ]);
  });

  it("waits with what only the update will know, and still judges the rest", async () => {
    const envs = [unknown, `MY_SECRET=${canary}`];
    assert.deepEqual(await judge(rule, container({ envs, command: ["--password", unknown] })), [
      `${subject} is given a value for MY_SECRET in envs, from outside the secrets matrix. ${mend()}`,
    ]);
    assert.deepEqual(
      await judge(rule, container({ envs: unknown, labels: unknown, uploads: [unknown] })),
      [],
    );
  });

  it("never shows any part of a secret", async () => {
    const words = [
      canary,
      `PASSWORD=${canary}`,
      `--token=${canary}`,
      `x:secret=${canary}`,
      `${canary}=PASSWORD`,
    ];
    const everywhere = container({
      envs: words,
      command: words,
      entrypoints: words,
      healthcheck: { tests: words },
      labels: words.map((word) => ({ label: word, value: word })),
      uploads: words.map((content) => ({ content })),
    });
    const messages = await judge(rule, everywhere);
    assert.ok(messages.length > 10);
    assert.doesNotMatch(JSON.stringify(messages), /hunter2|canary/);
  });
});
