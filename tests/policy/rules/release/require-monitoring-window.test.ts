import { requireMonitoringWindow } from "../../../../policy/rules/release/require-monitoring-window";
import { describeGate } from "../../gates";

const outside = (seconds: string): string =>
  `is watched for ${seconds} seconds. Allowed: 1800 to 3600. Set seconds in slipway:monitor.`;

describeGate(requireMonitoringWindow, {
  reads: ["monitorSeconds"],
  onlyInProduction: true,
  alsoPasses: [{ monitorSeconds: 3600 }],
  broken: {
    "a window that is too short": [{ monitorSeconds: 1799 }, outside("1799")],
    "one that is too long": [{ monitorSeconds: 3601 }, outside("3601")],
    none: [{ monitorSeconds: undefined }, outside("(none)")],
  },
});

describeGate(requireMonitoringWindow, {
  reads: [],
  onlyInProduction: true,
  config: { minMinutes: 45, maxMinutes: 90 },
  compliant: { monitorSeconds: 5400 },
  broken: {
    "a window outside of what is configured": [
      { monitorSeconds: 1800 },
      "is watched for 1800 seconds. Allowed: 2700 to 5400. Set seconds in slipway:monitor.",
    ],
  },
});
