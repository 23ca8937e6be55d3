import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { Function } from "@pulumi/aws/lambda/function";
import * as pulumi from "@pulumi/pulumi";
import { functionStatements, networkStatements, policy, type Statement, trust } from "../iam";

export interface EcsHookArgs {
  /** Which of `images/hooks`. */
  readonly hook: "backup" | "migration" | "smoke-test";
  /** Start of the function's name. */
  readonly family: string;
  /** What the function's code reads; no secrets. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** What it may do beside its log, traces and failures. */
  readonly statements: pulumi.Input<readonly Statement[]>;
  /** How long what it waits for may take in all, in seconds: with Pulumi waiting, at most the 900 that a call of Lambda may take. */
  readonly timeoutSeconds: number;
  /** Where it runs, for one that talks to the gateway; undefined: outside the network, which is enough for AWS's own interfaces. */
  readonly network:
    | { readonly subnetIds: pulumi.Input<string>[]; readonly securityGroupId: pulumi.Input<string> }
    | undefined;
  readonly operationsKeyArn: pulumi.Input<string>;
  readonly alarmsTopicArn: pulumi.Input<string>;
  readonly logRetentionDays: number;
}

/**
 * A gate of a deployment as a Lambda function, its role and its log. Only one call runs at a time.
 *
 * Destroying it takes the gate away; what it made, such as snapshots, stays.
 */
export class EcsHook extends pulumi.ComponentResource {
  readonly functionArn: pulumi.Output<string>;
  /** For who invokes it directly; known once it may work. */
  readonly functionName: pulumi.Output<string>;

  constructor(name: string, args: EcsHookArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:gates:EcsHook", name, {}, opts);
    const { hook, operationsKeyArn, alarmsTopicArn, network } = args;
    const physical = `${args.family}-${hook}`;
    const log = new LogGroup(
      `${name}-log`,
      {
        name: `/aws/lambda/${physical}`,
        kmsKeyId: operationsKeyArn,
        retentionInDays: args.logRetentionDays,
      },
      { parent: this },
    );
    const role = new Role(
      name,
      {
        name: physical,
        description: `The ${hook} hook of ${args.family}`,
        assumeRolePolicy: trust("lambda.amazonaws.com"),
      },
      { parent: this },
    );
    const permissions = new RolePolicy(
      name,
      {
        name: "work",
        role: role.name,
        policy: pulumi
          .all([log.arn, alarmsTopicArn, operationsKeyArn, args.statements])
          .apply(([logGroupArn, topicArn, keyArn, statements]) =>
            policy([
              ...functionStatements(logGroupArn, topicArn, keyArn),
              ...(network === undefined ? [] : networkStatements),
              ...statements,
            ]),
          ),
      },
      { parent: this },
    );
    const lambda = new Function(
      name,
      {
        name: physical,
        description: `The ${hook} of a deployment`,
        role: role.arn,
        runtime: "nodejs22.x",
        architectures: ["arm64"],
        handler: "index.handler",
        code: new pulumi.asset.FileArchive(`images/hooks/dist/${hook}`),
        memorySize: 256,
        timeout: Math.min(args.timeoutSeconds, 900),
        reservedConcurrentExecutions: 1,
        kmsKeyArn: operationsKeyArn,
        environment: { variables: { ...args.environment, TIMEOUT_SECONDS: String(args.timeoutSeconds) } },
        loggingConfig: { logFormat: "Text", logGroup: log.name },
        tracingConfig: { mode: "Active" },
        deadLetterConfig: { targetArn: alarmsTopicArn },
        ...(network && {
          vpcConfig: { subnetIds: network.subnetIds, securityGroupIds: [network.securityGroupId] },
        }),
      },
      { parent: this, dependsOn: permissions },
    );
    this.functionArn = lambda.arn;
    this.functionName = lambda.name;
    this.registerOutputs({ functionArn: this.functionArn });
  }
}
