import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { ConfigError, readConfig, readPostgresConfig } from "../../../images/sample/config";

const env = {
  PGHOST: "postgres",
  PGUSER: "app",
  PGPASSWORD: "hunter2",
  PGDATABASE: "book",
  REDIS_HOST: "redis",
  REDIS_PASSWORD: "hunter3",
};

describe("configuration of the sample service", () => {
  it("has defaults for all but where its dependencies are", () => {
    assert.deepEqual(readConfig(env), {
      port: 8080,
      postgres: {
        host: "postgres",
        port: 5432,
        user: "app",
        password: "hunter2",
        database: "book",
        ssl: false,
      },
      redis: { host: "redis", port: 6379, password: "hunter3", tls: false },
      version: "1.0.0",
      commit: "unknown",
      drainSeconds: 10,
      migrateOnStart: false,
      featureFlags: { newestLast: false },
      toggles: { announcements: "mock" },
    });
  });

  it("takes every value from the environment", () => {
    const all = { PGPORT: "1", REDIS_PORT: "2", PORT: "3", DRAIN_SECONDS: "0", MIGRATE_ON_START: "1" };
    const config = readConfig({ ...env, ...all, APP_VERSION: "1.4.0", APP_COMMIT: "abc" });
    assert.deepEqual(
      [config.postgres.port, config.redis.port, config.port, config.drainSeconds, config.migrateOnStart],
      [1, 2, 3, 0, true],
    );
    assert.deepEqual([config.version, config.commit], ["1.4.0", "abc"]);
  });

  it("asks for TLS, and trusts RDS's own authority beside the public ones", () => {
    const config = readConfig({ ...env, PGSSLMODE: "verify-full", REDIS_TLS: "1" });
    assert.equal(config.redis.tls, true);
    assert.ok(config.postgres.ssl !== false);
    const issuers = config.postgres.ssl.ca.map((certificate) => new X509Certificate(certificate).subject);
    assert.ok(issuers.some((subject) => subject.includes("Amazon RDS eu-central-1 Root CA RSA2048 G1")));
    assert.ok(issuers.some((subject) => subject.includes("Amazon Root CA 1")));
  });

  it("knows no half-hearted TLS", () => {
    assert.throws(
      () => readConfig({ ...env, PGSSLMODE: "prefer" }),
      new ConfigError('environment: PGSSLMODE is "prefer", not disable or verify-full'),
    );
  });

  it("takes flags and toggles, those it does not know too", () => {
    const config = readConfig({
      ...env,
      FEATURE_FLAGS: '{"newestLast":true,"dark":false}',
      TOGGLES: '{"announcements":"live","mail":"mock"}',
    });
    assert.deepEqual(config.featureFlags, { newestLast: true, dark: false });
    assert.deepEqual(config.toggles, { announcements: "live", mail: "mock" });
  });

  for (const [name, values, allowed] of [
    ["FEATURE_FLAGS", ["{", "null", "[]", "true", '{"newestLast":1}'], "true and false"],
    [
      "TOGGLES",
      ["live", '["live"]', '{"announcements":"on"}', '{"announcements":true}'],
      '"live" and "mock"',
    ],
  ] as const) {
    it(`takes nothing else for ${name}`, () => {
      for (const value of values) {
        assert.throws(
          () => readConfig({ ...env, [name]: value }),
          new ConfigError(
            `environment: ${name} is ${JSON.stringify(value)}, not a JSON object of ${allowed}`,
          ),
        );
      }
    });
  }

  it("names every fault at once, and no secret", () => {
    assert.throws(
      () => readConfig({ ...env, PGHOST: "", PORT: "80a", REDIS_PORT: "70000", MIGRATE_ON_START: "yes" }),
      new ConfigError(
        'environment: PORT is "80a", not a whole number from 1 to 65535; PGHOST is not set; ' +
          'REDIS_PORT is "70000", not a whole number from 1 to 65535; MIGRATE_ON_START is "yes", not a whole number from 0 to 1',
      ),
    );
  });

  it("asks the migrations for Postgres only", () => {
    assert.throws(
      () => readPostgresConfig({}),
      new ConfigError(
        "environment: PGHOST is not set; PGUSER is not set; PGPASSWORD is not set; PGDATABASE is not set",
      ),
    );
  });
});
