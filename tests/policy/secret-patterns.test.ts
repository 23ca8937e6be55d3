import assert from "node:assert/strict";
import fc from "fast-check";
import { findSecrets, isHarmlessValue, isSecretName } from "../../policy/secret-patterns";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

describe("secret patterns", () => {
  it("knows names of secrets from names of what is about them", () => {
    for (const name of [
      "PGPASSWORD",
      "db_pass",
      "API_KEY",
      "authToken",
      "secretKeyBase",
      "AWS_SECRET_ACCESS_KEY",
      "PWD_2",
    ]) {
      assert.ok(isSecretName(name), name);
    }
    for (const name of [
      "PASSWORD_FILE",
      "TOKEN_TTL",
      "bypass",
      "COMPASS",
      "KEY_COUNT",
      "SECRETS",
      "MONKEY",
      "PATH",
    ]) {
      assert.ok(!isSecretName(name), name);
    }
  });

  it("takes references, switches and nothing for harmless", () => {
    for (const value of [
      "",
      '""',
      "$X",
      '"${X}"',
      "$(cat /run/secret)",
      "%s\\n'",
      "{{ x }}",
      "true",
      "OFF",
    ]) {
      assert.ok(isHarmlessValue(value), value);
    }
    for (const value of ["2026-11-30", "2026-11-30T19:16:10Z", '"2026-11-30T19:16:10Z"}'])
      assert.ok(isHarmlessValue(value), value);
    for (const value of ["2026-11-30hunter2", "x", "truest", "'hunter2'", "x$Y"])
      assert.ok(!isHarmlessValue(value), value);
  });

  it("recognises the formats of tokens", () => {
    const samples: [string, string][] = [
      ["-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"],
      ["AKIAIOSFODNN7EXAMPLE", "an AWS access key"],
      [`github_pat_${"a".repeat(22)}`, "a GitHub token"],
      ["glpat-aaaaaaaaaaaaaaaaaaaa", "a GitLab token"],
      ["xoxb-1234567890", "a Slack token"],
      ["sk_live_aaaaaaaaaaaaaaaa", "a Stripe key"],
      [`AIza${"a".repeat(35)}`, "a Google API key"],
      [`npm_${"a".repeat(36)}`, "an npm token"],
      ["dckr_pat_aaaaaaaaaaaaaaaaaaaa", "a Docker Hub token"],
      [`pul-${"0".repeat(40)}`, "a Pulumi token"],
      ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sig", "a JSON Web Token"],
      ["Authorization: Bearer abcdefghijklmnop", "a bearer token"],
      ["amqp://:hunter2@mq", "a password in an address"],
    ];
    for (const [text, what] of samples) assert.deepEqual(findSecrets(`before ${text} after`), [what], text);
  });

  it("takes no harm in what looks like secrets but is none", () => {
    for (const text of [
      `image@sha256:${"0123456789abcdef".repeat(4)}`,
      "0123456789abcdef0123456789abcdef01234567",
      "123e4567-e89b-12d3-a456-426614174000",
      "postgres -c shared_buffers=128MB -c checkpoint_completion_target=0.9",
      "https://user:$PASSWORD@host/ http://127.0.0.1:8080/healthz",
      "SlipwayBackboneDockerPostgres17 maxMemoryPolicyAllKeysLru7015",
      "/usr/lib/postgresql/17/bin/pg_isready -q -h 127.0.0.1",
      `-----BEGIN CERTIFICATE-----\n${"MIIBszCCAVmgAwIBAgIUQ9xT1mB7wR5yL0pH\n".repeat(9)}-----END CERTIFICATE-----`,
    ]) {
      assert.deepEqual(findSecrets(text), [], text);
    }
  });

  it("finds nearly every random key of 24 letters and digits", () => {
    const key = fc.string({ unit: fc.constantFrom(...alphabet), minLength: 24, maxLength: 24 });
    const keys = fc.sample(fc.noBias(key), { seed: 1, numRuns: 1000 });
    const found = keys.filter((text) => findSecrets(text).length > 0);
    assert.ok(found.length > 950, `${found.length} of 1000`);
  });

  it("answers nothing of the text, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.constantFrom("=", ": ", " "),
        (value, sign) => {
          const found = findSecrets(`--password${sign}Q${value}Q`);
          for (const what of found)
            assert.match(what, /^a(n)? [\w -]+$|^a value for [\w.-]+$|^what looks like a random key$/);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("comes to an end on long texts that its patterns nearly fit", () => {
    for (const piece of ["a", "eyJ-", "password ", "a=", "https://a:", "-----BEGIN CERTIFICATE-----", "0f"]) {
      findSecrets(piece.repeat(100_000 / piece.length));
    }
  });
});
