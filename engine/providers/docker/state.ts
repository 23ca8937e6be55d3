/** The outputs in state: every property of the schema, in the forms that the bridged provider gives them. Pure. */
import type { Properties, Value } from "../../values";
import { isObject, isUnknown } from "../../values";
import { defaultsOf } from "./check";
import { sameValue } from "./schema";
import type { Field, Schema } from "./schema";

/**
 * What the outputs are to be, as far as the inputs tell. What only Docker knows is taken from `known` (the state before an
 * update), and is `otherwise` where that has nothing.
 */
export function plannedOutputs(
  schema: Schema,
  inputs: Properties,
  known: Properties,
  otherwise: Value,
): Properties {
  const outputs: Properties = {};
  for (const [name, field] of Object.entries(schema)) {
    const given = inputs[name];
    if (given !== undefined && given !== null) outputs[name] = filled(field, given);
    else if (field.computed || field.output) outputs[name] = known[name] ?? otherwise;
    else outputs[name] = field.default ?? emptyForm(field);
  }
  return outputs;
}

/** Blocks' lists are empty when unset; everything else is null. */
function emptyForm(field: Field): Value {
  const isCollection = field.kind === "list" || field.kind === "set";
  return isCollection && (field.fields || field.computed || field.output) ? [] : null;
}

/** An input with the parts that the program left out, and without the record of its defaults. */
function filled(field: Field, value: Value): Value {
  if (isUnknown(value) || !field.fields) return value;
  const fields = Object.entries(field.fields);
  const fillObject = (each: Value): Value => {
    if (!isObject(each)) return each;
    return Object.fromEntries(
      fields.map(([name, part]) => {
        const given = each[name];
        if (given !== undefined && given !== null) return [name, filled(part, given)];
        return [name, part.default ?? (part.kind === "string" ? "" : emptyForm(part))];
      }),
    );
  };
  return Array.isArray(value) ? value.map(fillObject) : fillObject(value);
}

/**
 * The outputs after Docker was asked: `actual` has what it told, `prior` what was planned or stored. Where both mean the same,
 * the prior spelling stays ("90s", NET_ADMIN, the program's order), so that neither this provider nor the bridged one sees
 * a difference in it.
 */
export function settledOutputs(schema: Schema, prior: Properties, actual: Properties): Properties {
  const outputs: Properties = {};
  for (const [name, field] of Object.entries(schema)) {
    const [before, now] = [prior[name], actual[name]];
    const isEmpty = before === undefined || before === null;
    if (now === undefined) {
      outputs[name] = isEmpty ? (field.default ?? emptyForm(field)) : before;
    } else if (!sameValue(field, before, now)) {
      outputs[name] = now;
    } else if (isEmpty) {
      const keepsNull = typeof now === "object" && !field.computed && !field.output;
      outputs[name] = keepsNull ? emptyForm(field) : now;
    } else {
      outputs[name] = before;
    }
  }
  return outputs;
}

/** The inputs after a refresh: those that Docker contradicts have its value, and are no defaults any more. */
export function refreshedInputs(inputs: Properties, outputs: Properties, contradicted: string[]): Properties {
  const changed = contradicted.filter((name) => name in inputs);
  return {
    ...inputs,
    ...Object.fromEntries(changed.map((name) => [name, outputs[name] ?? null])),
    __defaults: defaultsOf(inputs).filter((name) => !changed.includes(name)),
  };
}

/** The inputs of something imported: what its state has that is no default. */
export function importedInputs(schema: Schema, outputs: Properties): Properties {
  const inputs: Properties = { __defaults: [] };
  for (const [name, field] of Object.entries(schema)) {
    const value = outputs[name];
    const isDefault = sameValue(field, value, field.default ?? null) || (value === false && !field.default);
    if (!field.output && value !== undefined && !isDefault) inputs[name] = value;
  }
  return inputs;
}
