import type { Goal } from "../model";

/** The part of a goal that leaves every option alone. */
export function emptyGoal(): Omit<
  Goal,
  "type" | "name" | "custom" | "inputs" | "dependencies" | "propertyDependencies"
> {
  return {
    providers: {},
    version: "",
    pluginDownloadURL: "",
    ignoreChanges: [],
    replaceOnChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
    customTimeouts: {},
    replaceWith: [],
    hideDiff: [],
    hooks: {},
  };
}
