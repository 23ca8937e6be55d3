import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { requireLeastPrivilege as rule } from "../../../../policy/rules/aws/require-least-privilege";
import { accountMayDelegate, document, infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

describe("aws-require-least-privilege", () => {
  itJudges(rule, [
    [
      aws.rolePolicy,
      { policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}' },
      'Policy "start-tasks" allows * in statement 1 of 1. Allowed: actions by name, and kms:ReEncrypt*, kms:GenerateDataKey*. Name them.',
    ],
    [
      aws.policy,
      {
        policy:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":"arn:aws:s3:::logs"}]}',
      },
      'Policy "read-secret" allows s3:* in statement 1 of 1. Allowed: actions by name, and kms:ReEncrypt*, kms:GenerateDataKey*. Name them.',
    ],
    [
      aws.rolePolicy,
      {
        policy:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Sid":"Read","Action":["s3:GetObject","ecr:GetAuthorizationToken"],"Resource":["*"]}]}',
      },
      'Policy "start-tasks" allows s3:GetObject on every resource in statement Read. Allowed: ARNs; * only for actions that know no resource. Name the ARNs.',
    ],
    [
      aws.rolePolicy,
      {
        policy:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:s3:::logs"}]}',
      },
      'Policy "start-tasks" allows all but what NotAction names in statement 1 of 1. Allowed: Action. Name what is allowed.',
    ],
    [
      aws.rolePolicy,
      {
        policy:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role/task"}]}',
      },
      'Policy "start-tasks" hands roles over to any service (iam:PassRole) in statement 1 of 1. Allowed: with a condition on "iam:PassedToService". Add it.',
    ],
    [
      aws.rolePolicy,
      { policy: "{" },
      'Policy "start-tasks" holds a policy document that is no JSON. Allowed: JSON text. Write it with JSON.stringify.',
    ],
    [
      aws.role,
      {
        assumeRolePolicy:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}',
      },
      'Role "task" is open to everyone (Principal *) in statement 1 of 1. Allowed: services, accounts or roles by name. Name them.',
    ],
    [
      aws.role,
      {
        assumeRolePolicy:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:*"}}}]}',
      },
      'Role "task" trusts every token of its identity provider in statement 1 of 1. Allowed: with a condition on ":sub" that names repository and environment. Add it.',
    ],
    [
      aws.role,
      { managedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"] },
      'Role "task" attaches AdministratorAccess, which opens whole services. Allowed: policies that name actions and resources. Write one.',
    ],
    [
      aws.rolePolicyAttachment,
      { policyArn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" },
      'Policy "monitor" attaches AmazonS3FullAccess, which opens whole services. Allowed: policies that name actions and resources. Write one.',
    ],
    [
      aws.key,
      { policy: undefined },
      'Key "secrets" has AWS\'s own policy, which lets every role of the account that may use keys use it. Allowed: a policy of its own. Set policy.',
    ],
    [
      aws.key,
      {
        policy:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"}]}',
      },
      'Key "secrets" is open to everyone (Principal *) in statement 1 of 1. Allowed: services, accounts or roles by name. Name them.',
    ],
    [
      aws.key,
      {
        policy:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/app"},"Action":"kms:*","Resource":"*"}]}',
      },
      'Key "secrets" allows kms:* in statement 1 of 1. Allowed: actions by name, and kms:ReEncrypt*, kms:GenerateDataKey*. Name them.',
    ],
    [
      aws.topicPolicy,
      {
        policy:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"arn"}]}',
      },
      'Policy "alarms-policy" is open to everyone (Principal *) in statement 1 of 1. Allowed: services, accounts or roles by name. Name them.',
    ],
  ]);

  it("refuses users and access keys, whatever they may do", async () => {
    const message = (noun: string) =>
      `${noun} "deployer" has credentials that never end. Allowed: roles, taken by services or by OIDC. Make a role in its place.`;
    assert.deepEqual(await judge(rule, { type: aws.user, name: "deployer", props: {} }), [message("User")]);
    const key = { type: aws.accessKey, name: "deployer", props: {} };
    assert.deepEqual(await judge(rule, key), [message("Access key")]);
  });

  it("lets the account delegate its key, a bound pass of a role, and one repository's tokens", async () => {
    const pass = {
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: "arn:aws:iam::123456789012:role/task",
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    };
    const subject = "token.actions.githubusercontent.com:sub";
    const federated = {
      Effect: "Allow",
      Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { [subject]: "repo:example/slipway:environment:staging" } },
    };
    for (const resource of [
      infrastructure(aws.key, { policy: document(accountMayDelegate) }),
      infrastructure(aws.rolePolicy, { policy: document(pass) }),
      infrastructure(aws.role, { assumeRolePolicy: document(federated) }),
    ]) {
      assert.deepEqual(await judge(rule, resource), []);
    }
  });

  it("takes from its configuration which actions know no resource, which may end in *, and which policies may be attached", async () => {
    const statement = { Effect: "Allow", Action: ["logs:Describe*", "ecs:ListClusters"], Resource: "*" };
    const policy = infrastructure(aws.rolePolicy, { policy: document(statement) });
    const config = { actionsWithoutResource: ["ecs:ListClusters"], actionWildcards: ["logs:Describe*"] };
    assert.equal((await judge(rule, policy)).length, 2);
    assert.deepEqual(await judge(rule, policy, { config }), []);
    const policyArn = "arn:aws:iam::aws:policy/PowerUserAccess";
    const attachment = infrastructure(aws.rolePolicyAttachment, { policyArn });
    assert.deepEqual(await judge(rule, attachment, { config: { allowedPolicies: [policyArn] } }), []);
  });
});
