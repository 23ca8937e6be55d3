/** The functions of the AWS SDK that read what is there. */
import type { Properties, Value } from "../../values";
import type { Cloud } from "./cloud";
import { digest, type Place } from "./identity";
import { CREATED } from "./outputs";
import { asText } from "./text";

/** @throws Error for a function that is not simulated, and where AWS would not find what is asked for. */
export function invoke(
  token: string,
  args: Properties,
  cloud: Cloud,
  { account, region: home }: Place,
): Properties {
  const region = typeof args["region"] === "string" ? args["region"] : home;
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return {
        id: account,
        accountId: account,
        arn: `arn:aws:sts::${account}:assumed-role/simulated/slipway`,
        userId: `AROA${digest(account, 17).toUpperCase()}:slipway`,
      };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" };
    case "aws:index/getRegion:getRegion":
      return {
        id: region,
        name: region,
        region,
        description: region,
        endpoint: `ec2.${region}.amazonaws.com`,
      };
    case "aws:index/getAvailabilityZones:getAvailabilityZones": {
      const letters = ["a", "b", "c"];
      return {
        ...args,
        id: region,
        region,
        names: letters.map((letter) => region + letter),
        zoneIds: letters.map((_, index) => `${shortRegion(region)}-az${index + 1}`),
        groupNames: [region],
      };
    }
    case "aws:ecs/getService:getService":
      return serviceOf(args, cloud);
    default:
      throw new Error(
        `the function ${token} is not simulated: it reads from the cloud, which is not there. Pass what it answers by ` +
          "configuration or from a resource, or use the Pulumi CLI with credentials",
      );
  }
}

/** `eu-central-1` is `euc1` in zone ids. */
const shortRegion = (region: string): string =>
  region.replace(
    /^(\w+)-(\w)\w*-(\d)$/,
    (_, area: string, part: string, number: string) => area + part + number,
  );

function serviceOf({ serviceName, clusterArn }: Properties, cloud: Cloud): Properties {
  const service = cloud
    .existing()
    .find(({ type, inputs }) => type === "aws:ecs/service:Service" && inputs["name"] === serviceName);
  if (!service?.made) {
    throw new Error(`couldn't find ECS service ${asText(serviceName)} in cluster ${asText(clusterArn)}`);
  }
  const { id, outputs } = service.made;
  const held = (key: string, fallback: Value): Value => outputs[key] ?? fallback;
  return {
    id,
    arn: id,
    clusterArn: clusterArn ?? "",
    serviceName: serviceName ?? "",
    taskDefinition: held("taskDefinition", ""),
    desiredCount: held("desiredCount", 1),
    runningCount: held("desiredCount", 1),
    pendingCount: 0,
    launchType: held("launchType", "FARGATE"),
    schedulingStrategy: held("schedulingStrategy", "REPLICA"),
    availabilityZoneRebalancing: held("availabilityZoneRebalancing", "ENABLED"),
    status: "ACTIVE",
    deployments: [
      {
        id: `ecs-svc/${digest(id, 19)}`,
        status: "PRIMARY",
        createdAt: CREATED,
        updatedAt: CREATED,
        taskDefinition: held("taskDefinition", ""),
        desiredCount: held("desiredCount", 1),
        runningCount: held("desiredCount", 1),
        pendingCount: 0,
      },
    ],
    events: [],
    loadBalancers: held("loadBalancers", []),
    tags: held("tagsAll", {}),
  };
}
