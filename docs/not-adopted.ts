/** Checks of Checkov, Trivy and KICS for the types this program uses that the pack does not have, and why. */
export const notAdopted: readonly (readonly [ids: string, what: string, why: string])[] = [
  [
    "CKV_AWS_378 (target groups)",
    "TLS from the gateway to the tasks",
    "the way lies inside the VPC, between two security groups that name each other",
  ],
  [
    "CKV_AWS_145, AWS-0132",
    "buckets under a key of ours",
    "load balancers can write only to buckets with S3's own keys; all others have one",
  ],
  ["CKV_AWS_18, AWS-0089", "access logs of buckets", "the buckets are logs themselves"],
  [
    "CKV_AWS_144",
    "replication of buckets to another region",
    "logs and canary runs are not worth a second region",
  ],
  ["CKV2_AWS_62", "event notifications of buckets", "nothing acts on them"],
  ["AWS-0170, KICS-c5b31ab9", "MFA delete", "only the root user can switch it on, which no stack runs as"],
  [
    "CKV_AWS_19, AWS-0088, KICS-6726dcc0",
    "buckets are encrypted",
    "S3 encrypts every object since January 2023",
  ],
  [
    "CKV_AWS_115",
    "reserved concurrency of functions",
    "hooks run a few times a deployment; a reserve is taken from all others",
  ],
  ["CKV_AWS_117", "functions in a VPC", "those that call AWS alone gain nothing by it"],
  ["CKV_AWS_272", "signed code of functions", "the state holds the digest of the code that was reviewed"],
  ["CKV_AWS_50, AWS-0066", "tracing of functions", "a choice of cost, not of safety"],
  [
    "CKV_AWS_116",
    "dead-letter queues of functions",
    "hooks are called and answered by ECS, which fails the deployment itself",
  ],
  [
    "CKV_AWS_161, AWS-0176, KICS-88fd05e0",
    "IAM authentication of databases",
    "services sign in by a password that RDS rotates; IAM is an option beside it",
  ],
  [
    "CKV_AWS_226, CKV_AWS_322, KICS-3b6d777b",
    "minor versions by themselves",
    "set by the components; not a gate of a release",
  ],
  ["CKV_AWS_224", "ECS Exec under a key", "ECS Exec is refused altogether"],
  [
    "CKV_AWS_51, CKV_AWS_163, AWS-0030, AWS-0031",
    "scans and fixed tags of image repositories",
    "repositories are made outside these stacks; images are named by digest",
  ],
  [
    "CKV_AWS_192, CKV2_AWS_76",
    "WAF rules for one vulnerability",
    "contained in AWS's group of known bad inputs, which the gateway has",
  ],
  ["CKV2_AWS_5", "security groups in use", "an unused group opens nothing"],
  [
    "CKV_AWS_9 to 15, AWS-0056 to 0063, AWS-0140 to 0146",
    "passwords and users of the account",
    "the account's settings are not this program's; users are refused",
  ],
  [
    "AWS-0147 to 0160, AWS-0174",
    "alarms on CloudTrail events",
    "belong to the account's baseline, made once",
  ],
  [
    "CKV_AWS_130 (public subnets), AWS-0053",
    "public subnets and load balancers",
    "adopted; the gateway is named in publicLoadBalancers",
  ],
  [
    "KICS-6b610c50",
    "limits on processor time of containers",
    "the docker provider has shares only; ECS tasks have cpu",
  ],
  ["KICS-bc2908f3", "ports under 1024", "the gateway listens on 8080 and above on a machine"],
  [
    "DS-0005 to DS-0029 (others), CKV_DOCKER_1 to 11 (others)",
    "how Dockerfiles are written",
    "images are built without Dockerfiles, from pinned inputs (images/)",
  ],
];
