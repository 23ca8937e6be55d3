import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { deployStatements } from "./deploy-policy";
import { deployRoleName, reads } from "./state-store";

export interface DeployRoleArgs {
  /** The AWS account that it is in. */
  readonly account: pulumi.Input<string>;
  /** Start of the names of what the environment's stack makes. */
  readonly prefix: string;
  readonly environment: string;
  /** `owner/name` on GitHub. */
  readonly repository: string;
  readonly region: string;
  /** Accounts by environment. */
  readonly deployers: Readonly<Record<string, string>>;
}

const issuer = "token.actions.githubusercontent.com";

/**
 * Who deploys an environment: a role that jobs of one GitHub repository take, in the GitHub environment of the same name, for an hour. There is
 * no key to leak. Branches and reviewers are that GitHub environment's rules (docs/deployment/cloud.md).
 *
 * Beside it the KMS key that encrypts the secrets of that environment's stack. The environment after it may decrypt with it, since an engine
 * decrypts all of a state to read its outputs; its role has to be there first.
 */
export class DeployRole extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** For `pulumi stack init --secrets-provider`. */
  readonly secretsProvider: pulumi.Output<string>;

  constructor(name: string, args: DeployRoleArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:bootstrap:DeployRole", name, args, opts);
    const parent = { parent: this };
    const guarded = { parent: this, protect: true };
    const account = pulumi.output(args.account);
    const github = new aws.iam.OpenIdConnectProvider(
      `${name}-github`,
      { url: `https://${issuer}`, clientIdLists: ["sts.amazonaws.com"] },
      parent,
    );
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: deployRoleName(args.environment),
        description: `GitHub Actions of ${args.repository} deploy ${args.environment}`,
        maxSessionDuration: 3600,
        assumeRolePolicy: github.arn.apply((arn) =>
          JSON.stringify(trustPolicy(arn, args.repository, args.environment)),
        ),
      },
      guarded,
    );
    const key = new aws.kms.Key(
      `${name}-secrets-key`,
      {
        description: `Encrypts the secrets of the stack ${args.environment}`,
        enableKeyRotation: true,
        policy: pulumi
          .all([account, role.arn])
          .apply(([id, arn]) => JSON.stringify(secretsKeyPolicy(id, arn, readersOf(args)))),
      },
      guarded,
    );
    const alias = new aws.kms.Alias(
      `${name}-secrets-alias`,
      { name: `alias/${args.prefix}-${args.environment}-stack`, targetKeyId: key.id },
      parent,
    );
    // Two managed policies: one has room for 6,144 characters.
    const statements = account.apply((id) =>
      deployStatements({
        ...{ account: id, region: args.region, prefix: args.prefix, environment: args.environment },
        upstreamAccount: args.deployers[reads[args.environment] ?? ""],
      }),
    );
    for (const part of ["network", "services"] as const) {
      const policy = new aws.iam.Policy(
        `${name}-${part}`,
        {
          name: `${deployRoleName(args.environment)}-${part}`,
          policy: statements.apply((all) => JSON.stringify({ Version: "2012-10-17", Statement: all[part] })),
        },
        parent,
      );
      new aws.iam.RolePolicyAttachment(`${name}-${part}`, { role: role.name, policyArn: policy.arn }, parent);
    }
    this.arn = role.arn;
    this.secretsProvider = pulumi.interpolate`awskms://${alias.name}?region=${args.region}`;
    this.registerOutputs({ arn: this.arn, secretsProvider: this.secretsProvider });
  }
}

/** A job of this repository in the GitHub environment of this name, and nothing else. */
export function trustPolicy(provider: string, repository: string, environment: string): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: provider },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: "sts.amazonaws.com",
            [`${issuer}:sub`]: `repo:${repository}:environment:${environment}`,
          },
        },
      },
    ],
  };
}

/** The deploy roles of the environments that read this one. */
function readersOf({ environment, deployers }: DeployRoleArgs): string[] {
  return Object.entries(deployers)
    .filter(([each]) => reads[each] === environment)
    .map(([each, id]) => `arn:aws:iam::${id}:role/${deployRoleName(each)}`);
}

export function secretsKeyPolicy(account: string, role: string, readers: readonly string[]): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Administrators",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: [
          "kms:Create*",
          "kms:Describe*",
          "kms:Enable*",
          "kms:Get*",
          "kms:List*",
          "kms:Put*",
          "kms:Update*",
        ],
        Resource: "*",
      },
      {
        Sid: "KeyCanGo",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ["kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:TagResource", "kms:UntagResource"],
        Resource: "*",
      },
      {
        Sid: "Deployer",
        Effect: "Allow",
        Principal: { AWS: role },
        Action: ["kms:Decrypt", "kms:Encrypt", "kms:DescribeKey"],
        Resource: "*",
      },
      ...(readers.length === 0
        ? []
        : [
            {
              Sid: "EnvironmentAfter",
              Effect: "Allow",
              Principal: { AWS: readers },
              Action: ["kms:Decrypt"],
              Resource: "*",
            },
          ]),
    ],
  };
}
