import assert from "node:assert/strict";
import { deployStatements } from "../../bootstrap/deploy-policy";
import { DeployRole, secretsKeyPolicy, trustPolicy } from "../../bootstrap/deploy-role";
import { ImageRegistry, repositoryPolicy } from "../../bootstrap/image-registry";
import { bucketPolicy, StateStore } from "../../bootstrap/state-store";
import { declaredBy, type Declared } from "../support/mocks";

const deployers = { staging: "111122223333", production: "444455556666" };
const statements = (policy: object) => (policy as { Statement: Record<string, unknown>[] }).Statement;
const inputsOf = (declared: Declared[], type: string) =>
  declared.filter((each) => each.type === type).map(({ inputs }) => inputs);

describe("bootstrap/state-store", function () {
  this.timeout(180_000);

  it("keeps versions, encrypts with its own key, closes itself to the public and to clear text", async () => {
    const declared = await declaredBy(
      () =>
        new StateStore("state", {
          account: "777788889999",
          prefix: "slipway",
          project: "slipway",
          deployers,
        }),
      "shared",
    );
    assert.deepEqual(inputsOf(declared, "aws:s3/bucket:Bucket"), [{ bucket: "slipway-state-777788889999" }]);
    assert.deepEqual(
      declared
        .filter(({ type }) => type.startsWith("aws:s3/bucket"))
        .map(({ type }) => type.split(":")[2])
        .sort(),
      [
        "Bucket",
        "BucketLifecycleConfiguration",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketServerSideEncryptionConfiguration",
        "BucketVersioning",
      ],
    );
    const [key] = inputsOf(declared, "aws:kms/key:Key");
    assert.equal(key?.["enableKeyRotation"], true);
  });

  it("lets a deploy role write its own stack's files alone, and production read staging's state", () => {
    const policy = statements(bucketPolicy("arn:aws:s3:::state", "slipway", deployers));
    const of = (sid: string) => policy.find(({ Sid }) => Sid === sid)?.["Resource"];
    assert.deepEqual(of("Writestaging"), [
      "arn:aws:s3:::state/.pulumi/stacks/slipway/staging.json*",
      "arn:aws:s3:::state/.pulumi/backups/slipway/staging/*",
      "arn:aws:s3:::state/.pulumi/history/slipway/staging/*",
      "arn:aws:s3:::state/.pulumi/locks/organization/slipway/staging/*",
    ]);
    assert.deepEqual(of("Readproduction"), [
      "arn:aws:s3:::state/.pulumi/meta.yaml",
      "arn:aws:s3:::state/.pulumi/stacks/slipway/staging.json",
    ]);
    assert.deepEqual(of("Readstaging"), ["arn:aws:s3:::state/.pulumi/meta.yaml"]);
    assert.deepEqual(policy[0]?.["Condition"], { Bool: { "aws:SecureTransport": "false" } });
  });
});

describe("bootstrap/image-registry", function () {
  this.timeout(180_000);

  it("lets every account pull, staging's role push, and no tag move", async () => {
    const declared = await declaredBy(() => new ImageRegistry("images", { service: "sample", deployers }));
    assert.equal(inputsOf(declared, "aws:ecr/repository:Repository")[0]?.["imageTagMutability"], "IMMUTABLE");
    assert.deepEqual(
      statements(repositoryPolicy(deployers)).map(({ Principal }) => Principal),
      [
        { AWS: ["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"] },
        { AWS: "arn:aws:iam::111122223333:role/github-staging-deploy" },
      ],
    );
  });
});

describe("bootstrap/deploy-role", function () {
  this.timeout(180_000);

  it("is taken by jobs of one repository in one GitHub environment, for an hour", async () => {
    const args = {
      prefix: "slipway",
      environment: "production",
      repository: "acme/shop",
      region: "eu-central-1",
    };
    const declared = await declaredBy(
      () => new DeployRole("deploy", { ...args, account: deployers.production, deployers }),
      "production",
    );
    const [role] = inputsOf(declared, "aws:iam/role:Role");
    assert.equal(role?.["name"], "github-production-deploy");
    assert.equal(role?.["maxSessionDuration"], 3600);
    assert.equal(inputsOf(declared, "aws:iam/accessKey:AccessKey").length, 0);
    assert.deepEqual(statements(trustPolicy("arn:github", "acme/shop", "production"))[0]?.["Condition"], {
      StringEquals: {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:acme/shop:environment:production",
      },
    });
  });

  it("fits what AWS allows for a managed policy, and its sids are letters and digits", () => {
    const scope = {
      account: "444455556666",
      region: "eu-central-1",
      prefix: "slipway",
      environment: "production",
    };
    const all = deployStatements({ ...scope, upstreamAccount: "111122223333" });
    for (const part of Object.values(all)) {
      assert.ok(JSON.stringify({ Version: "2012-10-17", Statement: part }).length <= 6144);
      for (const { Sid } of part) assert.match(Sid, /^[A-Za-z0-9]+$/);
    }
  });

  it("may not touch itself, another environment's roles, or give a role more than monitoring", () => {
    const scope = {
      account: "1".repeat(12),
      region: "eu-central-1",
      prefix: "slipway",
      environment: "staging",
    };
    const { services, network } = deployStatements({ ...scope, upstreamAccount: undefined });
    const iam = [...services, ...network].filter(({ Action }) =>
      Action.some((each) => each.startsWith("iam:")),
    );
    for (const { Sid, Resource } of iam) {
      if (Sid === "ServiceRoles") continue;
      assert.deepEqual(Resource, ["arn:aws:iam::111111111111:role/slipway-staging-*"], Sid);
    }
    assert.equal(
      services.some(({ Sid }) => Sid === "StateBefore"),
      false,
    );
  });

  it("lets nobody but the deployer, and the environment after, use the key of the stack's secrets", () => {
    const using = (readers: string[]) =>
      statements(secretsKeyPolicy("1".repeat(12), "arn:role", readers)).filter(({ Action }) =>
        (Action as string[]).some((each) => each === "kms:Decrypt" || each === "kms:*"),
      );
    assert.deepEqual(
      using([]).map(({ Principal }) => Principal),
      [{ AWS: "arn:role" }],
    );
    assert.deepEqual(
      using(["arn:next"]).map(({ Principal }) => Principal),
      [{ AWS: "arn:role" }, { AWS: ["arn:next"] }],
    );
  });
});
