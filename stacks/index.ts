/** The program's entry, and the only file with side effects: it reads, declares the stack of the selected name, and exports its outputs. */
import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config";
import { localStack } from "./local";
import { readMemory } from "./memory";
import { readRelease } from "./release";

async function main() {
  const stack = pulumi.getStack();
  const project = pulumi.getProject();
  if (stack !== "local") {
    throw new pulumi.RunError(`There is no stack "${stack}" in this project; there is: local.`);
  }
  const config = loadConfig(project);
  const facts = readRelease(pulumi.runtime.getRootDirectory());
  const memory = await readMemory(`${pulumi.getOrganization()}/${project}/${stack}`);
  return localStack(project, config, facts, memory);
}

export = main;
