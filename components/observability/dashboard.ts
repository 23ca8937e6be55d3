import { Dashboard as AwsDashboard } from "@pulumi/aws/cloudwatch/dashboard";
import * as pulumi from "@pulumi/pulumi";
import { dashboardBody, type DashboardSubject } from "./dashboard-body";

export interface DashboardArgs extends Omit<
  DashboardSubject,
  "gatewaySuffix" | "targetGroupSuffixes" | "postgresInstance" | "redisReplicationGroup"
> {
  readonly prefix: string;
  readonly gatewaySuffix: pulumi.Input<string>;
  readonly targetGroupSuffixes: Readonly<Record<"blue" | "green", pulumi.Input<string>>>;
  readonly postgresInstance: pulumi.Input<string>;
  readonly redisReplicationGroup: pulumi.Input<string>;
}

/** One page of graphs for an environment: the service by target group, the key flows, Postgres, Redis. */
export class Dashboard extends pulumi.ComponentResource {
  /** Where people find it. */
  readonly url: string;

  constructor(name: string, args: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:observability:Dashboard", name, args, opts);
    const { prefix, ...subject } = args;
    new AwsDashboard(
      `${name}-page`,
      {
        dashboardName: prefix,
        dashboardBody: pulumi.output(subject).apply((known) => JSON.stringify(dashboardBody(known))),
      },
      { parent: this },
    );
    this.url = `https://${args.region}.console.aws.amazon.com/cloudwatch/home?region=${args.region}#dashboards:name=${prefix}`;
    this.registerOutputs({ url: this.url });
  }
}
