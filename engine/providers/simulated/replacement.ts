/** Which changes cannot be made in place. */
import { schemaOf } from "./cloudformation";
import { schemaProperty } from "./shape-check";
import { nameInput } from "./identity";

/** What the AWS and Cloudflare providers replace (ForceNew) or change in place otherwise than CloudFormation; their resource pages. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
  "aws:ec2/vpc:Vpc": ["cidrBlock"],
  "aws:ec2/subnet:Subnet": ["cidrBlock", "availabilityZone", "vpcId"],
  "aws:ec2/securityGroup:SecurityGroup": ["name", "description", "vpcId"],
  "aws:secretsmanager/secretVersion:SecretVersion": ["secretId", "secretString"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["role", "policyArn"],
  "aws:lb/targetGroup:TargetGroup": ["name", "port", "protocol", "targetType", "vpcId"],
  "aws:sns/topicSubscription:TopicSubscription": ["topic", "protocol", "endpoint"],
};
const IN_PLACE: Readonly<Record<string, readonly string[]>> = {
  "aws:rds/instance:Instance": ["port", "identifier"],
  "aws:ecs/taskDefinition:TaskDefinition": ["tags"],
};
const CLOUDFLARE = ["accountId", "zoneId", "scriptName", "databaseId", "settingId"];

/** @param property of the program's inputs. */
export function replacedBy(type: string, property: string): boolean {
  if (property === "tagsAll" || IN_PLACE[type]?.includes(property) === true) return false;
  if (ALWAYS[type]?.includes(property) === true || property === "region") return true;
  if (type.startsWith("cloudflare:")) {
    return CLOUDFLARE.includes(property) || (property === "name" && type.endsWith("Database"));
  }
  if (property === nameInput(type) && property !== "name") return true;
  return schemaProperty(schemaOf(type)?.properties, property)?.replace === true;
}
