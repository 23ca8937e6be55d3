/** What a made resource is called: physical names, ids and ARNs, in the forms that the real providers give them. Pure. */
import { createHash } from "node:crypto";
import { nameOf } from "../../deploy/urn";
import type { Urn } from "../../model";
import type { Properties, Value } from "../../values";
import { cloudFormationType, schemaOf } from "./cloudformation";
import type { Members } from "./typings";
import { asText } from "./text";

export interface Place {
  account: string;
  region: string;
}

/** Inputs that hold the physical name, where that is not `name` (pulumi-aws, provider/resources.go; each resource's page). */
const NAME_INPUTS: Readonly<Record<string, string>> = {
  "aws:ecs/taskDefinition:TaskDefinition": "family",
  "aws:elasticache/replicationGroup:ReplicationGroup": "replicationGroupId",
  "aws:elasticache/user:User": "userId",
  "aws:elasticache/userGroup:UserGroup": "userGroupId",
  "aws:rds/instance:Instance": "identifier",
  "aws:s3/bucket:Bucket": "bucket",
  "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
  "cloudflare:index/workersScript:WorkersScript": "scriptName",
};

/** Resources whose id is their ARN (their pages in the AWS provider: "Attribute Reference"). */
const ARN_IDS: ReadonlySet<string> = new Set([
  "aws:acm/certificate:Certificate",
  "aws:ecs/cluster:Cluster",
  "aws:ecs/service:Service",
  "aws:iam/policy:Policy",
  "aws:lb/listener:Listener",
  "aws:lb/listenerRule:ListenerRule",
  "aws:lb/loadBalancer:LoadBalancer",
  "aws:lb/targetGroup:TargetGroup",
  "aws:secretsmanager/secret:Secret",
  "aws:sns/topic:Topic",
  "aws:sns/topicSubscription:TopicSubscription",
]);

/** EC2's ids are a prefix and 17 hexadecimal digits. */
const PREFIXES: Readonly<Record<string, string>> = {
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "sg",
  "aws:ec2/eip:Eip": "eipalloc",
  "aws:ec2/flowLog:FlowLog": "fl",
  "aws:ec2/internetGateway:InternetGateway": "igw",
  "aws:ec2/natGateway:NatGateway": "nat",
  "aws:ec2/networkAcl:NetworkAcl": "acl",
  "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": "acl",
  "aws:ec2/route:Route": "r-rtb",
  "aws:ec2/routeTable:RouteTable": "rtb",
  "aws:ec2/defaultRouteTable:DefaultRouteTable": "rtb",
  "aws:ec2/routeTableAssociation:RouteTableAssociation": "rtbassoc",
  "aws:ec2/securityGroup:SecurityGroup": "sg",
  "aws:ec2/securityGroupRule:SecurityGroupRule": "sgrule",
  "aws:ec2/subnet:Subnet": "subnet",
  "aws:ec2/vpc:Vpc": "vpc",
  "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr",
};

/** Names are made from the resource's own where the program gives none: hyphen and seven hexadecimal digits, as the bridge does it. */
export const autoname = (urn: Urn): string => `${nameOf(urn)}-${digest(urn, 7)}`;

export const nameInput = (type: string): string => NAME_INPUTS[type] ?? "name";

/** Whether the engine may name a resource: every physical name of AWS but of what is named by something else (a rule, a record). */
export function isAutonamed(type: string, inputs: Members): boolean {
  const member = inputs[nameInput(type)];
  return (
    type.startsWith("aws:") &&
    member?.optional === true &&
    member.shape.kind === "string" &&
    !UNNAMED.has(type)
  );
}
const UNNAMED: ReadonlySet<string> = new Set(["aws:rds/instance:Instance"]);

/** Whether no two of these may have the same name in one account and region. */
export function hasUniqueName(type: string, inputs: Members): boolean {
  return (
    nameInput(type) in inputs &&
    type !== "aws:ecs/taskDefinition:TaskDefinition" &&
    !type.startsWith("cloudflare:index/dns")
  );
}

/** The same for the same seed, so that golden plans and reports can be compared. */
export const digest = (seed: string, digits: number): string =>
  createHash("sha256").update(seed).digest("hex").slice(0, digits);

/** @param seed tells this making of the resource from others of its kind. */
export function identityOf(
  type: string,
  inputs: Properties,
  place: Place,
  seed: string,
): { id: string; arn: string; name: string } {
  const hex = digest(seed, 32);
  const given = inputs[nameInput(type)];
  const name = typeof given === "string" ? given : hex.slice(0, 12);
  const prefix = PREFIXES[type];
  if (prefix !== undefined) {
    const id = `${prefix}-${type.endsWith("Route") ? hex.slice(0, 17) : `0${hex.slice(0, 16)}`}`;
    return { id, arn: arnOf(type, id, id, place), name };
  }
  if (type.startsWith("cloudflare:")) return { id: cloudflareId(type, name, hex), arn: "", name };
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  const arn = arnOf(type, name, hex, place, inputs, uuid);
  return { id: ARN_IDS.has(type) ? arn : (OWN_IDS[type]?.(hex, uuid, inputs) ?? name), arn, name };
}

/** Ids that are neither name nor ARN. */
const OWN_IDS: Readonly<Record<string, (hex: string, uuid: string, inputs: Properties) => string>> = {
  "aws:kms/key:Key": (_, uuid) => uuid,
  "aws:rds/instance:Instance": (hex) => `db-${hex.slice(0, 26).toUpperCase()}`,
  "aws:wafv2/webAcl:WebAcl": (_, uuid) => uuid,
  "aws:ecs/taskDefinition:TaskDefinition": (_hex, _uuid, inputs) => asText(inputs["family"]),
};

/** Workers are found by their name; all else has 32 hexadecimal digits, and a database a UUID. */
function cloudflareId(type: string, name: string, hex: string): string {
  if (type.endsWith(":WorkersScript")) return name;
  if (!/Database$|Deployment$|Version$/.test(type)) return hex;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** ARNs that the schema's template does not give as AWS does, or not at all (service authorization reference, "Resource types"). */
const ARNS: Readonly<
  Record<string, (name: string, hex: string, inputs: Properties, uuid: string) => string>
> = {
  "aws:acm/certificate:Certificate": (_name, _hex, _inputs, uuid) => `acm:R:A:certificate/${uuid}`,
  "aws:cloudwatch/metricAlarm:MetricAlarm": (name) => `cloudwatch:R:A:alarm:${name}`,
  "aws:cloudwatch/dashboard:Dashboard": (name) => `cloudwatch::A:dashboard/${name}`,
  "aws:cloudwatch/logGroup:LogGroup": (name) => `logs:R:A:log-group:${name}`,
  "aws:ecs/cluster:Cluster": (name) => `ecs:R:A:cluster/${name}`,
  "aws:ecs/service:Service": (name, _hex, { cluster }) =>
    `ecs:R:A:service/${asText(cluster ?? "default").replace(/^.*\//, "")}/${name}`,
  "aws:ecs/taskDefinition:TaskDefinition": (name, hex) =>
    `ecs:R:A:task-definition/${name}:${revisionOf(hex)}`,
  "aws:elasticache/replicationGroup:ReplicationGroup": (name) => `elasticache:R:A:replicationgroup:${name}`,
  "aws:iam/policy:Policy": (name, _hex, { path }) => `iam::A:policy${asText(path ?? "/")}${name}`,
  "aws:iam/role:Role": (name, _hex, { path }) => `iam::A:role${asText(path ?? "/")}${name}`,
  "aws:kms/alias:Alias": (name) => `kms:R:A:${name}`,
  "aws:kms/key:Key": (_name, _hex, _inputs, uuid) => `kms:R:A:key/${uuid}`,
  "aws:lambda/function:Function": (name) => `lambda:R:A:function:${name}`,
  "aws:lb/listener:Listener": (_name, hex, { loadBalancerArn }) =>
    `elasticloadbalancing:R:A:listener/${balancer(loadBalancerArn)}/${hex.slice(0, 16)}`,
  "aws:lb/listenerRule:ListenerRule": (_name, hex, { listenerArn }) =>
    `elasticloadbalancing:R:A:listener-rule/${asText(listenerArn).replace(/^.*?:listener\//, "")}/${hex.slice(0, 16)}`,
  "aws:lb/loadBalancer:LoadBalancer": (name, hex, { loadBalancerType }) =>
    `elasticloadbalancing:R:A:loadbalancer/${loadBalancerType === "network" ? "net" : "app"}/${name}/${hex.slice(0, 16)}`,
  "aws:lb/targetGroup:TargetGroup": (name, hex) =>
    `elasticloadbalancing:R:A:targetgroup/${name}/${hex.slice(0, 16)}`,
  "aws:rds/instance:Instance": (name) => `rds:R:A:db:${name}`,
  "aws:rds/parameterGroup:ParameterGroup": (name) => `rds:R:A:pg:${name}`,
  "aws:rds/subnetGroup:SubnetGroup": (name) => `rds:R:A:subgrp:${name}`,
  "aws:s3/bucket:Bucket": (name) => `s3:::${name}`,
  "aws:secretsmanager/secret:Secret": (name, hex) => `secretsmanager:R:A:secret:${name}-${hex.slice(0, 6)}`,
  "aws:sns/topic:Topic": (name) => `sns:R:A:${name}`,
  "aws:sns/topicSubscription:TopicSubscription": (_name, _hex, { topic }, uuid) =>
    `${asText(topic).replace(/^arn:aws:/, "")}:${uuid}`,
  "aws:wafv2/webAcl:WebAcl": (name, _hex, { scope }, uuid) =>
    `wafv2:R:A:${scope === "CLOUDFRONT" ? "global" : "regional"}/webacl/${name}/${uuid}`,
};

/** Revisions of a family count up; here it is enough that no two are the same. */
const revisionOf = (hex: string): number => parseInt(hex.slice(0, 6), 16);

const balancer = (arn: Value | undefined): string => asText(arn).replace(/^.*?:loadbalancer\//, "");

function arnOf(
  type: string,
  name: string,
  hex: string,
  { account, region }: Place,
  inputs: Properties = {},
  uuid = hex,
): string {
  const own = ARNS[type]?.(name, hex, inputs, uuid).replace(":R:A:", `:${region}:${account}:`);
  if (own !== undefined) return `arn:aws:${own.replace("::A:", `::${account}:`)}`;
  const template = schemaOf(type)?.arn;
  if (template !== undefined) {
    const values: Record<string, string> = { Partition: "aws", Region: region, Account: account };
    return template.replace(/\$\{(\w+)\}/g, (_, key: string) => values[key] ?? name);
  }
  const service = (cloudFormationType(type) ?? type.split(/[:/]/)[1] ?? "").split("::")[0]?.toLowerCase();
  const kind = (type.split(":")[2] ?? "").toLowerCase();
  return `arn:aws:${service ?? ""}:${region}:${account}:${kind}/${name}`;
}
