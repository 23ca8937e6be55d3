/** What each configuration key may be. Pulumi.yaml describes the keys; config.ts reads them. */
import { z } from "zod";
import { strategySchema } from "../provider/schema/strategy";
import { serviceName, version } from "../provider/schema/words";

/** Config values arrive as text, objects as JSON text. */
const integer = (minimum: number, maximum: number) => {
  const allowed = `a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^-?\d+$/, allowed)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, allowed);
};

/** A whole number inside an object. */
const count = (minimum: number, maximum: number) => {
  const allowed = `a whole number from ${minimum} to ${maximum}`;
  return z.int(allowed).min(minimum, allowed).max(maximum, allowed);
};

const json = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "an object" });
        return z.NEVER;
      }
    })
    .pipe(schema);

const text = (pattern: RegExp, allowed: string) => z.string(allowed).regex(pattern, allowed);

const pinnedImage = text(
  /^[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64}$/,
  "an image pinned by digest, name:tag@sha256:…",
);

const boolean = z.enum(["true", "false"], "true or false").transform((value) => value === "true");
const flag = z.boolean("true or false");
const flagName = text(/^[a-z][A-Za-z0-9]{0,39}$/, "names of letters and digits, from a small letter on");
const command = z
  .array(z.string().min(1), "a command as a list of words")
  .min(1, "a command as a list of words");

const dockerName = text(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/, "2 to 40 of a-z, 0-9 and -, from a letter on");
const seconds = (minimum: number) => integer(minimum, 3600);
const memoryMb = integer(64, 65536);

const domain = text(
  /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/,
  "a domain name, such as app.example.com",
);
const cloudflareId = text(/^[0-9a-f]{32}$/, "an id of Cloudflare: 32 digits and letters a to f");

/** Where an environment of the cloud is, and how releases come to it. */
const place = z.strictObject({
  branch: text(/^[\w./-]{1,100}$/, "a branch's name"),
  account: text(/^\d{12}$/, "an AWS account: 12 digits in quotes"),
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region, such as eu-central-1"),
  zones: z.array(z.string("an availability zone, such as eu-central-1a"), "a list of availability zones"),
  cidr: z.string("a network, such as 10.20.0.0/16"),
  domain,
  cloudflareAccount: cloudflareId,
  cloudflareZone: cloudflareId,
  deploy: z.enum(["automatic", "approval"], '"automatic" or "approval"'),
  migrate: z.enum(["automatic", "approval"], '"automatic" or "approval"'),
});
export type Place = z.infer<typeof place>;

/** What CloudWatch Logs takes (API reference, PutRetentionPolicy). */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const cloud = z.strictObject(
  {
    natGateways: z.enum(["one", "per-zone"], '"one" or "per-zone"'),
    protect: flag,
    logRetentionDays: z
      .number("a number of days that CloudWatch takes")
      .refine((days) => retentionDays.includes(days), `one of ${retentionDays.join(", ")}`),
    maxReplicas: count(1, 100),
    postgres: z.strictObject({
      instanceClass: text(/^db\.[a-z0-9]+\.[a-z0-9]+$/, "a class of RDS instances, such as db.t4g.medium"),
      storageGb: count(20, 65536),
      maxStorageGb: count(20, 65536),
      multiAz: flag,
      backupDays: count(1, 35),
    }),
    redis: z.strictObject({
      nodeType: text(/^cache\.[a-z0-9]+\.[a-z0-9]+$/, "a type of ElastiCache nodes, such as cache.t4g.small"),
      replicas: count(0, 5),
      snapshotDays: count(0, 35),
    }),
    edge: z.strictObject({
      databaseLocation: z.enum(
        ["weur", "eeur", "enam", "wnam", "apac", "oc"],
        "a region of Cloudflare's, such as weur",
      ),
      workerPercent: z.number("a share").min(0, "0 to 100").max(100, "0 to 100"),
    }),
    alertEmails: z
      .array(z.email("an e-mail address"), "a list of e-mail addresses")
      .min(1, "at least one e-mail address"),
    monthlyBudgetUsd: count(1, 1_000_000),
  },
  "an object; see Pulumi.staging.yaml",
);

/** A key of the other kind of stack: left as Pulumi.yaml has it. */
const none = (who: string) => json(z.strictObject({}, `nothing: ${who}`));

const shared = {
  service: serviceName,
  version: z.union(
    [z.literal(""), version],
    "empty, or a semantic version without build metadata, such as 1.4.0",
  ),
  rollbackTo: z.union([z.literal(""), version], "empty, or the version to go back to, such as 1.3.0"),
  dataRestored: boolean,
  releaseHold: boolean,
  hotfix: boolean,
  featureFlags: json(z.record(flagName, z.boolean("true or false"))),
  toggles: json(z.record(flagName, z.enum(["live", "mock"], '"live" or "mock"'))),
  prefix: dockerName,
  strategy: json(strategySchema),
  replicas: integer(1, 8),
  serviceMemoryMb: memoryMb,
  readyTimeoutSeconds: seconds(1),
  smokeTimeoutSeconds: seconds(1),
  drainSeconds: seconds(0),
  migrations: json(z.strictObject({ list: command, run: command })),
  migrationTimeoutSeconds: seconds(1),
  backup: json(z.strictObject({ keepCount: z.int().min(1).max(1000), keepDays: z.int().min(1).max(3650) })),
  monitor: json(
    z.strictObject({
      seconds: z.int().min(0).max(86_400),
      minRequests: z.int().min(1),
      maxErrorPercent: z.number().min(0).max(100),
    }),
  ),
  secretRotation: json(z.record(z.string(), z.string())),
  environments: json(z.strictObject({ staging: place, production: place })),
  postgresImage: pinnedImage,
  redisImage: pinnedImage,
  nodeImage: pinnedImage,
  debianImage: pinnedImage,
};

export const localSchema = z.strictObject({
  ...shared,
  image: z.literal("", "empty: the local stack runs the image that set-up built"),
  docker: json(
    z.strictObject({
      network: dockerName.default("shared-mesh"),
      gatewayPort: count(1024, 65535).default(8080),
      maxBodyBytes: count(1024, 104857600).default(1048576),
      postgresMemoryMb: count(64, 65536).default(512),
      redisMemoryMb: count(64, 65536).default(128),
      gatewayMemoryMb: count(64, 65536).default(128),
    }),
  ),
  cloud: none("the local stack is on Docker; `docker` says how"),
});

export const cloudSchema = z.strictObject({
  ...shared,
  // Names on AWS begin with it and the environment's name, and some may have 32 characters.
  prefix: text(/^[a-z][a-z0-9-]{0,8}$/, "1 to 9 of a-z, 0-9 and -, from a letter on"),
  serviceMemoryMb: integer(512, 8192).refine(
    (value) => Number.isInteger(Math.log2(value)),
    "512, 1024, 2048, 4096 or 8192: a task has half as many CPU units",
  ),
  // A function, which each phase is on AWS, has fifteen minutes.
  migrationTimeoutSeconds: integer(1, 900),
  image: text(
    /^[a-z0-9][a-z0-9.:-]*(\/[a-z0-9._-]+)+:\d+\.\d+\.\d+[0-9A-Za-z.-]*@sha256:[0-9a-f]{64}$/,
    "the service's image in a registry, tagged with its version and pinned by digest: <registry>/sample:1.4.0@sha256:<64 hex>",
  ),
  docker: none("this stack is on AWS; `cloud` says how"),
  cloud: json(cloud),
});

export type LocalConfig = Readonly<z.infer<typeof localSchema>>;
export type CloudConfig = Readonly<z.infer<typeof cloudSchema>>;
