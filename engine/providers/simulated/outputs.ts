/** What a real provider answers beside the inputs: every property it always sets gets a value of its type, and one that looks real. Pure. */
import type { Properties, Value } from "../../values";
import type { ResourceSchema } from "./cloudformation";
import { digest, type Place } from "./identity";
import { schemaProperty } from "./shape-check";
import type { Members, Shape } from "./typings";
import { asText } from "./text";

export interface Made extends Place {
  type: string;
  id: string;
  arn: string;
  name: string;
  seed: string;
}

/** Simulated time stands still: plans and reports stay the same. */
export const CREATED = "2026-01-01T00:00:00Z";

/** @returns the inputs and, of what the resource has beside them, all that is always there. */
export function computedOutputs(
  inputs: Properties,
  inputMembers: Members,
  outputMembers: Members,
  schema: ResourceSchema | undefined,
  made: Made,
): Properties {
  const outputs: Properties = { ...inputs };
  for (const [key, { shape, optional }] of Object.entries(outputMembers)) {
    if (optional || (outputs[key] ?? null) !== null) continue;
    const fallback = schemaProperty(schema?.properties, key)?.default;
    outputs[key] =
      (fallback && defaultOf(fallback, shape)) ?? valueOf(key, key, shape, made, !(key in inputMembers), 0);
  }
  return { ...outputs, ...specialOutputs(outputs, made) };
}

function defaultOf(text: string, shape: Shape): Value | undefined {
  try {
    const value = JSON.parse(text) as Value;
    return typeof value === shape.kind ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @param onlyOutput lists that only AWS fills have one element; those that the program might have filled stay empty. */
function valueOf(
  path: string,
  key: string,
  shape: Shape,
  made: Made,
  onlyOutput: boolean,
  depth: number,
): Value {
  switch (shape.kind) {
    case "string":
      return textOf(path, key, made);
    case "number":
      return /port$/i.test(key) ? portOf(made.type) : key === "revision" || key === "version" ? 1 : 0;
    case "boolean":
      return false;
    case "list":
      return onlyOutput ? [valueOf(path, key.replace(/s$/, ""), shape.of, made, true, depth)] : [];
    case "object": {
      if (depth > 2) return {};
      const entries = Object.entries(shape.members()).filter(([, member]) => !member.optional);
      return Object.fromEntries(
        entries.map(([name, member]) => [
          name,
          valueOf(`${path}.${name}`, name, member.shape, made, onlyOutput, depth + 1),
        ]),
      );
    }
    case "union":
      return valueOf(path, key, shape.of[0] ?? { kind: "any" }, made, onlyOutput, depth);
    case "map":
      return {};
    case "any":
    case "asset":
      return "";
  }
}

function textOf(path: string, key: string, { type, id, arn, name, seed, region, account }: Made): string {
  const hex = digest(`${seed} ${path}`, 32);
  if (key === "arn") return arn;
  if (key === "region") return region;
  if (/^(ownerId|accountId|registryId)$/.test(key)) return account;
  if (/kmsKeyId$|kmsKeyArn$/i.test(key)) return `arn:aws:kms:${region}:${account}:key/${hex}`;
  if (key === "secretArn")
    return `arn:aws:secretsmanager:${region}:${account}:secret:${managedSecret(type, id)}`;
  if (/arn$/i.test(key)) return arn === "" ? hex : `${arn}/${hex.slice(0, 8)}`;
  if (key === "namePrefix" || key.endsWith("Prefix")) return "";
  if (/dnsName$|^domainName$|endpoint$|address$|hostname$/i.test(key))
    return hostOf(key, type, name, hex, region);
  if (/(At|On|Time|Date|Created|Modified)$/.test(key)) return CREATED;
  if (key === "name") return name;
  if (/zoneId$/i.test(key)) return `Z${hex.slice(0, 13).toUpperCase()}`;
  if (/securityGroupId$/i.test(key)) return `sg-0${hex.slice(0, 16)}`;
  if (/networkAclId$/i.test(key)) return `acl-0${hex.slice(0, 16)}`;
  if (/routeTableId$/i.test(key)) return `rtb-0${hex.slice(0, 16)}`;
  if (/Id$|^id$|^etag$/.test(key)) return hex;
  if (key === "engineVersion" || key === "engineVersionActual") return "17";
  if (/status$|^state$/i.test(key)) return "available";
  return "";
}

/** RDS keeps its master password in a secret of this name ("Password management with Amazon RDS and AWS Secrets Manager"). */
const managedSecret = (type: string, id: string): string =>
  type === "aws:rds/instance:Instance" ? `rds!${id.toLowerCase()}` : id;

function hostOf(key: string, type: string, name: string, hex: string, region: string): string {
  if (type.startsWith("aws:lb/"))
    return `${name}-${parseInt(hex.slice(0, 8), 16)}.${region}.elb.amazonaws.com`;
  if (type.startsWith("aws:rds/")) {
    const host = `${name}.c${hex.slice(0, 11)}.${region}.rds.amazonaws.com`;
    return key === "endpoint" ? `${host}:5432` : host;
  }
  if (type.startsWith("aws:elasticache/")) {
    return `${/reader/i.test(key) ? "replica" : "master"}.${name}.${hex.slice(0, 6)}.${region}.cache.amazonaws.com`;
  }
  if (type.startsWith("aws:s3/")) return `${name}.s3.${region}.amazonaws.com`;
  if (/address$/i.test(key)) return "";
  return `${name}.${hex.slice(0, 8)}.${region}.amazonaws.com`;
}

function portOf(type: string): number {
  return type.startsWith("aws:elasticache/") ? 6379 : type.startsWith("aws:rds/") ? 5432 : 0;
}

/** What other resources and alarms build on, where a value of the right type would not do. */
function specialOutputs(outputs: Properties, { type, id, arn, region, seed }: Made): Properties {
  switch (type) {
    case "aws:lb/loadBalancer:LoadBalancer":
    case "aws:lb/targetGroup:TargetGroup":
      return { arnSuffix: arn.replace(/^.*:(loadbalancer\/)?/, "") };
    case "aws:ecs/taskDefinition:TaskDefinition":
      return { revision: Number(arn.split(":").at(-1)), arnWithoutRevision: arn.replace(/:\d+$/, "") };
    case "aws:kms/key:Key":
      return { keyId: id };
    case "aws:kms/alias:Alias":
      return {
        targetKeyArn: arn.replace(/alias\/.*$/, `key/${asText(outputs["targetKeyId"]).replace(/^.*\//, "")}`),
      };
    case "aws:ec2/eip:Eip": {
      const bytes = digest(seed, 8).match(/../g) ?? [];
      return {
        allocationId: id,
        publicIp: `52.${bytes
          .slice(1)
          .map((byte) => parseInt(byte, 16))
          .join(".")}`,
      };
    }
    case "aws:lambda/function:Function":
      return {
        qualifiedArn: `${arn}:1`,
        invokeArn: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
        version: "1",
      };
    case "aws:rds/instance:Instance":
      return { resourceId: id, address: asText(outputs["endpoint"]).replace(/:\d+$/, "") };
    case "aws:acm/certificate:Certificate":
      return { status: "ISSUED", domainValidationOptions: validationOptions(outputs, seed) };
    case "aws:secretsmanager/secret:Secret":
      return { id };
    default:
      return {};
  }
}

/** ACM asks for one CNAME a name ("DNS validation"). */
function validationOptions(outputs: Properties, seed: string): Value {
  const others = outputs["subjectAlternativeNames"];
  const names = [outputs["domainName"], ...(Array.isArray(others) ? others : [])];
  return [...new Set(names.map(String))].map((domainName) => ({
    domainName,
    resourceRecordName: `_${digest(`${seed} ${domainName}`, 32)}.${domainName.replace(/^\*\./, "")}.`,
    resourceRecordType: "CNAME",
    resourceRecordValue: `_${digest(`${seed} value ${domainName}`, 32)}.acm-validations.aws.`,
  }));
}

/** The outputs that stay when inputs change: those that the program does not set. */
export function keptOutputs(oldOutputs: Properties, oldInputs: Properties, news: Properties): Properties {
  const kept = Object.entries(oldOutputs).filter(([key]) => !(key in oldInputs) || key in news);
  return { ...Object.fromEntries(kept), ...news };
}
