import { LogGroup } from "@pulumi/aws/cloudwatch";
import * as wafv2 from "@pulumi/aws/wafv2";
import * as pulumi from "@pulumi/pulumi";
import type { LogStorage } from "./aws-platform";

export interface AwsWebAclArgs {
  readonly prefix: string;
  /** The load balancer it stands before. */
  readonly resourceArn: pulumi.Input<string>;
  readonly logs: LogStorage;
}

/** A caller who sends more in five minutes is blocked until it sends less. */
const requestsPerFiveMinutes = 2000;

/**
 * AWS's rule groups by name, in the order in which they are asked, with the rules that only count. Bodies above 8 KiB are the services' own
 * business. Not among them: the groups that judge the caller's address (CKV2_AWS_76 asks for one), since that is always Cloudflare's.
 */
const managedGroups: [name: string, countOnly: string[]][] = [
  ["AWSManagedRulesCommonRuleSet", ["SizeRestrictions_BODY"]],
  ["AWSManagedRulesKnownBadInputsRuleSet", []],
  ["AWSManagedRulesSQLiRuleSet", []],
];

/**
 * The web application firewall before the gateway: AWS's rules for common attacks, and a limit of 2,000 requests in five minutes for each caller, who is
 * known by the header that Cloudflare sets. What it did is in the log group `aws-waf-logs-<prefix>`, without credentials.
 */
export class AwsWebAcl extends pulumi.ComponentResource {
  constructor(name: string, args: AwsWebAclArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:backbone:AwsWebAcl", name, args, opts);
    const metric = (role: string) => ({
      metricName: `${args.prefix}-${role}`,
      cloudwatchMetricsEnabled: true,
      sampledRequestsEnabled: false,
    });
    const acl = new wafv2.WebAcl(
      name,
      {
        name: `${args.prefix}-gateway`,
        description: "Before the gateway",
        scope: "REGIONAL",
        defaultAction: { allow: {} },
        rules: [
          {
            name: "limit-requests",
            priority: 0,
            action: { block: { customResponse: { responseCode: 429 } } },
            statement: {
              rateBasedStatement: {
                limit: requestsPerFiveMinutes,
                evaluationWindowSec: 300,
                aggregateKeyType: "FORWARDED_IP",
                forwardedIpConfig: { headerName: "CF-Connecting-IP", fallbackBehavior: "NO_MATCH" },
              },
            },
            visibilityConfig: metric("limit-requests"),
          },
          ...managedGroups.map(([group, countOnly], index) => ({
            name: group,
            priority: index + 1,
            overrideAction: { none: {} },
            statement: {
              managedRuleGroupStatement: {
                vendorName: "AWS",
                name: group,
                ruleActionOverrides: countOnly.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
              },
            },
            visibilityConfig: metric(group),
          })),
        ],
        visibilityConfig: metric("gateway"),
      },
      { parent: this },
    );
    // WAF writes only to log groups of such a name.
    const log = new LogGroup(
      `${name}-log`,
      { name: `aws-waf-logs-${args.prefix}`, ...args.logs },
      { parent: this },
    );
    new wafv2.WebAclLoggingConfiguration(
      `${name}-logging`,
      {
        resourceArn: acl.arn,
        logDestinationConfigs: [log.arn],
        redactedFields: [{ singleHeader: { name: "authorization" } }, { singleHeader: { name: "cookie" } }],
      },
      { parent: this },
    );
    new wafv2.WebAclAssociation(
      `${name}-association`,
      { resourceArn: args.resourceArn, webAclArn: acl.arn },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
