import { releaseGate } from "../../gate";
import { texts } from "../../rule";
import { closedBy } from "../../window";

export const requireDeployWindow = releaseGate({
  name: "release-require-deploy-window",
  displayName: "Releases go out when somebody is there",
  description:
    "A release goes out in a window that is open, and in no freeze; what denies beats what allows.",
  severity: "medium",
  remediationSteps:
    "Wait until the window opens; or have a waiver signed: npm run waive -- --policy release-require-deploy-window --resource <release> --reason <text> --ticket <id>.",
  seed: "Safe deployment workflow, step 6: schedule during a low-traffic window",
  waivable: true,
  environments: ["production"],
  options: {
    timeZone: { type: "string" as const, description: "IANA time zone of the windows.", default: "UTC" },
    allow: texts('Windows in which releases go out, such as "Mon-Thu 09:00-16:00"; none for always.', []),
    deny: texts('Windows in which none goes out, such as "Fri 12:00-24:00".', []),
    freezes: texts('Times in which none goes out: "<ISO time>/<ISO time>".', []),
  },
  *check(_, { options, now }) {
    const closed = closedBy(options, now);
    if (closed === undefined) return;
    yield `cannot go out now: ${closed}. Allowed: a time at which nothing closes it. Wait, or have a waiver signed.`;
  },
});
