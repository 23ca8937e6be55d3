/** What stacks know of themselves and of each other: the outputs of the last successful update. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Upstream } from "../provider/schema/release";
import { noMemory, type StackMemory } from "./target";

/** @param stack the full name of the stack that is being run: `organization/project/stack` */
export async function readMemory(stack: string): Promise<StackMemory> {
  const self = new pulumi.StackReference("last", { name: stack });
  const read = async <Key extends keyof StackMemory>(key: Key): Promise<StackMemory[Key]> => {
    const details: { value?: unknown } = await self.getOutputDetails(key);
    return (details.value as StackMemory[Key] | undefined) ?? noMemory[key];
  };
  const [live, previous, versions, held, workerStableId] = await Promise.all([
    read("live"),
    read("previous"),
    read("versions"),
    read("held"),
    read("workerStableId"),
  ]);
  return { live, previous, versions, held, workerStableId };
}

const upstreamOutputs = z.object({
  live: z.string(),
  versions: z.array(z.object({ version: z.string(), commit: z.string(), image: z.string() })),
  smokePassedAt: z.string().nullish(),
  liveSince: z.string().nullish(),
});

/**
 * What the stack of the environment before runs, and how it proved itself there. Undefined where there is no such stack, where it has
 * deployed nothing, and in a preview without access to its state: the gates judge what is known, and want all of it known.
 *
 * @param stack its full name
 * @param service whose image is meant
 */
export async function readUpstream(stack: string, service: string): Promise<Upstream | undefined> {
  try {
    // As a StackReference reads them; that one would end the program where there is no such stack.
    const token = "pulumi:pulumi:readStackOutputs";
    const { outputs } = (await pulumi.runtime.invoke(token, { name: stack })) as { outputs?: unknown };
    return upstreamOf(stack, service, outputs);
  } catch (error) {
    if (/unknown stack|no stack named|not found/i.test(String(error))) return undefined;
    throw error;
  }
}

/** Reads another stack's outputs; undefined where it has deployed nothing. */
function upstreamOf(stack: string, service: string, outputs: unknown): Upstream | undefined {
  const parsed = upstreamOutputs.safeParse(outputs);
  if (!parsed.success) return undefined;
  const { live, versions, smokePassedAt, liveSince } = parsed.data;
  const released = versions.find(({ version }) => version === live);
  if (released === undefined) return undefined;
  return {
    ...{ stack, version: live, commit: released.commit, images: { [service]: released.image } },
    ...(typeof smokePassedAt === "string" ? { smokePassedAt } : {}),
    ...(typeof liveSince === "string" ? { liveSince } : {}),
  };
}
