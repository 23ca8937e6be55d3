/** What policy packs are asked, as messages. */
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import type { AnalyzerResource, EnforcementLevel } from "../model";
import type { PolicyConfig, PolicyDescription } from "./policy-config";
import type { UpdateInfo } from "./program";
import { fromStruct, plainStruct, toStruct } from "./wire";
import type { Encoding } from "./wire";

export const LEVELS: Record<proto.EnforcementLevel, EnforcementLevel> = {
  [proto.EnforcementLevel.ADVISORY]: "advisory",
  [proto.EnforcementLevel.MANDATORY]: "mandatory",
  [proto.EnforcementLevel.DISABLED]: "disabled",
  [proto.EnforcementLevel.REMEDIATE]: "remediate",
};
const LEVEL_NUMBERS = {
  advisory: proto.EnforcementLevel.ADVISORY,
  mandatory: proto.EnforcementLevel.MANDATORY,
  disabled: proto.EnforcementLevel.DISABLED,
  remediate: proto.EnforcementLevel.REMEDIATE,
} satisfies Record<EnforcementLevel, proto.EnforcementLevel>;
export const SEVERITIES: Record<number, string> = {
  [proto.PolicySeverity.POLICY_SEVERITY_LOW]: "low",
  [proto.PolicySeverity.POLICY_SEVERITY_MEDIUM]: "medium",
  [proto.PolicySeverity.POLICY_SEVERITY_HIGH]: "high",
  [proto.PolicySeverity.POLICY_SEVERITY_CRITICAL]: "critical",
};

/** Analyses see no internal properties; remediations answer with all of them, so they see all. */
export const SHOWN = { secrets: true, resources: false, unknowns: true, skipInternal: true };
export const WHOLE = { ...SHOWN, skipInternal: false };

export function stackRequest(info: UpdateInfo): proto.AnalyzerStackConfigureRequest {
  const request = new proto.AnalyzerStackConfigureRequest();
  request.setStack(info.stack);
  request.setProject(info.project);
  request.setOrganization(info.organization);
  request.setDryRun(info.dryRun);
  request.setConfigSecretKeysList([...info.configSecretKeys]);
  for (const [key, value] of info.config) request.getConfigMap().set(key, value);
  return request;
}

export function configureRequest(config: PolicyConfig): proto.ConfigureAnalyzerRequest {
  const request = new proto.ConfigureAnalyzerRequest();
  for (const [policy, { enforcementLevel, properties }] of Object.entries(config)) {
    const settings = new proto.PolicyConfig();
    settings.setEnforcementlevel(LEVEL_NUMBERS[enforcementLevel ?? "advisory"]);
    settings.setProperties(plainStruct(properties));
    request.getPolicyconfigMap().set(policy, settings);
  }
  return request;
}

export function describePolicy(policy: proto.PolicyInfo): PolicyDescription {
  return {
    name: policy.getName(),
    enforcementLevel: LEVELS[policy.getEnforcementlevel()],
    properties: fromStruct(policy.getConfigschema()?.getProperties()),
    required: policy.getConfigschema()?.getRequiredList() ?? [],
  };
}

export function analyzeRequest(resource: AnalyzerResource, encoding: Encoding): proto.AnalyzeRequest {
  return described(new proto.AnalyzeRequest(), resource, encoding);
}

export function stackResource(resource: AnalyzerResource): proto.AnalyzerResource {
  const message = described(new proto.AnalyzerResource(), resource, SHOWN);
  message.setParent(resource.parent ?? "");
  message.setDependenciesList(resource.dependencies ?? []);
  for (const [property, urns] of Object.entries(resource.propertyDependencies ?? {})) {
    if (urns.length === 0) continue;
    const dependencies = new proto.AnalyzerPropertyDependencies();
    dependencies.setUrnsList(urns);
    message.getPropertydependenciesMap().set(property, dependencies);
  }
  return message;
}

function described<Message extends proto.AnalyzeRequest | proto.AnalyzerResource>(
  message: Message,
  { urn, type, name, properties, options, provider }: AnalyzerResource,
  encoding: Encoding,
): Message {
  message.setUrn(urn);
  message.setType(type);
  message.setName(name);
  message.setProperties(toStruct(properties, encoding));
  message.setOptions(resourceOptions(options));
  if (!provider) return message;
  const described = new proto.AnalyzerProviderResource();
  described.setUrn(provider.urn);
  described.setType(provider.type);
  described.setName(provider.name);
  described.setProperties(toStruct(provider.properties, SHOWN));
  message.setProvider(described);
  return message;
}

function resourceOptions(options: AnalyzerResource["options"]): proto.AnalyzerResourceOptions {
  const message = new proto.AnalyzerResourceOptions();
  message.setProtect(options.protect);
  message.setIgnorechangesList(options.ignoreChanges);
  message.setDeletebeforereplace(options.deleteBeforeReplace ?? false);
  message.setDeletebeforereplacedefined(options.deleteBeforeReplace !== undefined);
  message.setAdditionalsecretoutputsList(options.additionalSecretOutputs);
  message.setAliasesList(options.aliases);
  message.setParent(options.parent ?? "");
  const timeouts = new proto.AnalyzerResourceOptions.CustomTimeouts();
  timeouts.setCreate(options.customTimeouts.create ?? 0);
  timeouts.setUpdate(options.customTimeouts.update ?? 0);
  timeouts.setDelete(options.customTimeouts.delete ?? 0);
  message.setCustomtimeouts(timeouts);
  return message;
}
