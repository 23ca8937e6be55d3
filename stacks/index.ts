/** The program's entry, and the only file with side effects: it reads, declares the stack of the selected name, and exports its outputs. */
import * as pulumi from "@pulumi/pulumi";
import { loadConfig } from "./config";
import { localStack } from "./local";
import { readRelease, type LastOutputs } from "./release";

function main() {
  const stack = pulumi.getStack();
  const project = pulumi.getProject();
  if (stack !== "local") {
    throw new pulumi.RunError(`There is no stack "${stack}" in this project; there is: local.`);
  }
  const config = loadConfig(project);
  const facts = readRelease(pulumi.runtime.getRootDirectory());
  // A stack may read its own outputs: they are those of its last successful update.
  const self = new pulumi.StackReference("last", { name: `${pulumi.getOrganization()}/${project}/${stack}` });
  const last = pulumi
    .all([self.getOutput("live"), self.getOutput("previous")] as pulumi.Output<string | null>[])
    .apply(([live, previous]): LastOutputs => ({ live: live ?? null, previous: previous ?? null }));
  return localStack(project, config, facts, last);
}

export = main();
