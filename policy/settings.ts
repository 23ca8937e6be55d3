/** The settings that a resource hands to the code it runs, wherever it writes them; all of them can be read by whoever may look at the resource. */
import { aws } from "./aws";
import { cloudflare } from "./cloudflare";
import { containerType } from "./container";
import { listOf, objectOf, textOf, type Properties } from "./known";
import { containersOf } from "./task-definition";

export interface Setting {
  readonly name: string;
  readonly value: string;
  /** Where it is written: `environment.variables`. */
  readonly place: string;
}

export const settingTypes = [
  containerType,
  aws.taskDefinition,
  aws.function,
  aws.canary,
  cloudflare.workerVersion,
] as const;

/** The settings of a resource of one of `settingTypes`. */
export function settingsOf(type: string, resource: Properties): Setting[] {
  const pairs = (value: unknown, place: string): Setting[] =>
    Object.entries(objectOf(value)).map(([name, text]) => ({ name, value: textOf(text), place }));
  const named = (list: unknown, place: string, value = "value"): Setting[] =>
    listOf(list).map((entry) => {
      const one = objectOf(entry);
      return { name: textOf(one["name"]), value: textOf(one[value]), place };
    });
  switch (type) {
    case containerType:
      return listOf(resource["envs"]).map((entry) => {
        const [name = "", ...rest] = textOf(entry).split("=");
        return { name, value: rest.join("="), place: "envs" };
      });
    case aws.taskDefinition:
      return containersOf(resource).flatMap((container) =>
        named(container["environment"], `the environment of container "${textOf(container["name"])}"`),
      );
    case aws.function:
      return pairs(objectOf(resource["environment"])["variables"], "environment.variables");
    case aws.canary:
      return pairs(objectOf(resource["runConfig"])["environmentVariables"], "runConfig.environmentVariables");
    case cloudflare.workerVersion:
      return named(
        listOf(resource["bindings"]).filter((binding) => objectOf(binding)["type"] === "plain_text"),
        "its plain_text bindings",
        "text",
      );
    default:
      return [];
  }
}
