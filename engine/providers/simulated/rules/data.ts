/** RDS and ElastiCache. */
import type { Fault } from "../fault";
import { twoZones } from "./network";
import { isGiven, named, numberAt, pattern, range, textAt, type Asked, type Rule } from "./rule";
import { asText } from "../text";

const RDS = "RDS API, CreateDBInstance";
const CACHE = "ElastiCache API, CreateReplicationGroup";
const identifierText = "1 to 63 of a-z, 0-9 and -, from a letter on, without -- and without - at the end";

function* instance(asked: Asked): Iterable<Fault> {
  const { inputs } = asked;
  const identifier = /^(?!.*--)[a-z][a-z0-9-]{0,62}(?<!-)$/;
  yield* pattern(inputs, "identifier", identifier, identifierText, `${RDS}, DBInstanceIdentifier`);
  yield* pattern(
    inputs,
    "dbName",
    /^[A-Za-z]\w{0,62}$/,
    "1 to 63 of letters, digits and _, from a letter on",
    `${RDS}, DBName`,
  );
  yield* user(inputs);
  yield* password(inputs);
  yield* storage(inputs);
  yield* range(inputs, "backupRetentionPeriod", [0, 35], `${RDS}, BackupRetentionPeriod`);
  yield* windows(inputs);
  yield* observation(inputs);
  yield* finalSnapshot(inputs);
  if (inputs["multiAz"] === true && isGiven(inputs, "availabilityZone")) {
    yield {
      path: "availabilityZone",
      allowed: "it cannot be given with multiAz",
      source: `${RDS}, AvailabilityZone`,
    };
  }
  const [family] = named(asked, "parameterGroupName", ["aws:rds/parameterGroup:ParameterGroup"]);
  const [wanted, major] = [textAt(family?.inputs ?? {}, "family"), majorVersion(inputs)];
  if (wanted !== undefined && major !== undefined && wanted !== major) {
    const allowed = `its family is ${wanted}, and the instance's ${major}`;
    yield { path: "parameterGroupName", allowed, source: `${RDS}, DBParameterGroupName` };
  }
}

/** `postgres17` for PostgreSQL 17.4: since 10 the first number alone is the major version. */
function majorVersion(inputs: Asked["inputs"]): string | undefined {
  const [engine, version] = [textAt(inputs, "engine"), textAt(inputs, "engineVersion")];
  return engine === "postgres" && version !== undefined
    ? `postgres${version.split(".")[0] ?? ""}`
    : undefined;
}

function* user(inputs: Asked["inputs"]): Iterable<Fault> {
  const source = `${RDS}, MasterUsername`;
  const form = /^[A-Za-z]\w{0,62}$/;
  yield* pattern(inputs, "username", form, "1 to 63 of letters, digits and _, from a letter on", source);
  const reserved = /^(?!(rdsadmin|rds_superuser|admin|postgres_exporter|rdsrepladmin|public|none)$)(?!pg_)/i;
  if (textAt(inputs, "engine") === "postgres") {
    yield* pattern(inputs, "username", reserved, "a name that PostgreSQL and RDS do not reserve", source);
  }
}

function* password(inputs: Asked["inputs"]): Iterable<Fault> {
  const source = `${RDS}, MasterUserPassword`;
  const managed = inputs["manageMasterUserPassword"] === true;
  if (managed && isGiven(inputs, "password")) {
    yield { path: "password", allowed: "it cannot be given with manageMasterUserPassword", source };
  }
  const copies = ["replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime"].some((key) =>
    isGiven(inputs, key),
  );
  if (!managed && !copies && !isGiven(inputs, "password") && !isGiven(inputs, "passwordWo")) {
    yield { path: "password", allowed: "either it or manageMasterUserPassword is required", source };
  }
  const form = /^[!#-.0-?A-~]{8,128}$/;
  yield* pattern(
    inputs,
    "password",
    form,
    'of 8 to 128 printable ASCII characters other than /, ", @ and space',
    source,
  );
  if (!isGiven(inputs, "username") && !copies) {
    yield { path: "username", allowed: "it is required", source: `${RDS}, MasterUsername` };
  }
}

function* storage(inputs: Asked["inputs"]): Iterable<Fault> {
  const source = `${RDS}, AllocatedStorage`;
  yield* range(inputs, "allocatedStorage", [20, 65536], source);
  const [now, most] = [numberAt(inputs, "allocatedStorage"), numberAt(inputs, "maxAllocatedStorage")];
  if (now !== undefined && most !== undefined && most !== 0 && most <= now) {
    const allowed = `it must be more than allocatedStorage (${now}), or 0 for no autoscaling`;
    yield { path: "maxAllocatedStorage", allowed, source: `${RDS}, MaxAllocatedStorage` };
  }
  if (isGiven(inputs, "kmsKeyId") && inputs["storageEncrypted"] !== true) {
    yield {
      path: "storageEncrypted",
      allowed: "it must be true with a kmsKeyId",
      source: `${RDS}, KmsKeyId`,
    };
  }
  for (const path of ["iops", "storageThroughput"]) {
    // gp3 has its baseline below 400 GiB of PostgreSQL and MySQL.
    if (isGiven(inputs, path) && textAt(inputs, "storageType") === "gp3" && (now ?? 400) < 400) {
      const allowed = "it cannot be given for gp3 below 400 GiB";
      yield { path, allowed, source: "RDS user guide, gp3 storage" };
    }
  }
}

const CLOCK = "([01]\\d|2[0-3]):[0-5]\\d";
const DAY = "(mon|tue|wed|thu|fri|sat|sun)";

function* windows(inputs: Asked["inputs"]): Iterable<Fault> {
  const daily = new RegExp(`^${CLOCK}-${CLOCK}$`);
  yield* pattern(inputs, "backupWindow", daily, "hh24:mi-hh24:mi in UTC", `${RDS}, PreferredBackupWindow`);
  const weekly = new RegExp(`^${DAY}:${CLOCK}-${DAY}:${CLOCK}$`, "i");
  const source = `${RDS}, PreferredMaintenanceWindow`;
  yield* pattern(inputs, "maintenanceWindow", weekly, "ddd:hh24:mi-ddd:hh24:mi in UTC", source);
}

function* observation(inputs: Asked["inputs"]): Iterable<Fault> {
  const interval = numberAt(inputs, "monitoringInterval");
  const intervals = [0, 1, 5, 10, 15, 30, 60];
  const source = `${RDS}, MonitoringInterval`;
  if (interval !== undefined && !intervals.includes(interval)) {
    yield { path: "monitoringInterval", allowed: `it must be one of ${intervals.join(", ")}`, source };
  }
  if (interval !== undefined && interval > 0 && !isGiven(inputs, "monitoringRoleArn")) {
    yield { path: "monitoringRoleArn", allowed: "it is required with a monitoringInterval", source };
  }
  const days = numberAt(inputs, "performanceInsightsRetentionPeriod");
  if (days !== undefined && days !== 7 && days !== 731 && (days % 31 !== 0 || days < 31 || days > 23 * 31)) {
    const allowed = "it must be 7, 731, or 31 times 1 to 23 days";
    yield {
      path: "performanceInsightsRetentionPeriod",
      allowed,
      source: `${RDS}, PerformanceInsightsRetentionPeriod`,
    };
  }
}

function* finalSnapshot(inputs: Asked["inputs"]): Iterable<Fault> {
  const source = "RDS API, DeleteDBInstance, FinalDBSnapshotIdentifier";
  const path = "finalSnapshotIdentifier";
  if (inputs["skipFinalSnapshot"] !== true && !isGiven(inputs, path)) {
    yield { path, allowed: "it is required unless skipFinalSnapshot is true", source };
  }
  const form = /^(?!.*--)[A-Za-z][A-Za-z0-9-]{0,254}(?<!-)$/;
  yield* pattern(
    inputs,
    path,
    form,
    "at most 255 of letters, digits and -, from a letter on, without --",
    source,
  );
}

function* groupName({ inputs }: Asked): Iterable<Fault> {
  const form = /^[a-z0-9 ._-]{1,255}$/;
  yield* pattern(
    inputs,
    "name",
    form,
    "at most 255 of a-z, 0-9, spaces, ., _ and -",
    "RDS API, CreateDBSubnetGroup",
  );
}

function* parameterGroup({ inputs }: Asked): Iterable<Fault> {
  const form = /^(?!.*--)[a-z][a-z0-9-]{0,254}(?<!-)$/;
  const allowed = "at most 255 of a-z, 0-9 and -, from a letter on, without --";
  yield* pattern(inputs, "name", form, allowed, "RDS API, CreateDBParameterGroup");
}

function* replicationGroup({ inputs }: Asked): Iterable<Fault> {
  const form = /^(?!.*--)[a-z][a-z0-9-]{0,39}(?<!-)$/i;
  yield* pattern(
    inputs,
    "replicationGroupId",
    form,
    "at most 40 of letters, digits and -, from a letter on, without --",
    CACHE,
  );
  yield* range(inputs, "numCacheClusters", [1, 6], CACHE);
  yield* range(inputs, "replicasPerNodeGroup", [0, 5], CACHE);
  yield* range(inputs, "snapshotRetentionLimit", [0, 35], CACHE);
  const nodes = numberAt(inputs, "numCacheClusters") ?? (numberAt(inputs, "replicasPerNodeGroup") ?? 0) + 1;
  if (inputs["automaticFailoverEnabled"] === true && nodes < 2) {
    const allowed = "it needs a replica: numCacheClusters of 2 or more, or replicasPerNodeGroup of 1 or more";
    yield { path: "automaticFailoverEnabled", allowed, source: `${CACHE}, AutomaticFailoverEnabled` };
  }
  if (inputs["multiAzEnabled"] === true && inputs["automaticFailoverEnabled"] !== true) {
    yield {
      path: "multiAzEnabled",
      allowed: "it needs automaticFailoverEnabled",
      source: `${CACHE}, MultiAZEnabled`,
    };
  }
  if (isGiven(inputs, "authToken") && inputs["transitEncryptionEnabled"] !== true) {
    yield {
      path: "transitEncryptionEnabled",
      allowed: "it must be true with an authToken",
      source: `${CACHE}, AuthToken`,
    };
  }
  if (isGiven(inputs, "authToken") && isGiven(inputs, "userGroupIds")) {
    yield {
      path: "userGroupIds",
      allowed: "it cannot be given with an authToken",
      source: `${CACHE}, UserGroupIds`,
    };
  }
  const token = /^[A-Za-z0-9!&#$^<>-]{16,128}$/;
  const tokenText = "16 to 128 of letters, digits and !&#$^<>-";
  yield* pattern(inputs, "authToken", token, tokenText, "ElastiCache user guide, Authenticating with AUTH");
  if (isGiven(inputs, "kmsKeyId") && asText(inputs["atRestEncryptionEnabled"]) !== "true") {
    yield {
      path: "atRestEncryptionEnabled",
      allowed: "it must be true with a kmsKeyId",
      source: `${CACHE}, KmsKeyId`,
    };
  }
}

export const dataRules: Readonly<Record<string, readonly Rule[]>> = {
  "aws:rds/instance:Instance": [instance],
  "aws:rds/subnetGroup:SubnetGroup": [
    groupName,
    twoZones("subnetIds", "RDS API, CreateDBSubnetGroup, SubnetIds"),
  ],
  "aws:rds/parameterGroup:ParameterGroup": [parameterGroup],
  "aws:elasticache/replicationGroup:ReplicationGroup": [replicationGroup],
};
