/** The inputs of a registration, before anything is decided on them. */
import { randomBytes } from "node:crypto";
import type { CheckFailure, ResourceState } from "../model";
import type { Properties } from "../values";
import { containsSecrets } from "../values";
import { DeploymentStopped } from "./context";
import { ignoreInputs } from "./diff";
import type { Candidate } from "./generator";
import { subjectOf } from "./provider-instance";
import type { Run } from "./run";
import { nameOf } from "./urn";

/** The program's inputs with what `ignoreChanges` names left as it is in the state. */
export function ignoreChangedInputs(run: Run, { goal, urn }: Candidate, old: ResourceState): Properties {
  const { inputs, invalid } = ignoreInputs(goal.inputs, old.inputs ?? {}, goal.ignoreChanges);
  if (invalid.length > 0) {
    const paths = invalid.join(", ");
    run.diagnose("info", `cannot ignore changes in added or removed elements of the path: "${paths}"`, urn);
  }
  return inputs;
}

/** Lets the provider check the inputs and fill in its defaults. @throws DeploymentStopped when it refuses them */
export async function checkInputs(
  run: Run,
  { urn, goal, state, operations }: Candidate,
  olds: Properties,
  news: Properties,
): Promise<void> {
  if (!operations) return;
  const subject = { ...subjectOf(urn), propertyDependencies: goal.propertyDependencies };
  const { inputs, failures } = await operations.check(subject, olds, news, randomBytes(32));
  for (const failure of failures) run.error(describeFailure(state, news, failure), urn);
  if (failures.length > 0) {
    run.stop();
    throw new DeploymentStopped();
  }
  state.inputs = inputs;
}

function describeFailure(state: ResourceState, inputs: Properties, failure: CheckFailure): string {
  const resource = `${state.type} resource '${nameOf(state.urn)}'`;
  if (!failure.property) return `${resource} has a problem: ${failure.reason}`;
  const value = Object.hasOwn(inputs, failure.property) ? inputs[failure.property] : undefined;
  const shown = containsSecrets(value) ? "[secret]" : JSON.stringify(value);
  const held = value === undefined ? "" : ` value ${shown}`;
  return `${resource}: property ${failure.property}${held} has a problem: ${failure.reason}`;
}
