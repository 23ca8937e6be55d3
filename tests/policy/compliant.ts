/** One compliant resource of each type; tests break one property at a time. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { keyId, payloadType, preAuthEncoding, type Envelope } from "../../policy/attestation/envelope";
import type { EvidenceKind, Statement } from "../../policy/attestation/statement";
import type { TestResource } from "./support";

type Changes = Record<string, unknown>;

export const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

export function container(changes: Changes = {}): TestResource {
  return {
    type: "docker:index/container:Container",
    name: "backbone-redis",
    props: {
      name: "slipway-redis",
      image: `sha256:${digest("redis")}`,
      user: "redis",
      entrypoints: ["sh", "-c"],
      command: [
        `printf 'requirepass %s\\n' "$REDIS_PASSWORD" | exec redis-server - --dir /data --appendonly yes`,
      ],
      envs: ["PORT=8080", "PGDATA=/var/lib/postgresql/data/pgdata", "APP_VERSION=1.0.0-3f2a91c"],
      ports: [{ internal: 8080, external: 8080, ip: "127.0.0.1", protocol: "tcp" }],
      healthcheck: {
        tests: ["CMD", "sh", "-c", 'test "$(REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli ping)" = PONG'],
        interval: "1s",
      },
      memory: 128,
      memorySwap: 128,
      ulimits: [{ name: "nproc", soft: 128, hard: 128 }],
      restart: "unless-stopped",
      mustRun: true,
      privileged: false,
      publishAllPorts: false,
      networkMode: "bridge",
      readOnly: true,
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
      volumes: [{ volumeName: "slipway-redis", containerPath: "/data" }],
      labels: [{ label: "slipway.component", value: "redis" }],
      ...changes,
    },
  };
}

export function remoteImage(changes: Changes = {}): TestResource {
  return {
    type: "docker:index/remoteImage:RemoteImage",
    name: "redis",
    props: { name: `redis:7@sha256:${digest("redis")}`, ...changes },
  };
}

export const commit = "0123456789abcdef0123456789abcdef01234567";

export function release(changes: Changes = {}): TestResource {
  return {
    type: "slipway:index:Release",
    name: "sample-release",
    props: {
      service: "sample",
      version: "1.4.0",
      commit,
      environment: "local",
      author: "author@slipway.example",
      images: { sample: `sha256:${digest("sample")}` },
      evidence: [],
      ...changes,
    },
  };
}

export function smokeTest(changes: Changes = {}): TestResource {
  return {
    type: "slipway:index:SmokeTest",
    name: "sample-1.4.0-smoke",
    props: { service: "sample", version: "1.4.0", checks: [{ path: "/", status: 200 }], ...changes },
  };
}

export function rollout(changes: Changes = {}): TestResource {
  return {
    type: "slipway:index:Rollout",
    name: "sample",
    props: { service: "sample", version: "1.4.0", smokeTest: "sample-1.4.0", ...changes },
  };
}

export interface TestKey {
  readonly id: string;
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function makeKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  return { id: keyId(publicKey), pem, privateKey, publicKey };
}

export function statement(kind: EvidenceKind, finishedOn: Date, changes: Changes = {}): Statement {
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "commit", digest: { gitCommit: commit } }],
    predicateType: "https://in-toto.io/attestation/test-result/v0.1",
    predicate: {
      result: "PASSED",
      configuration: [],
      kind,
      counts: { passed: 12, failed: 0, skipped: 1 },
      startedOn: finishedOn.toISOString(),
      finishedOn: finishedOn.toISOString(),
      producer: { id: "tests", tool: "mocha" },
      report: { name: "unit.json", digest: { sha256: digest("report") } },
      ...changes,
    },
  };
}

/** An envelope around any payload, as JSON text. */
export function seal(
  payload: unknown,
  key: TestKey,
  changes: Partial<Envelope> = {},
  type: string = payloadType,
): string {
  const bytes = Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
  const sig = sign(null, preAuthEncoding(type, bytes), key.privateKey).toString("base64");
  return JSON.stringify({
    payload: bytes.toString("base64"),
    payloadType: type,
    signatures: [{ keyid: key.id, sig }],
    ...changes,
  });
}
