/** The stack's memory: its own outputs, as its last successful update left them. */
import * as pulumi from "@pulumi/pulumi";
import { noMemory, type StackMemory } from "./target";

/** @param stack the full name of the stack that is being run: `organization/project/stack` */
export async function readMemory(stack: string): Promise<StackMemory> {
  const self = new pulumi.StackReference("last", { name: stack });
  const read = async <Key extends keyof StackMemory>(key: Key): Promise<StackMemory[Key]> => {
    const details: { value?: unknown } = await self.getOutputDetails(key);
    return (details.value as StackMemory[Key] | undefined) ?? noMemory[key];
  };
  const [live, previous, versions, held] = await Promise.all([
    read("live"),
    read("previous"),
    read("versions"),
    read("held"),
  ]);
  return { live, previous, versions, held };
}
