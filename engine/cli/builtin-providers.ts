import type { Provider } from "../model";

/** The providers that this engine brings, loaded when a program uses them. */
export const BUILTIN_PROVIDERS: Record<string, () => Promise<Provider>> = {
  random: async () => new (await import("../providers/random/provider")).RandomProvider(),
};
