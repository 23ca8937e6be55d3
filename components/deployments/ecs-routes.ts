import { ListenerRule } from "@pulumi/aws/lb/listenerRule";
import { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import * as pulumi from "@pulumi/pulumi";
import type { AwsPlatform } from "../backbone/aws-platform";
import { faultOf } from "../fault";

export interface EcsRoutesArgs {
  /** Start of the target groups' names. */
  readonly prefix: string;
  readonly service: string;
  readonly platform: Pick<AwsPlatform, "gateway" | "vpcId">;
  /** Requests whose path starts with this go to the service: "/" or such as "/api". */
  readonly pathPrefix: string;
  /** Answers 200 when a task may have traffic. */
  readonly healthPath: string;
  /** How long requests in flight may go on when a task leaves, in seconds, 0 to 3600. */
  readonly drainSeconds: number;
  /** Place among the listener's rules, 1 to 50000; the lowest that matches wins. */
  readonly priority: number;
}

/** The port that services listen on. */
export const servicePort = 8080;

/**
 * The way from the gateway to a service: two target groups, of which ECS gives traffic now to one and now to the other, the rule of
 * production traffic, and the rule of test traffic, by which a version is asked before it has any other.
 *
 *     new EcsRoutes("sample", { prefix, service: "sample", platform, pathPrefix: "/", healthPath: "/readyz", drainSeconds: 30, priority: 100 });
 *
 * Which group has the traffic is for ECS to say: the rules' weights are not compared, so no later update undoes a shift. Destroying it
 * takes the service off the gateway.
 *
 * @throws pulumi.ResourceError when `<prefix>-<service>-green` is longer than the 32 characters of a target group's name
 */
export class EcsRoutes extends pulumi.ComponentResource {
  readonly blueArn: pulumi.Output<string>;
  readonly greenArn: pulumi.Output<string>;
  /** What CloudWatch knows them by: `targetgroup/<name>/<id>`. */
  readonly blueSuffix: pulumi.Output<string>;
  readonly greenSuffix: pulumi.Output<string>;
  readonly productionRuleArn: pulumi.Output<string>;
  readonly testRuleArn: pulumi.Output<string>;

  constructor(name: string, args: EcsRoutesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:deployments:EcsRoutes", name, {}, opts);
    const { gateway } = args.platform;
    const blue = this.targetGroup(`${name}-blue`, "blue", args);
    const green = this.targetGroup(`${name}-green`, "green", args);
    const rule = (role: string, listenerArn: pulumi.Output<string>) =>
      new ListenerRule(
        `${name}-${role}`,
        {
          listenerArn,
          priority: args.priority,
          conditions: [{ pathPattern: { values: patterns(args.pathPrefix) } }],
          actions: [
            {
              type: "forward",
              forward: {
                targetGroups: [
                  { arn: blue.arn, weight: 100 },
                  { arn: green.arn, weight: 0 },
                ],
              },
            },
          ],
        },
        { parent: this, ignoreChanges: ["actions[0].forward"] },
      );
    this.blueArn = blue.arn;
    this.greenArn = green.arn;
    this.blueSuffix = blue.arnSuffix;
    this.greenSuffix = green.arnSuffix;
    this.productionRuleArn = rule("production", gateway.listenerArn).arn;
    this.testRuleArn = rule("test", gateway.testListenerArn).arn;
    this.registerOutputs({ blueArn: this.blueArn, greenArn: this.greenArn });
  }

  private targetGroup(name: string, colour: "blue" | "green", args: EcsRoutesArgs): TargetGroup {
    const physical = `${args.prefix}-${args.service}-${colour}`;
    if (physical.length > 32) {
      throw faultOf(
        this,
        `The target group's name would be "${physical}", ${physical.length} characters; AWS allows 32. ` +
          `Shorten the prefix "${args.prefix}" or the service's name "${args.service}".`,
      );
    }
    return new TargetGroup(
      name,
      {
        name: physical,
        vpcId: args.platform.vpcId,
        targetType: "ip",
        port: servicePort,
        protocol: "HTTP",
        deregistrationDelay: args.drainSeconds,
        healthCheck: {
          path: args.healthPath,
          protocol: "HTTP",
          matcher: "200",
          interval: 10,
          timeout: 5,
          healthyThreshold: 2,
          unhealthyThreshold: 3,
        },
      },
      { parent: this },
    );
  }
}

/** The paths that start with a prefix, as a listener's rule matches them. */
function patterns(pathPrefix: string): string[] {
  const base = pathPrefix.replace(/\/$/, "");
  return base === "" ? ["/*"] : [base, `${base}/*`];
}
