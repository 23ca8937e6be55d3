import { aws } from "../../aws";
import { listOf, notKnown, objectOf, textOf } from "../../known";
import { isSet, isTrue, requirementRule } from "../../requirements";

/** TLS 1.2 with forward secrecy and authenticated ciphers, or better: no "Ext" policies. From the list of AWS for application load balancers. */
const strongPolicy = /^ELBSecurityPolicy-TLS13-1-[23](-Res)?(-FIPS)?(-PQ)?-20\d\d-\d\d$/;

/** TLS towards the tasks is not asked for: that way lies inside the VPC, between the gateway's and the service's security group. */
export const requireEncryptionInTransit = requirementRule({
  name: "aws-require-encryption-in-transit",
  displayName: "Data on its way is encrypted",
  description: "Gateways, databases and caches speak TLS 1.2 or better, and nothing else.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Listen on HTTPS with a TLS 1.3 policy, force TLS in the database's parameters, and switch transit encryption on.",
  seed: "DevOps engineer, prohibitions: no security holes",
  waivable: true,
  requirements: [
    {
      type: aws.listener,
      noun: "Listener",
      property: "protocol",
      isMet: (protocol, _, listener) =>
        protocol === "HTTPS" || protocol === "TLS" || redirectsToTls(listener["defaultActions"]),
      fault: "takes requests in the clear",
      allowed: '"HTTPS", or "HTTP" with a redirect to HTTPS as its only action',
      equivalents: ["CKV_AWS_2", "CKV2_AWS_20", "AWS-0054", "KICS-de7f5e83"],
    },
    {
      type: aws.listener,
      noun: "Listener",
      property: "sslPolicy",
      isMet: (policy, _, { protocol }) =>
        (protocol !== "HTTPS" && protocol !== "TLS") || strongPolicy.test(textOf(policy)),
      fault: "offers outdated TLS",
      allowed:
        "ELBSecurityPolicy-TLS13-1-2-Res-2021-06, or another of TLS13-1-2 or TLS13-1-3 that is not Ext",
      equivalents: ["CKV_AWS_103", "CKV2_AWS_74", "AWS-0047"],
    },
    {
      type: aws.loadBalancer,
      noun: "Load balancer",
      property: "dropInvalidHeaderFields",
      isMet: (drops, _, { loadBalancerType }) => drops === true || textOf(loadBalancerType) === "network",
      fault: "passes malformed headers on",
      allowed: "true",
      equivalents: ["CKV_AWS_131", "AWS-0052"],
    },
    {
      type: aws.loadBalancer,
      noun: "Load balancer",
      property: "desyncMitigationMode",
      isMet: (mode) => mode === undefined || mode === "defensive" || mode === "strictest",
      fault: "lets desynchronised requests through",
      allowed: '"defensive" or "strictest"',
      equivalents: ["CKV_AWS_328"],
    },
    {
      type: aws.redis,
      noun: "Redis",
      property: "transitEncryptionEnabled",
      isMet: isTrue,
      fault: "speaks in the clear",
      allowed: "true",
      equivalents: ["CKV_AWS_30", "AWS-0051"],
    },
    {
      type: aws.redis,
      noun: "Redis",
      property: "transitEncryptionMode",
      isMet: (mode) => mode !== "preferred",
      fault: "still speaks in the clear to whoever asks",
      allowed: '"required"',
    },
    {
      type: aws.redis,
      noun: "Redis",
      property: "authToken",
      isMet: (token, _, { userGroupIds }) => isSet(token) || userGroupIds !== undefined,
      unknownFits: true,
      fault: "asks nobody for a password",
      allowed: "a secret, or userGroupIds",
      equivalents: ["CKV_AWS_31"],
    },
    {
      type: aws.database,
      noun: "Database",
      property: "parameterGroupName",
      isMet: (name, _, { engine }) => isSet(name) || textOf(engine) !== "postgres",
      unknownFits: true,
      fault: "runs on AWS's own parameters, so nothing here forces TLS",
      allowed: "a parameter group with rds.force_ssl",
      equivalents: ["CKV2_AWS_69"],
    },
    {
      type: aws.database,
      noun: "Database",
      property: "caCertIdentifier",
      isMet: (authority) =>
        authority === undefined ||
        textOf(authority).startsWith("rds-ca-rsa") ||
        textOf(authority).startsWith("rds-ca-ecc"),
      fault: "shows a certificate of an authority that has expired",
      allowed: '"rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1" or "rds-ca-ecc384-g1"',
      equivalents: ["CKV_AWS_211", "KICS-9f40c07e"],
    },
    {
      type: aws.databaseParameters,
      noun: "Parameter group",
      property: "parameters",
      isMet: (parameters, _, { family }) =>
        !textOf(family).includes("postgres") || listOf(parameters).some(forcesTls),
      fault: "lets clients connect in the clear",
      allowed: '{ name: "rds.force_ssl", value: "1" } among them',
      equivalents: ["CKV2_AWS_69"],
    },
    {
      type: aws.taskDefinition,
      noun: "Task definition",
      property: "volumes",
      isMet: (volumes) => listOf(volumes).every(isEncryptedInTransit),
      fault: "mounts a file system in the clear",
      allowed: 'efsVolumeConfiguration.transitEncryption: "ENABLED" on each',
      mend: "Set it.",
      equivalents: ["CKV_AWS_97", "AWS-0035"],
    },
    {
      type: aws.bucketPolicy,
      noun: "Bucket policy",
      property: "policy",
      isMet: (policy) => /"aws:SecureTransport"\s*:\s*\[?\s*"?false/.test(textOf(policy)),
      fault: "lets requests in the clear through",
      allowed: 'a statement that denies s3:* where "aws:SecureTransport" is "false"',
      mend: "Add it.",
      equivalents: ["CKV_AWS_379"],
    },
  ],
});

function redirectsToTls(actions: unknown): boolean {
  const list = listOf(actions);
  return (
    list.length > 0 &&
    list.every((action) => {
      const { type, redirect } = objectOf(action);
      return type === "redirect" && objectOf(redirect)["protocol"] === "HTTPS";
    })
  );
}

function forcesTls(parameter: unknown): boolean {
  const { name, value } = objectOf(parameter);
  return parameter === notKnown || (name === "rds.force_ssl" && (value === "1" || value === notKnown));
}

function isEncryptedInTransit(volume: unknown): boolean {
  const { efsVolumeConfiguration } = objectOf(volume);
  return (
    efsVolumeConfiguration === undefined ||
    efsVolumeConfiguration === notKnown ||
    objectOf(efsVolumeConfiguration)["transitEncryption"] === "ENABLED"
  );
}
