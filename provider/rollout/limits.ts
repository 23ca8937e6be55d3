/** How patient a rollout is, in milliseconds. */
export interface Limits {
  /** How often a bake looks at the servers. */
  tickMs: number;
  /** How often it says how it is going. */
  tellMs: number;
  /** How long a version may take to be healthy before it gets more traffic. */
  gateMs: number;
  /** How long a server may be neither up nor down in a bake. */
  graceMs: number;
  /** How long a bake waits for a gateway that is gone. */
  gatewayMs: number;
  /** How long after a direct shift its downtime is looked for. */
  settleMs: number;
  /** How long an abort tries to give all traffic back. */
  restoreMs: number;
}

export const usualLimits: Limits = {
  ...{ tickMs: 1_000, tellMs: 5_000, gateMs: 5_000, graceMs: 3_000 },
  ...{ settleMs: 1_000, gatewayMs: 30_000, restoreMs: 60_000 },
};
