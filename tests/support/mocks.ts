/** Records what components declare, in place of an engine. */
import * as pulumi from "@pulumi/pulumi";

export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/**
 * Runs `program` under Pulumi's mocks and answers what it declared (its dependencies resolved), in order of registration: a
 * resource comes after all that it uses.
 * Calls of functions fail: no component may look anything up, but for those that `outputs` answers, by token.
 *
 * @param outputs what only the real provider would add, by type
 */
export async function declaredBy(
  program: () => unknown,
  stack = "local",
  outputs: Readonly<Record<string, Record<string, unknown>>> = {},
): Promise<Declared[]> {
  const declared: Declared[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        declared.push({ type, name, inputs: inputs as Record<string, unknown> });
        return {
          id: id === undefined || id === "" ? `${name}-id` : id,
          state: { ...outputsOf(type, name), ...(inputs as object), ...outputs[type] },
        };
      },
      call: ({ token }) => {
        const answer = outputs[token];
        if (answer !== undefined) return answer;
        throw new Error(`a component called ${token}`);
      },
    },
    "slipway",
    stack,
  );
  await pulumi.runtime.runInPulumiStack(async () => void program());
  await pulumi.runtime.disconnect();
  return declared;
}

/** What only the real provider would add, everywhere. */
function outputsOf(type: string, name: string): Record<string, unknown> {
  if (type === "random:index/randomPassword:RandomPassword") return { result: "generated" };
  const [, service, kind] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
  return service === undefined
    ? {}
    : { arn: `arn:aws:${service}:eu-central-1:123456789012:${String(kind)}/${name}` };
}
