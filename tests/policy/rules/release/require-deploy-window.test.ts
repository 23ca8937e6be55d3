import { requireDeployWindow } from "../../../../policy/rules/release/require-deploy-window";
import { describeGate } from "../../gates";

const mend = "Allowed: a time at which nothing closes it. Wait, or have a waiver signed.";
const always = "Mon-Sun 00:00-24:00";

describeGate(requireDeployWindow, {
  reads: [],
  onlyInProduction: true,
  config: { allow: [always], deny: [always], timeZone: "Europe/Berlin" },
  compliant: { environment: "nowhere" },
  broken: {
    "what is denied, though it is allowed": [
      { environment: "production" },
      `cannot go out now: ${always} (Europe/Berlin) is denied. ${mend}`,
    ],
  },
});

describeGate(requireDeployWindow, {
  reads: [],
  onlyInProduction: true,
  config: { allow: [always], freezes: ["2020-01-01T00:00:00Z/2120-01-01T00:00:00Z"] },
  compliant: { environment: "nowhere" },
  broken: {
    "a freeze": [
      { environment: "production" },
      `cannot go out now: the freeze 2020-01-01T00:00:00Z/2120-01-01T00:00:00Z holds. ${mend}`,
    ],
  },
});

describeGate(requireDeployWindow, {
  reads: [],
  onlyInProduction: true,
  config: { timeZone: "Europe/Atlantis" },
  compliant: { environment: "nowhere" },
  broken: {
    "a time zone that there is not": [
      { environment: "production" },
      `cannot go out now: there is no time zone "Europe/Atlantis". ${mend}`,
    ],
  },
});
