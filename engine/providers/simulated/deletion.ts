/** What AWS refuses to delete. */
import { isObject, type Value } from "../../values";
import { answersTo, type Cloud, type Thing } from "./cloud";

/** @returns why, in the words of the service; undefined where it may go. */
export function deletionFault(cloud: Cloud, thing: Thing): string | undefined {
  const { type, inputs } = thing;
  const guard = ["deletionProtection", "enableDeletionProtection", "deletionProtectionEnabled"].find(
    (key) => inputs[key] === true,
  );
  if (guard !== undefined) return `it is protected from deletion (${guard}); an update must lift that first`;
  if (
    type === "aws:rds/instance:Instance" &&
    inputs["skipFinalSnapshot"] !== true &&
    !inputs["finalSnapshotIdentifier"]
  ) {
    return "a final snapshot is asked for and has no finalSnapshotIdentifier";
  }
  const holders = HELD_BY[type];
  if (!holders) return undefined;
  const user = cloud
    .existing()
    .find((other) => other !== thing && holders.includes(other.type) && mentions(other.inputs, thing));
  return user && `${user.urn} still uses it`;
}

/** By type, what must be gone first: DependencyViolation, ResourceInUse, DeleteConflict, ClusterContainsServices and their like. */
const HELD_BY: Readonly<Record<string, readonly string[]>> = {
  "aws:ec2/vpc:Vpc": [
    "aws:ec2/subnet:Subnet",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ec2/routeTable:RouteTable",
  ],
  "aws:ec2/subnet:Subnet": [
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:rds/subnetGroup:SubnetGroup",
    "aws:elasticache/subnetGroup:SubnetGroup",
    "aws:ecs/service:Service",
  ],
  "aws:ec2/securityGroup:SecurityGroup": [
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:rds/instance:Instance",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:ecs/service:Service",
    "aws:lambda/function:Function",
  ],
  "aws:ec2/eip:Eip": ["aws:ec2/natGateway:NatGateway"],
  "aws:lb/targetGroup:TargetGroup": ["aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule"],
  "aws:acm/certificate:Certificate": ["aws:lb/listener:Listener"],
  "aws:ecs/cluster:Cluster": ["aws:ecs/service:Service"],
  "aws:rds/subnetGroup:SubnetGroup": ["aws:rds/instance:Instance"],
  "aws:rds/parameterGroup:ParameterGroup": ["aws:rds/instance:Instance"],
  "aws:elasticache/subnetGroup:SubnetGroup": ["aws:elasticache/replicationGroup:ReplicationGroup"],
  "aws:elasticache/parameterGroup:ParameterGroup": ["aws:elasticache/replicationGroup:ReplicationGroup"],
  "aws:iam/role:Role": ["aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"],
  "aws:iam/policy:Policy": ["aws:iam/rolePolicyAttachment:RolePolicyAttachment"],
};

/** Whether the value is or holds the thing's id, ARN or name. */
function mentions(value: Value, thing: Thing): boolean {
  if (typeof value === "string") return answersTo(thing, value);
  if (Array.isArray(value)) return value.some((each) => mentions(each, thing));
  return isObject(value) && Object.values(value).some((each) => mentions(each, thing));
}
