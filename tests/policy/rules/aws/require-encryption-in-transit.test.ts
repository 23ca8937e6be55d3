import assert from "node:assert/strict";
import { aws } from "../../../../policy/aws";
import { requireEncryptionInTransit as rule } from "../../../../policy/rules/aws/require-encryption-in-transit";
import { infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

describe("aws-require-encryption-in-transit", () => {
  itJudges(rule, [
    [
      aws.listener,
      { protocol: "HTTP" },
      'Listener "https" takes requests in the clear (protocol: "HTTP"). Allowed: "HTTPS", or "HTTP" with a redirect to HTTPS as its only action. Set protocol.',
    ],
    [
      aws.listener,
      { sslPolicy: "ELBSecurityPolicy-2016-08" },
      'Listener "https" offers outdated TLS (sslPolicy: "ELBSecurityPolicy-2016-08"). Allowed: ELBSecurityPolicy-TLS13-1-2-Res-2021-06, or another of TLS13-1-2 or TLS13-1-3 that is not Ext. Set sslPolicy.',
    ],
    [
      aws.listener,
      { sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06" },
      'Listener "https" offers outdated TLS (sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06"). Allowed: ELBSecurityPolicy-TLS13-1-2-Res-2021-06, or another of TLS13-1-2 or TLS13-1-3 that is not Ext. Set sslPolicy.',
    ],
    [
      aws.loadBalancer,
      { dropInvalidHeaderFields: undefined },
      'Load balancer "internal-gateway" passes malformed headers on (dropInvalidHeaderFields: (none)). Allowed: true. Set dropInvalidHeaderFields.',
    ],
    [
      aws.loadBalancer,
      { desyncMitigationMode: "monitor" },
      'Load balancer "internal-gateway" lets desynchronised requests through (desyncMitigationMode: "monitor"). Allowed: "defensive" or "strictest". Set desyncMitigationMode.',
    ],
    [
      aws.redis,
      { transitEncryptionEnabled: undefined },
      'Redis "redis" speaks in the clear (transitEncryptionEnabled: (none)). Allowed: true. Set transitEncryptionEnabled.',
    ],
    [
      aws.redis,
      { transitEncryptionMode: "preferred" },
      'Redis "redis" still speaks in the clear to whoever asks (transitEncryptionMode: "preferred"). Allowed: "required". Set transitEncryptionMode.',
    ],
    [
      aws.redis,
      { authToken: undefined },
      'Redis "redis" asks nobody for a password (authToken: (none)). Allowed: a secret, or userGroupIds. Set authToken.',
    ],
    [
      aws.database,
      { parameterGroupName: undefined },
      'Database "postgres" runs on AWS\'s own parameters, so nothing here forces TLS (parameterGroupName: (none)). Allowed: a parameter group with rds.force_ssl. Set parameterGroupName.',
    ],
    [
      aws.database,
      { caCertIdentifier: "rds-ca-2019" },
      'Database "postgres" shows a certificate of an authority that has expired (caCertIdentifier: "rds-ca-2019"). Allowed: "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1" or "rds-ca-ecc384-g1". Set caCertIdentifier.',
    ],
    [
      aws.databaseParameters,
      { parameters: [{ name: "rds.force_ssl", value: "0" }] },
      'Parameter group "postgres-settings" lets clients connect in the clear (parameters: [{"name":"rds.force_ssl","value":"0"}]). Allowed: { name: "rds.force_ssl", value: "1" } among them. Set parameters.',
    ],
    [
      aws.taskDefinition,
      { volumes: [{ name: "files", efsVolumeConfiguration: { fileSystemId: "fs-1" } }] },
      'Task definition "sample-task" mounts a file system in the clear (volumes: [{"name":"files","efsVolumeConfiguration":{"fileSystemId":"fs-1"}}]). Allowed: efsVolumeConfiguration.transitEncryption: "ENABLED" on each. Set it.',
    ],
    [
      aws.bucketPolicy,
      { policy: '{"Version":"2012-10-17","Statement":[]}' },
      'Bucket policy "logs-policy" lets requests in the clear through (policy: "{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[]}"). Allowed: a statement that denies s3:* where "aws:SecureTransport" is "false". Add it.',
    ],
  ]);

  it("lets a listener in the clear pass that only redirects to HTTPS", async () => {
    const redirect = { type: "redirect", redirect: { protocol: "HTTPS", port: "443" } };
    const listener = (...defaultActions: object[]) =>
      infrastructure(aws.listener, { protocol: "HTTP", sslPolicy: undefined, defaultActions });
    assert.deepEqual(await judge(rule, listener(redirect)), []);
    assert.equal((await judge(rule, listener(redirect, { type: "forward" }))).length, 1);
  });

  it("takes users in place of a password for Redis", async () => {
    const redis = infrastructure(aws.redis, { authToken: undefined, userGroupIds: ["services"] });
    assert.deepEqual(await judge(rule, redis), []);
  });
});
