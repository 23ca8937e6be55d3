import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Secret } from "@pulumi/policy";
import { secretsPreservingProxy } from "@pulumi/policy/secret";
import { aws } from "../../../../policy/aws";
import { cloudflare } from "../../../../policy/cloudflare";
import { disallowPlaintextSecretsAnywhere as rule } from "../../../../policy/rules/configuration/disallow-plaintext-secrets";
import { container } from "../../compliant";
import { compliantTypes, ecsContainer, infrastructure } from "../../infrastructure";
import { argumentsFor, judge, unknown, type TestResource } from "../../support";

const canary = "hunter2-canary";
const token = `ghp_${"a1B2".repeat(9)}`;
const mend =
  "in the clear. Allowed: a secret output, or a reference to the vault. Take it out of the source, change it, and pass it by the matrix (stacks/secrets.ts).";
const shown =
  "which the cloud shows to whoever may look. Allowed: a reference to the vault. Pass its ARN or binding, not its value.";
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** What the SDK does at the level "remediate": the remediation sees the marks, then the validation plain values. */
async function remediateThenJudge(resource: TestResource, marked: Record<string, unknown>) {
  assert.ok("remediateResource" in rule && rule.remediateResource !== undefined);
  const props = secretsPreservingProxy(marked) as Record<string, unknown>;
  assert.equal(rule.remediateResource(argumentsFor({ ...resource, props })), undefined);
  return judge(rule, resource);
}

describe("configuration-disallow-plaintext-secrets", () => {
  it("has nothing against any compliant resource", async () => {
    for (const type of compliantTypes) {
      const { props } = infrastructure(type);
      const marked = "authToken" in props ? { ...props, authToken: new Secret(props["authToken"]) } : props;
      assert.deepEqual(await remediateThenJudge(infrastructure(type), marked), [], type);
    }
  });

  it("leaves Docker's containers to the rule of their own", async () => {
    assert.deepEqual(await judge(rule, container({ envs: [`API_KEY=${canary}`] })), []);
  });

  it("refuses a secret that is not marked, by the property's name, by format and by randomness", async () => {
    const changes = { authToken: canary, description: token, notes: "Zk3vQ9xT1mB7wR5yL0pH" };
    const redis = infrastructure(aws.redis, changes);
    assert.deepEqual(await remediateThenJudge(redis, redis.props), [
      `ReplicationGroup "redis" has a value for authToken in authToken, ${mend}`,
      `ReplicationGroup "redis" has a GitHub token in description, ${mend}`,
      `ReplicationGroup "redis" has what looks like a random key in notes, ${mend}`,
    ]);
  });

  it("lets it pass once it is marked", async () => {
    const provider = { type: "pulumi:providers:cloudflare", name: "cloudflare", props: { apiToken: token } };
    assert.deepEqual(await remediateThenJudge(provider, { apiToken: new Secret(token) }), []);
    assert.deepEqual(await judge(rule, provider), [
      `cloudflare "cloudflare" has a GitHub token in apiToken, ${mend}`,
    ]);
    assert.deepEqual(await judge(rule, provider, { additionalSecretOutputs: ["apiToken"] }), []);
  });

  it("refuses a secret, marked or not, where the cloud shows it", async () => {
    const variables = { API_KEY: canary, SERVICE: "sample" };
    const hook = infrastructure(aws.function, { environment: { variables } });
    assert.deepEqual(await judge(rule, hook), [
      `Function "hook" has a value for API_KEY in environment.variables.API_KEY, ${mend}`,
    ]);
    const marked = { environment: { variables: { ...variables, API_KEY: new Secret(canary) } } };
    assert.deepEqual(await remediateThenJudge(hook, marked), [
      `Function "hook" is given a secret in environment.variables.API_KEY, ${shown}`,
    ]);
  });

  it("reads the environment and the command of ECS, and the bindings of Workers, by name", async () => {
    const environment = [{ name: "PGPASSWORD", value: canary }];
    const definitions = [ecsContainer({ environment, command: ["serve", `--token=${canary}`] })];
    const task = infrastructure(aws.taskDefinition, { containerDefinitions: JSON.stringify(definitions) });
    assert.deepEqual(await judge(rule, task), [
      `TaskDefinition "sample-task" has a value for PGPASSWORD in PGPASSWORD of the environment of container "sample", ${mend}`,
      `TaskDefinition "sample-task" has a value for token in containerDefinitions.0.command.1, ${mend}`,
    ]);
    const bindings = [
      { type: "plain_text", name: "SIGNING_KEY", text: canary },
      { type: "plain_text", name: "MODE", text: token },
    ];
    assert.deepEqual(await judge(rule, infrastructure(cloudflare.workerVersion, { bindings })), [
      `WorkerVersion "edge-version" has a value for SIGNING_KEY in SIGNING_KEY of its plain_text bindings, ${mend}`,
      `WorkerVersion "edge-version" has a GitHub token in MODE of its plain_text bindings, ${mend}`,
    ]);
  });

  it("looks into user data and code that are in base64", async () => {
    const key = base64("-----BEGIN RSA PRIVATE KEY-----\nx");
    assert.deepEqual(await judge(rule, infrastructure(aws.instance, { userDataBase64: key })), [
      `Instance "bastion" has a private key in userDataBase64, ${mend}`,
    ]);
    const code = base64("const password = readPassword(); const token = next();");
    const modules = [
      { name: "worker.js", contentBase64: code },
      { name: "key.js", contentBase64: key },
    ];
    assert.deepEqual(await judge(rule, infrastructure(cloudflare.workerVersion, { modules })), [
      `WorkerVersion "edge-version" has a private key in modules.1.contentBase64, ${mend}`,
    ]);
  });

  it("takes no ids, digests, addresses of the vault or what is not known for secrets", async () => {
    const props = {
      zoneId: "0123456789abcdef0123456789abcdef",
      sourceCodeHash: "Zk3vQ9xT1mB7wR5yL0pHZk3vQ9xT1mB7wR5yL0pHabc=",
      password: unknown,
      secret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db",
      nested: [{ token: unknown }],
    };
    assert.deepEqual(await judge(rule, { type: "aws:x/y:Y", name: "y", props }), []);
  });

  it("takes the random name that proves a domain's owner for none, but a token in a record for one", async () => {
    const record = infrastructure(cloudflare.dnsRecord);
    const withProps = (props: object) => judge(rule, { ...record, props: { ...record.props, ...props } });
    const random = `_${createHash("sha256").update("owner").digest("hex").slice(0, 32)}`;
    assert.deepEqual(
      await withProps({ name: `${random}.www.example.com`, content: `${random}.acm-validations.aws` }),
      [],
    );
    assert.deepEqual(await withProps({ content: token }), [
      `DnsRecord "${record.name}" has a GitHub token in content, ${mend}`,
    ]);
  });

  it("never shows any part of a secret", async () => {
    for (const type of compliantTypes) {
      const { props, ...resource } = infrastructure(type);
      const keys = [...Object.keys(props), "password"];
      const everywhere = Object.fromEntries(keys.map((key) => [key, `password=${canary}`]));
      assert.doesNotMatch(
        JSON.stringify(await judge(rule, { ...resource, props: everywhere })),
        /hunter2/,
        type,
      );
    }
  });
});
