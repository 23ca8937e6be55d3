import { requireBake } from "../../../../policy/rules/release/require-bake";
import { describeGate } from "../../gates";

const short = (seconds: string, least: number): string =>
  `bakes for ${seconds} seconds. Allowed: ${least} or more. Set bakeSeconds in slipway:strategy.`;

describeGate(requireBake, {
  reads: ["strategy"],
  onlyInProduction: true,
  alsoPasses: [{ strategy: { kind: "canary", bakeSeconds: 60 } }],
  broken: {
    "a short bake": [{ strategy: { kind: "canary", bakeSeconds: 59 } }, short("59", 60)],
    "no bake": [{ strategy: { kind: "rolling" } }, short("(none)", 60)],
    "a text": [{ strategy: { kind: "canary", bakeSeconds: "600" } }, short('"600"', 60)],
  },
});

describeGate(requireBake, {
  reads: [],
  onlyInProduction: true,
  config: { minBakeSeconds: 300 },
  broken: {
    "a bake shorter than configured": [{ strategy: { kind: "canary", bakeSeconds: 299 } }, short("299", 300)],
  },
});
