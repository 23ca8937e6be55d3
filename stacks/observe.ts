/** What watches a stack on AWS, wired to what it watches. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { AwsBackbone } from "../components/backbone/aws-backbone";
import type { EcsCluster } from "../components/deployments/ecs-cluster";
import type { EcsDeployment } from "../components/deployments/ecs-deployment";
import type { EcsRoutes } from "../components/deployments/ecs-routes";
import { BackboneAlarms } from "../components/observability/backbone-alarms";
import { Budget } from "../components/observability/budget";
import { Dashboard } from "../components/observability/dashboard";
import { LogErrors } from "../components/observability/log-errors";
import { Notifications } from "../components/observability/notifications";
import { ServiceAlarms } from "../components/observability/service-alarms";
import { Synthetics } from "../components/observability/synthetics";
import type { CloudSettings } from "./config";

export interface Watched {
  readonly prefix: string;
  readonly config: CloudSettings;
  readonly backbone: AwsBackbone;
  readonly cluster: EcsCluster;
  readonly routes: EcsRoutes;
  /** The checkout's folder. */
  readonly root: string;
  readonly providers: Readonly<Record<string, pulumi.ProviderResource>>;
}

export interface Watch {
  readonly topicArn: pulumi.Output<string>;
  /** What has to be there before a deployment that names its alarms. */
  readonly alarms: readonly pulumi.Resource[];
  /** Alarms that roll a deployment back. */
  readonly rollbackAlarms: readonly string[];
  readonly dashboardUrl: string;
  /** Watches what is there only once the service is: its log, and its key flows. */
  readonly service: (deployment: EcsDeployment) => void;
}

/** Alarms, dashboard, budget and canary of a stack, told to the configured addresses. */
export function observe({ prefix, config, backbone, cluster, routes, root, providers }: Watched): Watch {
  const { service, cloud, place, monitor } = config;
  const { alertEmails: emails, postgres, redis } = cloud;
  const { postgresInstance, redisReplicationGroup, operationsKeyArn } = backbone;
  const opts = { providers };
  const { topicArn } = new Notifications("notifications", { prefix, operationsKeyArn, emails }, opts);
  const serviceName = `${prefix}-${service}`;
  const gateway = {
    ...{ service, serviceName, cluster: cluster.name, gatewaySuffix: backbone.gateway.arnSuffix },
    targetGroupSuffixes: { blue: routes.blueSuffix, green: routes.greenSuffix },
  };
  const alarms = new ServiceAlarms(
    `${service}-alarms`,
    {
      ...{ ...gateway, prefix, topicArn },
      thresholds: {
        errorPercent: monitor.maxErrorPercent,
        // Half of what the whole window asks for, within a minute: a deployment's alarms have to tell soon.
        minRequestsPerMinute: Math.ceil(monitor.minRequests / 2),
        p95Milliseconds: 1000,
        cpuPercent: 85,
        memoryPercent: 90,
        memoryGrowthPerHour: 5,
      },
    },
    opts,
  );
  new BackboneAlarms(
    "backbone-alarms",
    {
      ...{ prefix, topicArn, postgresInstance, redisReplicationGroup, redisReplicas: redis.replicas },
      thresholds: {
        // Both classes of database here take 400 and more.
        connections: 300,
        freeStorageGb: Math.ceil(postgres.storageGb / 5),
        cpuPercent: 80,
        redisMemoryPercent: 80,
        redisLagSeconds: 30,
      },
    },
    opts,
  );
  new Budget("budget", { prefix, monthlyUsd: cloud.monthlyBudgetUsd, emails }, opts);
  const url = `https://${place.domain}`;
  const dashboard = new Dashboard(
    "dashboard",
    {
      ...{ ...gateway, prefix, region: place.region, canaryName: `${prefix}-flows` },
      ...{ postgresInstance, redisReplicationGroup },
    },
    opts,
  );
  return {
    topicArn,
    alarms: [alarms],
    rollbackAlarms: alarms.rollbackNames,
    dashboardUrl: dashboard.url,
    service: (deployment) => {
      const later = { providers, dependsOn: [deployment] };
      const logGroupName = `/${prefix}/${service}`;
      new LogErrors(`${service}-errors`, { prefix, service, logGroupName, topicArn, maxErrors: 10 }, later);
      const code = readFileSync(join(root, "images/synthetics/dist/flows.js"), "utf8");
      new Synthetics("synthetics", { prefix, url, code, operationsKeyArn, topicArn }, later);
    },
  };
}
