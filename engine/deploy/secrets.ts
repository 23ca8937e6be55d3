/** Keeps secret what is secret, whatever a provider does with it. Pure. */
import type { Properties, Value } from "../values";
import { containsSecrets, isObject, isSecret, makeSecret, signatureOf, unwrapSecrets } from "../values";

/** For a provider that takes no secrets. */
export const bare = (properties: Properties): Properties =>
  containsSecrets(properties) ? unwrapSecrets(properties) : properties;

/** The answer of a provider that was given `bare` inputs, with every property marked secret whose namesake among the inputs is. */
export function markLikeInputs(outputs: Properties, inputs: Properties): Properties {
  if (!containsSecrets(inputs)) return outputs;
  const marked: Properties = { ...outputs };
  for (const [key, input] of Object.entries(inputs)) {
    const output = Object.hasOwn(outputs, key) ? outputs[key] : undefined;
    if (output === undefined) continue;
    if (isPlainObject(output) && isPlainObject(input)) marked[key] = markLikeInputs(output, input);
    else if (containsSecrets(input)) marked[key] = makeSecret(output);
  }
  return marked;
}

/** A finished step's outputs: what `additionalSecretOutputs` names is secret, and what is a secret input. */
export function markOutputs(
  outputs: Properties,
  inputs: Properties,
  additionalSecretOutputs: string[],
): Properties {
  const names = Object.entries(outputs)
    .filter(([key, value]) => {
      const asked = additionalSecretOutputs.includes(key) && key !== "id";
      return !isSecret(value) && (asked || (Object.hasOwn(inputs, key) && isSecret(inputs[key])));
    })
    .map(([key]) => key);
  if (names.length === 0) return outputs;
  const marked = { ...outputs };
  for (const name of names) marked[name] = makeSecret(outputs[name] ?? null);
  return marked;
}

const isPlainObject = (value: Value): value is Properties =>
  isObject(value) && signatureOf(value) === undefined;
