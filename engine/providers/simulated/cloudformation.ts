/**
 * AWS's own schema of a resource, by the type of Pulumi's SDK: allowed values, what a change replaces, defaults, the form of its ARN.
 * Source: @aws-cdk/aws-service-spec, of which the build keeps what is read here (extract-service-spec.mjs). Names that do not match
 * simply give no rule.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

export interface SchemaProperty {
  values?: readonly (number | string)[];
  replace?: boolean;
  /** JSON text. */
  default?: string;
  /** Of an object, or of the elements of a list: a name in `types`. */
  type?: string;
}
/** By name in lower case. */
export type SchemaProperties = Readonly<Record<string, SchemaProperty>>;
export interface ResourceSchema {
  arn?: string;
  properties: SchemaProperties;
  types: Readonly<Record<string, SchemaProperties>>;
}

/** Beside the bundle, and from the sources at the same place. */
const FOLDER = join(__dirname, basename(__dirname) === "dist" ? "service-spec" : "../../dist/service-spec");

/** Modules of the SDK that are called otherwise than the service. */
const SERVICES: Readonly<Record<string, string>> = {
  acm: "CertificateManager",
  appautoscaling: "ApplicationAutoScaling",
  lb: "ElasticLoadBalancingV2",
  vpc: "EC2",
};

/** Resources that are called otherwise, or belong elsewhere. */
const TYPES: Readonly<Record<string, string>> = {
  "appautoscaling/Policy": "ApplicationAutoScaling::ScalingPolicy",
  "appautoscaling/Target": "ApplicationAutoScaling::ScalableTarget",
  "cloudwatch/EventRule": "Events::Rule",
  "cloudwatch/LogGroup": "Logs::LogGroup",
  "cloudwatch/LogMetricFilter": "Logs::MetricFilter",
  "cloudwatch/MetricAlarm": "CloudWatch::Alarm",
  "ec2/RouteTableAssociation": "EC2::SubnetRouteTableAssociation",
  "iam/Policy": "IAM::ManagedPolicy",
  "rds/Instance": "RDS::DBInstance",
  "rds/ParameterGroup": "RDS::DBParameterGroup",
  "rds/SubnetGroup": "RDS::DBSubnetGroup",
  "vpc/SecurityGroupEgressRule": "EC2::SecurityGroupEgress",
  "vpc/SecurityGroupIngressRule": "EC2::SecurityGroupIngress",
};

let services: ReadonlyMap<string, string> | undefined;
const loaded = new Map<string, Record<string, ResourceSchema>>();

/** @param type such as `aws:ec2/vpc:Vpc`. */
export function cloudFormationType(type: string): string | undefined {
  const [, path = "", name = ""] = type.split(":");
  const module = path.split("/")[0] ?? "";
  const [service = "", resource = ""] = (
    TYPES[`${module}/${name}`] ?? `${SERVICES[module] ?? module}::${name}`
  ).split("::");
  services ??= new Map(filesOf(FOLDER).map((file) => [file.replace(".json", "").toLowerCase(), file]));
  const file = services.get(service.toLowerCase());
  if (file === undefined) return undefined;
  let schemas = loaded.get(file);
  if (!schemas) {
    schemas = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Record<string, ResourceSchema>;
    loaded.set(file, schemas);
  }
  const found = Object.keys(schemas).find((key) => key.toLowerCase() === resource.toLowerCase());
  return found === undefined ? undefined : `${file.replace(".json", "")}::${found}`;
}

function filesOf(folder: string): string[] {
  if (existsSync(folder)) return readdirSync(folder);
  throw new Error(`AWS's resource schemas are not at ${folder}: run \`npm run build\``);
}

export function schemaOf(type: string): ResourceSchema | undefined {
  const [service = "", name = ""] = cloudFormationType(type)?.split("::") ?? [];
  return loaded.get(`${service}.json`)?.[name];
}
