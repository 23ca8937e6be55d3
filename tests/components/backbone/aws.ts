/** The backbone on AWS as two environments might have it, for the tests of its parts. */
import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { AwsBackbone, type AwsBackboneArgs } from "../../../components/backbone/aws-backbone";
import { declaredBy, type Declared } from "../../support/mocks";

export const small: AwsBackboneArgs = {
  prefix: "slipway-staging",
  accountId: "123456789012",
  region: "eu-central-1",
  zones: ["eu-central-1a", "eu-central-1b"],
  cidr: "10.20.0.0/16",
  reservedCidrs: ["10.30.0.0/16"],
  natGateways: "one",
  domain: "staging.example.com",
  certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/origin",
  servicePort: 8080,
  protect: false,
  logRetentionDays: 30,
  postgres: {
    instanceClass: "db.t4g.small",
    storageGb: 20,
    maxStorageGb: 100,
    multiAz: false,
    backupDays: 7,
    majorVersion: "17",
    database: "slipway",
    user: "slipway",
    passwordRotationDays: 30,
  },
  redis: { nodeType: "cache.t4g.small", replicas: 0, snapshotDays: 1, engineVersion: "8.0" },
  redisPasswordRotation: "",
};

export const large: AwsBackboneArgs = {
  ...small,
  prefix: "slipway-production",
  zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
  cidr: "10.30.0.0/16",
  reservedCidrs: ["10.20.0.0/16"],
  natGateways: "per-zone",
  domain: "www.example.com",
  protect: true,
  logRetentionDays: 365,
  postgres: { ...small.postgres, instanceClass: "db.m7g.large", multiAz: true, backupDays: 30 },
  redis: { nodeType: "cache.m7g.large", replicas: 2, snapshotDays: 7, engineVersion: "8.0" },
};

/** What AWS would answer, where the backbone passes it on. */
const outputs = {
  "aws:ec2/eip:Eip": { publicIp: "192.0.2.1", allocationId: "eipalloc-1" },
  "aws:ec2/vpcEndpoint:VpcEndpoint": { prefixListId: "pl-s3" },
  "aws:lb/loadBalancer:LoadBalancer": { dnsName: "gateway.example.com", arnSuffix: "app/gateway/1" },
  "aws:kms/key:Key": { keyId: "0123abcd-key" },
  "aws:rds/instance:Instance": {
    address: "postgres.example.com",
    masterUserSecrets: [{ secretArn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds" }],
  },
  "aws:elasticache/replicationGroup:ReplicationGroup": { primaryEndpointAddress: "redis.example.com" },
};

export interface DeclaredBackbone {
  readonly backbone: AwsBackbone;
  readonly declared: Declared[];
  /** The inputs of every resource of the type, such as `ec2/subnet:Subnet`, by name without `backbone-`. */
  readonly all: (type: string) => Record<string, Record<string, unknown>>;
  /** The inputs of one resource by its type and name without `backbone-`. */
  readonly one: (type: string, name: string) => Record<string, unknown>;
}

const declaredBefore = new Map<AwsBackboneArgs, Promise<DeclaredBackbone>>();

/** Declares a backbone, once for the same arguments. */
export function declareBackbone(args: AwsBackboneArgs): Promise<DeclaredBackbone> {
  const made = declaredBefore.get(args) ?? declare(args);
  declaredBefore.set(args, made);
  return made;
}

async function declare(args: AwsBackboneArgs): Promise<DeclaredBackbone> {
  let backbone: AwsBackbone | undefined;
  const declared = await declaredBy(
    () => {
      backbone = new AwsBackbone("backbone", args);
    },
    "staging",
    outputs,
  );
  assert.ok(backbone !== undefined);
  const all = (type: string) =>
    Object.fromEntries(
      declared
        .filter((resource) => resource.type === `aws:${type}`)
        .map(({ name, inputs }) => [name.replace(/^backbone-/, ""), inputs]),
    );
  const one = (type: string, name: string) => {
    const inputs = all(type)[name];
    assert.ok(inputs !== undefined, `there is no ${type} ${name}, but ${Object.keys(all(type)).join(", ")}`);
    return inputs;
  };
  return { backbone, declared, all, one };
}

export const valueOf = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply(resolve));
