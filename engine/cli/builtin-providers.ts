import type { Provider } from "../model";

/** The providers that this engine brings, loaded when a program uses them. */
export const BUILTIN_PROVIDERS: Record<string, () => Promise<Provider>> = {
  docker: async () => (await import("../providers/docker/provider")).createDockerProvider(),
  random: async () => new (await import("../providers/random/provider")).RandomProvider(),
};
