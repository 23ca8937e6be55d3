import { releaseGate } from "../../gate";
import { show } from "../../known";
import { amount } from "../../rule";

export const requireMonitoringWindow = releaseGate({
  name: "release-require-monitoring-window",
  displayName: "A release is watched",
  description: "After a deployment the new version is watched for 30 to 60 minutes.",
  severity: "high",
  remediationSteps: "Set seconds in slipway:monitor to a value from 1800 to 3600.",
  seed: "Safe deployment workflow, step 9: monitor closely for 30-60 minutes",
  waivable: true,
  environments: ["production"],
  options: {
    minMinutes: amount("The shortest window, in minutes.", 0, 30),
    maxMinutes: amount("The longest window, in minutes: nobody watches for ever.", 1, 60),
  },
  *check({ monitorSeconds }, { options: { minMinutes, maxMinutes } }) {
    const minutes = Number(monitorSeconds) / 60;
    if (minutes >= minMinutes && minutes <= maxMinutes) return;
    yield `is watched for ${show(monitorSeconds)} seconds. Allowed: ${minMinutes * 60} to ${maxMinutes * 60}. Set seconds in slipway:monitor.`;
  },
});
