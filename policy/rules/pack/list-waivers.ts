import { openDecision, waiverSchema, waiverType } from "../../attestation/decision";
import { listOf, textOf } from "../../known";
import { approvers, resourceRule } from "../../rule";
import { activateWaivers, isWaivable, type ActiveWaiver } from "../../waivers";

/** The first of the pack: it activates the waivers that hold, and tells of every one there is. */
export const listWaivers = resourceRule({
  name: "pack-list-waivers",
  displayName: "Waivers are signed, limited and seen",
  description:
    "Every waiver is signed by an approver who is not the author, ends within 30 days, and is told.",
  severity: "medium",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Mend what the rule finds instead; or have an approver sign a new waiver: npm run waive -- --policy <rule> --resource <pattern> --reason <text> --ticket <id>. Remove those that no longer hold from .slipway/waivers.",
  seed: "Safe deployment workflow, step 8: blocking governance violations are resolved before a release is final",
  unknown: "closed",
  waivable: false,
  types: ["slipway:index:Release"],
  options: { approvers },
  *check({ waivers, environment, author }, { options, name, now, tell }) {
    const circumstances = {
      approvers: options.approvers,
      environment: textOf(environment),
      author: textOf(author),
      now,
    };
    const active: ActiveWaiver[] = [];
    for (const [index, envelope] of listOf(waivers).entries()) {
      const subject = `Release "${name}": waivers[${index}]`;
      const opened = openDecision(textOf(envelope), waiverType, waiverSchema, circumstances);
      if (opened.outcome === "refused") {
        yield `${subject} ${opened.why}. Allowed: one signed by an approver other than the author, for this environment, for 30 days at most. Remove it, or have it signed anew.`;
        continue;
      }
      const { policy, resource, reason, ticket, expiresOn } = opened.decision;
      const waivable = isWaivable(policy);
      const what = `${policy} on ${resource}, by ${opened.approver} (${ticket}: ${reason})`;
      if (waivable !== true) {
        yield `${subject} is for ${policy}, which ${waivable === false ? "cannot be waived" : "is no rule"}. Allowed: the name of a rule that can be waived. Remove it.`;
      } else if (opened.outcome === "expired") {
        tell(`Expired at ${expiresOn}, so the rule holds again: ${what}. Remove it.`);
      } else {
        tell(`In force until ${expiresOn}: ${what}.`);
        active.push({ policy, resource, approver: opened.approver, ticket, expiresOn });
      }
    }
    activateWaivers(active);
  },
});
