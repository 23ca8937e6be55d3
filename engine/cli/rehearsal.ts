import type { Cloud } from "../providers/simulated/cloud";

/** Set by `rehearse` alone: what is updated is simulated, in this cloud. */
export const rehearsal: { cloud?: Cloud } = {};
