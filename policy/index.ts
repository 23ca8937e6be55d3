/** The policy pack's entry: lists its rules, and nothing else. Constructing the pack starts its server. */
import { PolicyPack } from "@pulumi/policy";
import { disallowOpenSecurityGroups } from "./rules/aws/disallow-open-security-groups";
import { disallowPublicAccess } from "./rules/aws/disallow-public-access";
import { requireAlarmActions } from "./rules/aws/require-alarm-actions";
import { requireBackups } from "./rules/aws/require-backups";
import { requireCompanions } from "./rules/aws/require-companions";
import { requireDeletionProtection } from "./rules/aws/require-deletion-protection";
import { requireEncryptionAtRest } from "./rules/aws/require-encryption-at-rest";
import { requireEncryptionInTransit } from "./rules/aws/require-encryption-in-transit";
import { requireHealthChecks } from "./rules/aws/require-health-checks";
import { requireLeastPrivilege } from "./rules/aws/require-least-privilege";
import { requireLogs } from "./rules/aws/require-logs";
import { requireRedundancy } from "./rules/aws/require-redundancy";
import { requireRollbackOnFailure } from "./rules/aws/require-rollback-on-failure";
import { disallowPublicWorkers } from "./rules/cloudflare/disallow-public-workers";
import { requireDatabaseProtection } from "./rules/cloudflare/require-database-protection";
import { requireProxiedRecords } from "./rules/cloudflare/require-proxied-records";
import { requireTls } from "./rules/cloudflare/require-tls";
import { requireZoneSettings } from "./rules/cloudflare/require-zone-settings";
import { disallowPlaintextSecretsAnywhere } from "./rules/configuration/disallow-plaintext-secrets";
import { disallowSecretOutputs } from "./rules/configuration/disallow-secret-outputs";
import { disallowTestSettings } from "./rules/configuration/disallow-test-settings";
import { requireDeclaredFlags } from "./rules/configuration/require-declared-flags";
import { requireSecretRotation } from "./rules/configuration/require-secret-rotation";
import { requireTags } from "./rules/configuration/require-tags";
import { disallowRoot } from "./rules/containers/disallow-root";
import { requireHardenedTasks } from "./rules/containers/require-hardened-tasks";
import { disallowPlaintextSecrets } from "./rules/containers/disallow-plaintext-secrets";
import { disallowPrivileged } from "./rules/containers/disallow-privileged";
import { disallowPublicPorts } from "./rules/containers/disallow-public-ports";
import { requireHealthCheck } from "./rules/containers/require-health-check";
import { requireLimits } from "./rules/containers/require-limits";
import { requirePinnedImage } from "./rules/containers/require-pinned-image";
import { requireCurrentDirection } from "./rules/documents/require-current-direction";
import { requireCurrentEnvironmentMatrix } from "./rules/documents/require-current-environment-matrix";
import { requireExercisedRunbooks } from "./rules/documents/require-exercised-runbooks";
import { requireGoLiveChecklist } from "./rules/documents/require-go-live-checklist";
import { listNotEvaluated } from "./rules/pack/list-not-evaluated";
import { listWaivers } from "./rules/pack/list-waivers";
import { disallowDirectStrategy } from "./rules/release/disallow-direct-strategy";
import { disallowHeldVersion } from "./rules/release/disallow-held-version";
import { requireAlarms } from "./rules/release/require-alarms";
import { requireBackup } from "./rules/release/require-backup";
import { requireBake } from "./rules/release/require-bake";
import { requireDeployWindow } from "./rules/release/require-deploy-window";
import { requireEvidence } from "./rules/release/require-evidence";
import { requireGradualSteps } from "./rules/release/require-gradual-steps";
import { requireHotfixApproval } from "./rules/release/require-hotfix-approval";
import { requireKnownRollback } from "./rules/release/require-known-rollback";
import { requireListedMigrations } from "./rules/release/require-listed-migrations";
import { requireMigrationOrder } from "./rules/release/require-migration-order";
import { requireMonitoringWindow } from "./rules/release/require-monitoring-window";
import { requirePreviousVersion } from "./rules/release/require-previous-version";
import { requireRelease } from "./rules/release/require-release";
import { requireRollbackPlan } from "./rules/release/require-rollback-plan";
import { requireRolloutGates } from "./rules/release/require-rollout-gates";
import { requireSmokeTest } from "./rules/release/require-smoke-test";
import { requireSmokeTestBeforeTraffic } from "./rules/release/require-smoke-test-before-traffic";
import { requireStagingFirst } from "./rules/release/require-staging-first";
import { requireStamp } from "./rules/release/require-stamp";

// The list of waivers is first, since they hold for every rule after it; the list of what none could judge is last.
new PolicyPack("slipway", {
  enforcementLevel: "mandatory",
  policies: [
    listWaivers,
    requireEvidence,
    requireSmokeTestBeforeTraffic,
    requireRolloutGates,
    requireStamp,
    disallowDirectStrategy,
    disallowHeldVersion,
    requireAlarms,
    requireBackup,
    requireBake,
    requireDeployWindow,
    requireGradualSteps,
    requireHotfixApproval,
    requireKnownRollback,
    requireListedMigrations,
    requireMigrationOrder,
    requireMonitoringWindow,
    requirePreviousVersion,
    requireRelease,
    requireRollbackPlan,
    requireSmokeTest,
    requireStagingFirst,
    requireCurrentDirection,
    requireCurrentEnvironmentMatrix,
    requireExercisedRunbooks,
    requireGoLiveChecklist,
    disallowPlaintextSecrets,
    disallowPrivileged,
    disallowPublicPorts,
    requireHealthCheck,
    requireLimits,
    requirePinnedImage,
    disallowOpenSecurityGroups,
    disallowPublicAccess,
    requireAlarmActions,
    requireBackups,
    requireCompanions,
    requireDeletionProtection,
    requireEncryptionAtRest,
    requireEncryptionInTransit,
    requireHealthChecks,
    requireLeastPrivilege,
    requireLogs,
    requireRedundancy,
    requireRollbackOnFailure,
    disallowPublicWorkers,
    requireDatabaseProtection,
    requireProxiedRecords,
    requireTls,
    requireZoneSettings,
    disallowPlaintextSecretsAnywhere,
    disallowSecretOutputs,
    disallowTestSettings,
    requireDeclaredFlags,
    requireSecretRotation,
    requireTags,
    disallowRoot,
    requireHardenedTasks,
    listNotEvaluated,
  ],
});
