/** A simulated provider in this process, and its resources in few words. */
import { Cloud } from "../../../../engine/providers/simulated/cloud";
import { SimulatedProvider } from "../../../../engine/providers/simulated/provider";
import { UNKNOWN, type Properties } from "../../../../engine/values";

export const T = {
  alarm: "aws:cloudwatch/metricAlarm:MetricAlarm",
  bucket: "aws:s3/bucket:Bucket",
  cache: "aws:elasticache/replicationGroup:ReplicationGroup",
  cluster: "aws:ecs/cluster:Cluster",
  database: "aws:rds/instance:Instance",
  deployment: "cloudflare:index/workersDeployment:WorkersDeployment",
  function: "aws:lambda/function:Function",
  group: "aws:ec2/securityGroup:SecurityGroup",
  key: "aws:kms/key:Key",
  listener: "aws:lb/listener:Listener",
  loadBalancer: "aws:lb/loadBalancer:LoadBalancer",
  logGroup: "aws:cloudwatch/logGroup:LogGroup",
  record: "cloudflare:index/dnsRecord:DnsRecord",
  role: "aws:iam/role:Role",
  service: "aws:ecs/service:Service",
  subnet: "aws:ec2/subnet:Subnet",
  subnetGroup: "aws:rds/subnetGroup:SubnetGroup",
  targetGroup: "aws:lb/targetGroup:TargetGroup",
  task: "aws:ecs/taskDefinition:TaskDefinition",
  vpc: "aws:ec2/vpc:Vpc",
} as const;

export const urnOf = (type: string, name: string): string => `urn:pulumi:dev::shop::${type}::${name}`;

export interface Simulation {
  cloud: Cloud;
  /** What a check refuses, without the source in brackets. */
  refusals: (
    type: string,
    inputs: Properties,
    dependencies?: Record<string, string[]>,
    name?: string,
  ) => Promise<string[]>;
  /** Checks and makes a resource. @returns id, inputs and outputs. */
  make(
    type: string,
    inputs: Properties,
    name?: string,
  ): Promise<{ id: string; inputs: Properties; outputs: Properties }>;
  provider: (type: string) => SimulatedProvider;
}

/** In eu-central-1 of account 111122223333. */
export async function simulate(): Promise<Simulation> {
  const cloud = new Cloud();
  const aws = new SimulatedProvider("aws", cloud, process.cwd());
  const cloudflare = new SimulatedProvider("cloudflare", cloud, process.cwd());
  const subject = (type: string, name: string) => ({ urn: urnOf(type, name), type, name, id: "" });
  await aws.configure(subject("pulumi:providers:aws", "aws"), {
    region: "eu-central-1",
    allowedAccountIds: '["111122223333"]',
    defaultTags: '{"tags":{"stack":"dev"}}',
  });
  const provider = (type: string) => (type.startsWith("aws:") ? aws : cloudflare);
  return {
    cloud,
    provider,
    async refusals(type, inputs, propertyDependencies = {}, name = "it") {
      const about = { ...subject(type, name), propertyDependencies };
      const { failures } = await provider(type).check(about, {}, inputs);
      return failures.map(({ reason }) => reason.replace(/ \[[^[\]]+\]$/, ""));
    },
    async make(type, given, name = "it") {
      const { inputs, failures } = await provider(type).check(subject(type, name), {}, given);
      if (failures[0]) throw new Error(failures[0].reason);
      const { id, properties } = await provider(type).create(subject(type, name), inputs, 0, false);
      return { id, inputs, outputs: properties };
    },
  };
}

/** Inputs that every check takes, of which the tests change a part. */
export const good: Readonly<Record<string, Properties>> = {
  [T.database]: {
    identifier: "orders",
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.t4g.micro",
    allocatedStorage: 20,
    username: "shop",
    manageMasterUserPassword: true,
    skipFinalSnapshot: true,
  },
  [T.cache]: { replicationGroupId: "sessions", description: "Sessions", nodeType: "cache.t4g.micro" },
  [T.task]: {
    family: "web",
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: "256",
    memory: "512",
    containerDefinitions: '[{"name":"web","image":"web:1"}]',
  },
  [T.service]: {
    name: "web",
    cluster: UNKNOWN,
    launchType: "FARGATE",
    taskDefinition: UNKNOWN,
    networkConfiguration: { subnets: [UNKNOWN] },
  },
  [T.targetGroup]: { name: "web", port: 80, protocol: "HTTP", targetType: "ip", vpcId: UNKNOWN },
  [T.listener]: {
    loadBalancerArn: UNKNOWN,
    port: 443,
    protocol: "HTTPS",
    certificateArn: UNKNOWN,
    defaultActions: [{ type: "forward", targetGroupArn: UNKNOWN }],
  },
  [T.function]: {
    name: "hook",
    role: UNKNOWN,
    handler: "index.handler",
    runtime: "nodejs22.x",
    s3Bucket: "code",
    s3Key: "1",
  },
  [T.alarm]: {
    name: "errors",
    comparisonOperator: "GreaterThanThreshold",
    evaluationPeriods: 3,
    metricName: "HTTPCode_Target_5XX_Count",
    namespace: "AWS/ApplicationELB",
    period: 60,
    statistic: "Sum",
    threshold: 5,
  },
  [T.record]: {
    zoneId: "0".repeat(32),
    name: "www",
    type: "CNAME",
    content: "example.net",
    ttl: 1,
    proxied: true,
  },
  [T.deployment]: {
    accountId: "0".repeat(32),
    scriptName: "edge",
    strategy: "percentage",
    versions: [{ percentage: 100, versionId: UNKNOWN }],
  },
  [T.role]: {
    name: "task",
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
    }),
  },
  [T.vpc]: { cidrBlock: "10.20.0.0/16" },
  [T.subnet]: { vpcId: UNKNOWN, cidrBlock: "10.20.0.0/24", availabilityZone: "eu-central-1a" },
};
