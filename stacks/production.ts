/** Production: takes only what proved itself in staging; the policy pack sees to that. */
import { cloudStack } from "./cloud";

export const productionStack = cloudStack("production", "staging");
