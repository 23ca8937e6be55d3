/** Where policy packs have their say. */
import type {
  AnalyzerResource,
  EngineEvent,
  Goal,
  PolicyDiagnostic,
  PolicyPack,
  ResourceState,
} from "../model";
import type { Properties } from "../values";
import type { Run } from "./run";
import { messageOf } from "./run";
import { makeUrn, nameOf, STACK_TYPE, typeOf } from "./urn";

type Tell = (event: EngineEvent) => void;

/**
 * Remediations of all packs, one after the other, each on what the last has left. Changes the state's inputs.
 * @throws Error when a pack fails
 */
export async function remediate(run: Run, goal: Goal, state: ResourceState, tell: Tell): Promise<void> {
  for (const pack of run.context.packs) {
    const resource = describe(run, goal, state, state.inputs ?? {});
    for (const remediation of await answerOf(pack, pack.remediate(resource))) {
      const { policyName, policyPackName, policyPackVersion, description, diagnostic } = remediation;
      const { urn, inputs: before = {} } = state;
      if (diagnostic) {
        const policy = { policyName, policyPackName, policyPackVersion, description, urn };
        const advice: PolicyDiagnostic = { ...policy, message: diagnostic, enforcementLevel: "advisory" };
        tell({ kind: "policy-violation", diagnostic: advice });
      } else {
        state.inputs = remediation.properties ?? {};
        tell({ kind: "policy-remediation", remediation, urn, before, after: state.inputs });
      }
    }
  }
}

/**
 * Remediations, then the analysis by all packs at once. False when a mandatory policy forbids the resource; a preview tells of it, and
 * goes on.
 * @throws Error when a pack fails
 */
export async function applyPolicies(run: Run, goal: Goal, state: ResourceState): Promise<boolean> {
  const { packs, events } = run.context;
  if (packs.length === 0) return true;
  await remediate(run, goal, state, events);
  const resource = describe(run, goal, state, withoutInternals(state.inputs ?? {}));
  const violations = await Promise.all(packs.map((pack) => answerOf(pack, pack.analyze(resource))));
  const forbidden = violations.flat().map((violation) => report(run, { ...violation, urn: state.urn }));
  return run.dryRun || !forbidden.includes(true);
}

/** The stack policies, over the outputs of everything registered in this run. A mandatory violation fails the deployment. */
export async function applyStackPolicies(run: Run): Promise<void> {
  const { packs, stack, project } = run.context;
  if (packs.length === 0) return;
  const resources = [...run.news.values()].map((state): AnalyzerResource => {
    const outputs = withoutInternals(state.outputs ?? {});
    const { parent, dependencies = [], propertyDependencies = {} } = state;
    return {
      ...describe(run, run.goals.get(state.urn), state, outputs),
      ...(parent !== undefined && { parent }),
      dependencies,
      propertyDependencies,
    };
  });
  const stackUrn = makeUrn(stack, project, undefined, STACK_TYPE, `${project}-${stack}`);
  await Promise.all(
    packs.map(async (pack) => {
      for (const diagnostic of await answerOf(pack, pack.analyzeStack(resources))) {
        const urn = run.news.has(diagnostic.urn) ? diagnostic.urn : stackUrn;
        report(run, { ...diagnostic, urn });
      }
    }),
  );
}

/** True for a violation that fails the deployment; what a remediation could not mend is one. */
function report(run: Run, diagnostic: PolicyDiagnostic): boolean {
  const enforcementLevel =
    diagnostic.enforcementLevel === "remediate" ? "mandatory" : diagnostic.enforcementLevel;
  run.context.events({ kind: "policy-violation", diagnostic: { ...diagnostic, enforcementLevel } });
  if (enforcementLevel !== "mandatory") return false;
  run.failed = true;
  return true;
}

async function answerOf<T>(pack: PolicyPack, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new Error(`policy pack ${pack.name} failed: ${messageOf(error)}`, { cause: error });
  }
}

/** Properties whose names begin with "__" are the engine's: remediations must keep them, analyses do not see them. */
const withoutInternals = (properties: Properties): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([key]) => !key.startsWith("__")));

function describe(
  run: Run,
  goal: Goal | undefined,
  state: ResourceState,
  properties: Properties,
): AnalyzerResource {
  const { urn, type, parent, aliases = [] } = state;
  const provider = state.provider === undefined ? undefined : run.providerResource(state.provider);
  return {
    urn,
    type,
    name: nameOf(urn),
    properties,
    options: {
      protect: state.protect ?? false,
      ignoreChanges: state.ignoreChanges ?? [],
      ...(goal?.deleteBeforeReplace !== undefined && { deleteBeforeReplace: goal.deleteBeforeReplace }),
      additionalSecretOutputs: state.additionalSecretOutputs ?? [],
      aliases,
      customTimeouts: state.customTimeouts ?? {},
      ...(parent !== undefined && { parent }),
    },
    ...(provider && {
      provider: {
        urn: provider.urn,
        type: typeOf(provider.urn),
        name: nameOf(provider.urn),
        properties: provider.inputs ?? {},
      },
    }),
  };
}
