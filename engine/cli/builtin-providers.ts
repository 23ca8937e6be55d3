import type { Provider } from "../model";
import type { Cloud } from "../providers/simulated/cloud";
import { CommandError } from "./errors";

/** What is only ever simulated. */
const SIMULATED = ["aws", "cloudflare"] as const;

/**
 * The providers that this engine brings, loaded when a program uses them.
 *
 * @param cloud where what is simulated happens; without one, in a real update, it is refused
 */
export function builtinProviders(cloud: Cloud | undefined): Record<string, () => Promise<Provider>> {
  return {
    docker: async () => (await import("../providers/docker/provider")).createDockerProvider(),
    random: async () => new (await import("../providers/random/provider")).RandomProvider(),
    ...Object.fromEntries(SIMULATED.map((name) => [name, () => simulated(name, cloud)])),
  };
}

async function simulated(name: (typeof SIMULATED)[number], cloud: Cloud | undefined): Promise<Provider> {
  if (!cloud) throw needsCli(name);
  cloud.used = true;
  return new (await import("../providers/simulated/provider")).SimulatedProvider(name, cloud, process.cwd());
}

/** Of what a stack has, the package that is only simulated; undefined where there is none. */
export const simulatedAmong = (packages: Iterable<string>): string | undefined =>
  [...packages].find((name) => SIMULATED.some((each) => each === name));

export const needsCli = (name: string): CommandError =>
  new CommandError(
    `this stack has ${name} resources, and this engine only simulates those: it previews and rehearses them, and changes nothing ` +
      "real. Install the Pulumi CLI (https://www.pulumi.com/docs/install/), log in to the stack's backend, and run this again. " +
      "Nothing was changed.",
  );
