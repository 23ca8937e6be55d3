import { disallowDirectStrategy } from "../../../../policy/rules/release/disallow-direct-strategy";
import { describeGate } from "../../gates";

const mend = "Allowed: blue-green, canary, rolling. Set slipway:strategy.";

describeGate(disallowDirectStrategy, {
  reads: ["strategy"],
  onlyInProduction: true,
  alsoPasses: [{ strategy: { kind: "blue-green" } }, { strategy: { kind: "rolling" } }],
  broken: {
    "a direct deployment": [{ strategy: { kind: "direct" } }, `has the strategy "direct". ${mend}`],
    "no strategy": [{ strategy: undefined }, `has the strategy (none). ${mend}`],
  },
});

describeGate(disallowDirectStrategy, {
  reads: [],
  onlyInProduction: true,
  config: { allowedStrategies: ["canary"] },
  broken: {
    "a strategy that the configuration does not allow": [
      { strategy: { kind: "rolling" } },
      'has the strategy "rolling". Allowed: canary. Set slipway:strategy.',
    ],
  },
});
