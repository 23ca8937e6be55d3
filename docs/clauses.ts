/** The gating clauses of the project's five source documents, in our words, and what enforces each: rules of the pack by name, or a place outside it. */

export interface Clause {
  readonly document: string;
  readonly clause: string;
  readonly rules: readonly string[];
  /** What no policy can see, and where it is enforced instead. */
  readonly elsewhere?: string;
}

const deployer = "Local deployer";
const devops = "DevOps engineer";
const promotion = "Promotion to production";
const workflow = "Safe deployment workflow";
const direction = "Deployment direction";

const noHoles = [
  "aws-disallow-open-security-groups",
  "aws-disallow-public-access",
  "aws-require-companions",
  "aws-require-encryption-at-rest",
  "aws-require-encryption-in-transit",
  "aws-require-least-privilege",
  "cloudflare-disallow-public-workers",
  "cloudflare-require-proxied-records",
  "cloudflare-require-tls",
  "cloudflare-require-zone-settings",
  "containers-disallow-privileged",
  "containers-disallow-public-ports",
  "containers-disallow-root",
  "containers-require-hardened-tasks",
];
const noSecrets = [
  "configuration-disallow-plaintext-secrets",
  "configuration-disallow-secret-outputs",
  "containers-disallow-plaintext-secrets",
];

export const clauses: readonly Clause[] = [
  {
    document: deployer,
    clause:
      "Backbone, gateway and shared network are there before anything is deployed; else offer to start them, or abort",
    rules: [],
    elsewhere: "set-up and preflight (pipeline/setup); every resource of the service depends on the backbone",
  },
  {
    document: deployer,
    clause: "Dependencies are fresh and the build is clean",
    rules: ["release-require-evidence"],
    elsewhere: "npm ci and the images' content hash (pipeline/setup); the evidence of kind build",
  },
  {
    document: deployer,
    clause: "Migrations are applied",
    rules: ["release-require-listed-migrations", "release-require-migration-order"],
  },
  {
    document: deployer,
    clause: "Containers run the latest configuration, and stay within limits",
    rules: ["containers-require-limits", "containers-require-health-check"],
  },
  {
    document: deployer,
    clause: "Smoke tests pass, and the logs are clean, before anything is pushed",
    rules: ["release-require-smoke-test", "release-require-smoke-test-before-traffic"],
    elsewhere: "the monitor reads the new version's errors (pipeline/monitor)",
  },
  {
    document: devops,
    clause: "No untested code",
    rules: ["release-require-evidence", "release-require-release", "release-require-stamp"],
  },
  { document: devops, clause: "No security holes", rules: noHoles },
  { document: devops, clause: "No hotfix without approval", rules: ["release-require-hotfix-approval"] },
  {
    document: devops,
    clause: "No direct push to production: staging first",
    rules: ["release-require-staging-first"],
  },
  {
    document: devops,
    clause: "Staging and production are configured alike",
    rules: ["configuration-disallow-test-settings", "documents-require-current-environment-matrix"],
    elsewhere: "one program for both (stacks/cloud.ts), and a test that their files have the same keys",
  },
  {
    document: devops,
    clause: "All secrets are in secure variables or vaults, none in code",
    rules: noSecrets,
  },
  {
    document: devops,
    clause: "The smoke test passed in staging",
    rules: ["release-require-staging-first", "release-require-rollout-gates"],
  },
  {
    document: devops,
    clause: "Health checks and alerting are configured",
    rules: [
      "aws-require-alarm-actions",
      "aws-require-health-checks",
      "containers-require-health-check",
      "release-require-alarms",
    ],
  },
  {
    document: devops,
    clause: "The version before is recorded and can be restored",
    rules: ["release-require-previous-version", "release-require-known-rollback"],
  },
  {
    document: devops,
    clause: "The deployment runbook is up to date",
    rules: ["documents-require-exercised-runbooks"],
  },
  {
    document: devops,
    clause: "Production in trouble is back on the version before within five minutes",
    rules: [
      "aws-require-rollback-on-failure",
      "release-require-rollback-plan",
      "release-disallow-held-version",
    ],
    elsewhere: "npm run rollback, and the monitor that runs it by itself; measured by npm run bench:rollout",
  },
  {
    document: promotion,
    clause: "The release branch passed all its quality gates",
    rules: ["release-require-evidence", "release-require-stamp"],
  },
  {
    document: promotion,
    clause:
      "The diff has no accidental change of production, no release address, no secret, no debug or test code",
    rules: ["configuration-disallow-test-settings", ...noSecrets],
    elsewhere: "the plan in the pull request's comment (npm run report -- --markdown); reviewers",
  },
  {
    document: promotion,
    clause: "Only expected migrations are applied to production",
    rules: ["release-require-listed-migrations"],
    elsewhere: "npm run d1 lists a Worker's pending migrations first",
  },
  { document: promotion, clause: "The production smoke test passed", rules: ["release-require-smoke-test"] },
  {
    document: promotion,
    clause: "Homepage, sign-in and core feature work by hand",
    rules: [],
    elsewhere:
      "the canary walks through the three flows every five minutes (components/observability/synthetics.ts)",
  },
  {
    document: promotion,
    clause: "A D1 database can be restored",
    rules: ["cloudflare-require-database-protection"],
    elsewhere: "D1's Time Travel; the runbook of the edge",
  },
  {
    document: promotion,
    clause: "Releases cost no downtime",
    rules: ["aws-require-redundancy", "release-disallow-direct-strategy"],
  },
  {
    document: workflow,
    clause: "1: tests, quality gate and security audit passed; dependencies are current",
    rules: ["release-require-evidence"],
  },
  {
    document: workflow,
    clause: "1: migrations are prepared and tested",
    rules: ["release-require-evidence", "release-require-migration-order"],
  },
  {
    document: workflow,
    clause: "1: environment variables and feature flags are set",
    rules: ["configuration-require-declared-flags"],
    elsewhere: "stacks/config.ts refuses what is missing or of another kind",
  },
  {
    document: workflow,
    clause: "1: nothing goes on when a critical check fails, or is left out",
    rules: [
      "release-require-rollout-gates",
      "release-require-release",
      "aws-require-companions",
      "pack-list-not-evaluated",
    ],
  },
  { document: workflow, clause: "2: the overall quality gate is PASS", rules: ["release-require-evidence"] },
  {
    document: workflow,
    clause: "3: the artifact that was validated is the one deployed",
    rules: ["containers-require-pinned-image", "containers-require-hardened-tasks"],
  },
  {
    document: workflow,
    clause: "4: the database is backed up before its schema changes",
    rules: ["release-require-backup", "aws-require-backups", "aws-require-deletion-protection"],
  },
  { document: workflow, clause: "4: the way back is written down", rules: ["release-require-rollback-plan"] },
  {
    document: workflow,
    clause: "5: the strategy fits the risk",
    rules: ["release-disallow-direct-strategy", "release-require-gradual-steps", "release-require-bake"],
  },
  {
    document: workflow,
    clause: "6: deployments keep to the window of low traffic",
    rules: ["release-require-deploy-window"],
  },
  {
    document: workflow,
    clause: "7: no new errors in the logs, performance as before",
    rules: ["aws-require-logs"],
    elsewhere: "analysis within the rollout, and the monitor after it",
  },
  {
    document: workflow,
    clause: "8: governance violations are resolved before a release is final",
    rules: ["pack-list-waivers"],
  },
  {
    document: workflow,
    clause: "9: the new version is watched for 30 to 60 minutes",
    rules: ["release-require-monitoring-window"],
  },
  {
    document: workflow,
    clause: "10: what was deployed, when and by whom is recorded",
    rules: ["configuration-require-tags"],
    elsewhere: "the DeploymentRecord and its chained history (npm run history)",
  },
  {
    document: direction,
    clause: "Pipelines are gated on evidence: Vitest, Playwright, Lighthouse",
    rules: ["release-require-evidence"],
  },
  {
    document: direction,
    clause: "Secrets are managed and rotated by plan",
    rules: ["configuration-require-secret-rotation"],
  },
  {
    document: direction,
    clause: "The matrix of environments and secrets is current",
    rules: ["documents-require-current-environment-matrix"],
  },
  {
    document: direction,
    clause: "Staging is on par with production's toggles",
    rules: ["configuration-disallow-test-settings", "configuration-require-declared-flags"],
  },
  {
    document: direction,
    clause: "Rollback and hotfix procedures are exercised",
    rules: ["documents-require-exercised-runbooks"],
  },
  {
    document: direction,
    clause: "The direction has an owner and has not expired",
    rules: ["documents-require-current-direction"],
  },
  {
    document: direction,
    clause: "The go-live checklist is complete and approved",
    rules: ["documents-require-go-live-checklist"],
  },
  {
    document: direction,
    clause:
      "Only the deployer and the releaser push to the main branch; documents of direction are the manager's",
    rules: [],
    elsewhere: "branch protection and code owners of the repository's host",
  },
];
