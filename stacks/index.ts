/** The program's entry, and the only file with side effects: it reads, declares the stack of the selected name, and exports its outputs. */
import * as pulumi from "@pulumi/pulumi";
import { readConfig } from "./config";
import { environments, type Environment } from "./environments";
import { readMemory } from "./memory";
import type { Stack } from "./stack";

/** Each is loaded when it is the one: no stack waits for the SDKs of another. */
const stacks: Readonly<Record<Environment, () => Promise<Stack>>> = {
  local: async () => (await import("./local")).localStack,
  staging: async () => (await import("./staging")).stagingStack,
  production: async () => (await import("./production")).productionStack,
};

async function main() {
  const name = pulumi.getStack();
  const environment = environments.find((each) => each === name);
  if (environment === undefined) {
    throw new pulumi.RunError(
      `There is no stack "${name}" in this project; there are: ${environments.join(", ")}.`,
    );
  }
  const stack = await stacks[environment]();
  const project = pulumi.getProject();
  const organization = pulumi.getOrganization();
  return stack({
    ...{ project, organization, root: pulumi.runtime.getRootDirectory() },
    ...readConfig(project),
    recall: () => readMemory(`${organization}/${project}/${name}`),
  });
}

export = main;
