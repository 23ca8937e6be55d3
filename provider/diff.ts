/** What a change of inputs means: property by property, and whether it makes another resource. Pure. */
import type { DiffKind, DiffResult, PropertyDiff } from "../engine/model";
import type { Properties, Value } from "../engine/values";
import { isObject, unwrapSecrets, valuesEqual } from "../engine/values";
import { pathText } from "./check";
import type { ResourceKind } from "./resource";

/** The difference between what was asked for, or is there, and what is asked for now. */
export function diffResource(
  kind: Pick<ResourceKind<object, object>, "identity" | "drift">,
  oldInputs: Properties,
  oldOutputs: Properties,
  news: Properties,
): DiffResult {
  const wanted = unwrapSecrets(news);
  const detailedDiff: Record<string, PropertyDiff> = {};
  const replaces: string[] = [];
  compare(unwrapSecrets(oldInputs), wanted, [], (path, change) => {
    const [property] = path;
    const replace = typeof property === "string" && kind.identity.includes(property);
    if (replace && !replaces.includes(property)) replaces.push(property);
    detailedDiff[pathText(path)] = { kind: replace ? `${change}-replace` : change, inputDiff: true };
  });
  // A change that is asked for anyway says more than the drift that it ends.
  if (Object.keys(detailedDiff).length === 0) {
    for (const output of kind.drift?.(wanted, unwrapSecrets(oldOutputs)) ?? []) {
      detailedDiff[output] = { kind: "update", inputDiff: false };
    }
  }
  const paths = Object.keys(detailedDiff);
  return {
    changes: paths.length === 0 ? "none" : "some",
    replaces,
    // Two resources of one identity never stand side by side, and the old one serves until the new one does.
    deleteBeforeReplace: false,
    diffs: [...new Set(paths.map((path) => path.replace(/[.[].*/, "")))],
    detailedDiff,
  };
}

type Change = Extract<DiffKind, "add" | "delete" | "update">;
type Path = readonly (string | number)[];

function compare(
  old: Value | undefined,
  now: Value | undefined,
  path: Path,
  report: (path: Path, change: Change) => void,
): void {
  if (valuesEqual(old, now)) return;
  if (isObject(old) && isObject(now)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      compare(old[key], now[key], [...path, key], report);
    }
  } else if (Array.isArray(old) && Array.isArray(now)) {
    for (let index = 0; index < Math.max(old.length, now.length); index++) {
      compare(old[index], now[index], [...path, index], report);
    }
  } else {
    report(path, old === undefined ? "add" : now === undefined ? "delete" : "update");
  }
}
