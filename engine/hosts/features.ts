/** What this engine tells programs of itself and of the deployment. */
import { DeploymentInfo, ResourceMonitorFeature } from "@pulumi/pulumi/proto/resource_pb";
import type { UpdateInfo } from "./program";

/** What works, by SupportsFeature's ids and by the enumeration that newer SDKs ask for. */
const FEATURES: Record<string, number> = {
  secrets: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_SECRETS,
  resourceReferences: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
  outputValues: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
  aliasSpecs: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
  replacementTrigger: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
  deletedWith: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
  replaceWith: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
  transforms: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
  invokeTransforms: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
  resourceHooks: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
};

export const isSupported = (feature: string): boolean => Object.hasOwn(FEATURES, feature);

export function deploymentInfo(info: UpdateInfo): DeploymentInfo {
  const message = new DeploymentInfo()
    .setProject(info.project)
    .setStack(info.stack)
    .setOrganization(info.organization)
    .setConfigsecretkeysList([...info.configSecretKeys])
    .setDryrun(info.dryRun)
    .setParallel(info.parallel)
    .setSupportedfeaturesList(Object.values(FEATURES));
  for (const [key, value] of info.config) message.getConfigMap().set(key, value);
  return message;
}
