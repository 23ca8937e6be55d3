/** Decides how a resource that the program only reads is read. */
import type { ProviderReference, ResourceState } from "../model";
import { claimUrn, findOld } from "./alias";
import type { ReadGoal } from "./context";
import type { Plan } from "./generator";
import type { Run } from "./run";

/** What the engine managed under this URN, with another ID, is replaced by what is read: it is deleted at the end. */
export function planRead(run: Run, goal: ReadGoal, provider: ProviderReference): Plan {
  const { type, name, id, parent } = goal;
  const urn = claimUrn(run, type, name, parent);
  if (id === "") throw new Error(`the read of ${urn} needs an ID`);
  const { old } = findOld(run, { urn, type, name, ...(parent !== undefined && { parent }) }, []);
  const { inputs, dependencies, additionalSecretOutputs, sourcePosition, stackTrace } = goal;
  const state: ResourceState = {
    urn,
    custom: true,
    id,
    type,
    inputs,
    ...(parent !== undefined && { parent }),
    external: true,
    ...(dependencies.length > 0 && { dependencies }),
    provider,
    ...(additionalSecretOutputs.length > 0 && { additionalSecretOutputs }),
    ...(sourcePosition !== undefined && { sourcePosition }),
    ...(stackTrace && { stackTrace }),
  };
  run.operated.add(urn);
  if (!old || old.external || old.id === id) {
    return { steps: [{ op: "read", new: state, ...(old && { old }), logical: true }], state };
  }
  run.replaced.add(urn);
  return {
    steps: [
      { op: "read-replacement", old, new: state, mode: "keep-old", logical: false },
      { op: "replace", old, new: state, logical: true },
    ],
    state,
  };
}
