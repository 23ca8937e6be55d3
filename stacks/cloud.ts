/** Staging and production: one function. What differs is in Pulumi.<stack>.yaml and in the environments' table of Pulumi.yaml. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Region } from "@pulumi/aws";
import { Provider as Aws } from "@pulumi/aws/provider";
import { Provider as Cloudflare } from "@pulumi/cloudflare/provider";
import * as pulumi from "@pulumi/pulumi";
import { AwsBackbone } from "../components/backbone/aws-backbone";
import { EcsCluster } from "../components/deployments/ecs-cluster";
import { EcsDeployment } from "../components/deployments/ecs-deployment";
import { planEcs } from "../components/deployments/ecs-plan";
import { EcsRoutes, servicePort } from "../components/deployments/ecs-routes";
import { Edge } from "../components/edge/edge";
import { OriginCertificate } from "../components/edge/origin-certificate";
import { ZoneSecurity } from "../components/edge/zone-security";
import { Milestone } from "../provider/sdk/milestone";
import { parseCloudConfig, type CloudSettings } from "./config";
import type { CloudEnvironment } from "./environments";
import { readUpstream } from "./memory";
import { observe } from "./observe";
import { declareRelease, readCommit, readEvidence } from "./release";
import { checkRotation } from "./secrets";
import { secretsMatrix } from "./secrets-matrix";
import { userErrors, type Stack } from "./stack";
import { chooseTarget, remember, type StackMemory, type Target } from "./target";

/** What every stack on AWS has alike: other majors are decisions for all of them. */
const postgres = { majorVersion: "17", database: "slipway", user: "slipway" };
const valkeyVersion = "8.0";

/**
 * The stack of an environment on AWS and Cloudflare: the release, the backbone, the service on ECS, the edge before it, and what watches.
 *
 * @param before the environment that a release proves itself in first
 */
export function cloudStack(environment: CloudEnvironment, before: CloudEnvironment | undefined): Stack {
  return async ({ organization, project, root, values, isSecret, recall }) => {
    const config = parseCloudConfig(environment, values, isSecret);
    checkRotation(environment, config.secretRotation);
    const { service, place } = config;
    const memory = await recall();
    const target = userErrors(() => targetOf(config, readCommit(root), memory));
    const upstream =
      before === undefined ? undefined : await readUpstream(`${organization}/${project}/${before}`, service);
    const release = declareRelease({
      ...{ environment, service, target, memory, images: {} },
      evidence: readEvidence(root, target.version.commit),
      ...(upstream === undefined ? {} : { upstream }),
      ...{ root, strategy: config.strategy, monitorSeconds: config.monitor.seconds, hotfix: config.hotfix },
    });

    const prefix = `${config.prefix}-${environment}`;
    const providers = {
      aws: awsProvider(prefix, service, config),
      cloudflare: new Cloudflare("cloudflare", {}),
    };
    const backbone = declareBackbone(prefix, config, providers);
    const shared = { prefix, service, platform: backbone, logRetentionDays: config.cloud.logRetentionDays };
    const onBackbone = { providers, dependsOn: [backbone] };
    const cluster = new EcsCluster(
      "cluster",
      { ...shared, operationsKeyArn: backbone.operationsKeyArn },
      onBackbone,
    );
    const { drainSeconds } = config;
    const routes = new EcsRoutes(
      service,
      { ...shared, pathPrefix: "/", healthPath: "/readyz", drainSeconds, priority: 100 },
      onBackbone,
    );
    const watch = observe({ prefix, config, backbone, cluster, routes, root, providers });

    const { live, previous } = memory;
    const deployment = new EcsDeployment(
      service,
      {
        ...{ ...shared, cluster, routes },
        strategy: config.strategy,
        target: { ...target.version, cpu: target.version.memoryMb / 2 },
        previousVersion: live === target.version.version ? previous : live,
        rollback: target.rollback,
        replicas: config.replicas,
        maxReplicas: config.cloud.maxReplicas,
        alarmNames: [...watch.rollbackAlarms],
        migrations: config.migrations,
        backup: config.backup,
        migrationTimeoutSeconds: config.migrationTimeoutSeconds,
        approval: place.deploy === "approval" ? "required" : "none",
        alarmsTopicArn: watch.topicArn,
      },
      { providers, dependsOn: [backbone, ...watch.alarms] },
    );
    watch.service(deployment);
    const edge = declareEdge(prefix, config, backbone, root, memory, providers);

    const reached = new Milestone(`${service}-live`, {
      ...{ environment, service, version: deployment.live, after: deployment.taskDefinitionArn },
    }).reachedAt;
    const smokeTested = planEcs(config.strategy, target.rollback).shiftsTraffic && !target.rollback;
    return {
      url: edge.url,
      release: release.id,
      live: deployment.live,
      previous: deployment.previous,
      // Known once ECS runs it: a version that was rolled back is not remembered.
      versions: deployment.live.apply(() =>
        remember(target.version, { contracted: [], restoreCommand: null }, target.versions),
      ),
      held: deployment.live.apply(() => target.held),
      // A smoke test that had not passed would have ended the deployment.
      smokePassedAt: smokeTested ? reached : null,
      liveSince: reached,
      workerStableId: edge.workerStableId,
      d1Database: edge.databaseName,
      dashboard: watch.dashboardUrl,
    };
  };
}

function targetOf(config: CloudSettings, commit: string, memory: StackMemory): Target {
  const { image, serviceMemoryMb: memoryMb, drainSeconds, featureFlags, toggles } = config;
  return chooseTarget(
    {
      ...config,
      imageVersion: /:([^:@]+)@/.exec(image)?.[1] ?? "",
      commit,
      content: { image, memoryMb, drainSeconds, featureFlags, toggles },
      // ECS keeps what it needs for the way back.
      keepWarm: false,
    },
    memory,
    new Date(),
  );
}

/** In the environment's account and region alone, with the tags that everything carries. */
function awsProvider(prefix: string, service: string, { place, prefix: project }: CloudSettings): Aws {
  const tags = { project, stack: prefix, service, managedBy: "pulumi" };
  return new Aws("aws", {
    region: place.region as Region,
    allowedAccountIds: [place.account],
    defaultTags: { tags },
  });
}

type Providers = Readonly<Record<string, pulumi.ProviderResource>>;

function declareBackbone(
  prefix: string,
  { place, cloud, secretRotation }: CloudSettings,
  providers: Providers,
): AwsBackbone {
  const { certificateArn } = new OriginCertificate(
    "origin",
    { hostname: place.domain, zoneId: place.cloudflareZone },
    { providers },
  );
  return new AwsBackbone(
    "backbone",
    {
      ...{ prefix, certificateArn, servicePort, accountId: place.account, reservedCidrs: [] },
      ...{ region: place.region, zones: place.zones, cidr: place.cidr, domain: place.domain },
      natGateways: cloud.natGateways,
      protect: cloud.protect,
      logRetentionDays: cloud.logRetentionDays,
      postgres: {
        ...cloud.postgres,
        ...postgres,
        passwordRotationDays: secretsMatrix.postgresPassword.rotationDays,
      },
      redis: { ...cloud.redis, engineVersion: valkeyVersion },
      redisPasswordRotation: secretRotation["redisPassword"] ?? "",
    },
    { providers },
  );
}

function declareEdge(
  prefix: string,
  { place, cloud }: CloudSettings,
  backbone: AwsBackbone,
  root: string,
  { workerStableId }: StackMemory,
  providers: Providers,
): Edge {
  new ZoneSecurity("zone", { zoneId: place.cloudflareZone }, { providers });
  const code = readBundle(root, "images/worker/dist/worker.js");
  return new Edge(
    "edge",
    {
      ...{ prefix, accountId: place.cloudflareAccount, zoneId: place.cloudflareZone },
      hostname: place.domain,
      origin: backbone.gateway.dnsName,
      databaseLocation: cloud.edge.databaseLocation,
      protect: cloud.protect,
      worker: {
        code,
        version: createHash("sha256").update(code).digest("hex").slice(0, 12),
        percent: cloud.edge.workerPercent,
        ...(workerStableId === null ? {} : { stableId: workerStableId }),
      },
    },
    { providers },
  );
}

/** A bundle that the build makes, as text. */
export function readBundle(root: string, path: string): string {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    throw new pulumi.RunError(`${path} is not there. Run \`npm run build\`: it makes what is uploaded.`);
  }
}
