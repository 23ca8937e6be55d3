import assert from "node:assert/strict";
import { declareBackbone, large, small, type DeclaredBackbone } from "./aws";

const balancerArn = "arn:aws:lb:eu-central-1:123456789012:loadBalancer/backbone-gateway";

describe("components/backbone/aws-gateway", () => {
  let staging: DeclaredBackbone;
  let production: DeclaredBackbone;

  before(async () => {
    staging = await declareBackbone(small);
    production = await declareBackbone(large);
  });

  it("stands in the public subnets, drops invalid headers and logs what comes", () => {
    assert.deepEqual(staging.one("lb/loadBalancer:LoadBalancer", "gateway"), {
      name: "slipway-staging-gateway",
      loadBalancerType: "application",
      internal: false,
      subnets: ["backbone-network-public-eu-central-1a-id", "backbone-network-public-eu-central-1b-id"],
      securityGroups: ["backbone-security-gateway-id"],
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "defensive",
      enableDeletionProtection: false,
      accessLogs: { bucket: "backbone-gateway-logs-id", prefix: "access", enabled: true },
      connectionLogs: { bucket: "backbone-gateway-logs-id", prefix: "connection", enabled: true },
    });
  });

  it("is protected, and its logs are, in production", () => {
    assert.equal(production.one("lb/loadBalancer:LoadBalancer", "gateway")["enableDeletionProtection"], true);
    assert.equal(production.one("s3/bucket:Bucket", "gateway-logs")["forceDestroy"], false);
    assert.equal(staging.one("s3/bucket:Bucket", "gateway-logs")["forceDestroy"], true);
  });

  it("listens with TLS 1.2 or 1.3 on 443 and 8443, and answers 404 where no service has a rule", () => {
    for (const [name, port] of [
      ["gateway-https", 443],
      ["gateway-test", 8443],
    ] as const) {
      assert.deepEqual(staging.one("lb/listener:Listener", name), {
        loadBalancerArn: balancerArn,
        port,
        protocol: "HTTPS",
        sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        certificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/origin",
        defaultActions: [
          {
            type: "fixed-response",
            fixedResponse: {
              statusCode: "404",
              contentType: "text/plain",
              messageBody: "There is no service here.",
            },
          },
        ],
      });
    }
  });

  it("sends plain HTTP to HTTPS", () => {
    assert.deepEqual(staging.one("lb/listener:Listener", "gateway-http"), {
      loadBalancerArn: balancerArn,
      port: 80,
      protocol: "HTTP",
      defaultActions: [
        { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } },
      ],
    });
  });
});

describe("components/backbone/aws-gateway-logs", () => {
  let staging: DeclaredBackbone;

  before(async () => {
    staging = await declareBackbone(small);
  });

  it("lets only the load balancers of this account write, and nobody without TLS", () => {
    const { policy } = staging.one("s3/bucketPolicy:BucketPolicy", "gateway-logs-policy") as {
      policy: string;
    };
    const arn = "arn:aws:s3:eu-central-1:123456789012:bucket/backbone-gateway-logs";
    assert.deepEqual(JSON.parse(policy), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "OnlyOverTls",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [arn, `${arn}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        {
          Sid: "LoadBalancersOfThisAccountWrite",
          Effect: "Allow",
          Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
          Action: "s3:PutObject",
          Resource: [`${arn}/access/AWSLogs/123456789012/*`, `${arn}/connection/AWSLogs/123456789012/*`],
        },
      ],
    });
  });

  it("is private, encrypted by S3, versioned, without ACLs, and cleared by age", () => {
    const bucket = "backbone-gateway-logs-id";
    assert.equal(
      staging.one("s3/bucket:Bucket", "gateway-logs")["bucket"],
      "slipway-staging-gateway-logs-123456789012",
    );
    assert.deepEqual(
      staging.one("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "gateway-logs-public-access"),
      {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
    );
    assert.deepEqual(
      staging.one("s3/bucketOwnershipControls:BucketOwnershipControls", "gateway-logs-ownership"),
      { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
    );
    assert.deepEqual(
      staging.one(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "gateway-logs-encryption",
      ),
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    );
    assert.deepEqual(staging.one("s3/bucketVersioning:BucketVersioning", "gateway-logs-versioning"), {
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    assert.deepEqual(
      staging.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "gateway-logs-lifecycle"),
      {
        bucket,
        rules: [
          {
            id: "clear-by-age",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: 30 },
            noncurrentVersionExpiration: { noncurrentDays: 7 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
    );
  });
});

describe("components/backbone/aws-web-acl", () => {
  let staging: DeclaredBackbone;

  before(async () => {
    staging = await declareBackbone(small);
  });

  it("limits each caller by the address that Cloudflare tells, then asks AWS's rules", () => {
    const { rules, defaultAction, scope } = staging.one("wafv2/webAcl:WebAcl", "gateway-web-acl") as {
      rules: { name: string; priority: number; statement: Record<string, unknown> }[];
      defaultAction: unknown;
      scope: string;
    };
    assert.deepEqual([scope, defaultAction], ["REGIONAL", { allow: {} }]);
    assert.deepEqual(
      rules.map(({ name, priority }) => [priority, name]),
      [
        [0, "limit-requests"],
        [1, "AWSManagedRulesCommonRuleSet"],
        [2, "AWSManagedRulesKnownBadInputsRuleSet"],
        [3, "AWSManagedRulesSQLiRuleSet"],
      ],
    );
    assert.deepEqual(
      rules.map(({ statement }) => statement),
      [
        {
          rateBasedStatement: {
            limit: 2000,
            evaluationWindowSec: 300,
            aggregateKeyType: "FORWARDED_IP",
            forwardedIpConfig: { headerName: "CF-Connecting-IP", fallbackBehavior: "NO_MATCH" },
          },
        },
        {
          managedRuleGroupStatement: {
            vendorName: "AWS",
            name: "AWSManagedRulesCommonRuleSet",
            ruleActionOverrides: [{ name: "SizeRestrictions_BODY", actionToUse: { count: {} } }],
          },
        },
        ...["KnownBadInputs", "SQLi"].map((group) => ({
          managedRuleGroupStatement: {
            vendorName: "AWS",
            name: `AWSManagedRules${group}RuleSet`,
            ruleActionOverrides: [],
          },
        })),
      ],
    );
  });

  it("stands before the load balancer and logs without credentials", () => {
    const webAclArn = "arn:aws:wafv2:eu-central-1:123456789012:webAcl/backbone-gateway-web-acl";
    assert.deepEqual(
      staging.one("wafv2/webAclAssociation:WebAclAssociation", "gateway-web-acl-association"),
      { resourceArn: balancerArn, webAclArn },
    );
    assert.deepEqual(
      staging.one("wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "gateway-web-acl-logging"),
      {
        resourceArn: webAclArn,
        logDestinationConfigs: [
          "arn:aws:cloudwatch:eu-central-1:123456789012:logGroup/backbone-gateway-web-acl-log",
        ],
        redactedFields: [{ singleHeader: { name: "authorization" } }, { singleHeader: { name: "cookie" } }],
      },
    );
    assert.equal(
      staging.one("cloudwatch/logGroup:LogGroup", "gateway-web-acl-log")["name"],
      "aws-waf-logs-slipway-staging",
    );
  });
});
