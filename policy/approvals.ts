/** Has an approver approved this release for an action? */
import {
  approvalSchema,
  approvalType,
  openDecision,
  type Approval,
  type Approvers,
} from "./attestation/decision";
import { listOf, textOf, type Properties } from "./known";

/** Yields nothing when one approval holds; else what is wrong with each that there is. */
export function* judgeApprovals(
  release: Properties,
  action: Approval["action"],
  approvers: Approvers,
  now: Date,
): Generator<string> {
  const { approvals, environment, author, service, commit } = release;
  const circumstances = { approvers, environment: textOf(environment), author: textOf(author), now };
  const faults: string[] = [];
  for (const [index, envelope] of listOf(approvals).entries()) {
    const opened = openDecision(textOf(envelope), approvalType, approvalSchema, circumstances);
    const say = (why: string): number => faults.push(`approvals[${index}] ${why}`);
    if (opened.outcome === "refused") say(opened.why);
    else if (opened.decision.action !== action) continue;
    else if (opened.decision.commit !== commit || opened.decision.service !== service) {
      say(`is for ${opened.decision.service} at commit ${opened.decision.commit.slice(0, 12)}`);
    } else if (opened.outcome === "expired") say(`expired at ${opened.decision.expiresOn}`);
    else return;
  }
  const found = faults.length === 0 ? "" : ` (${faults.join("; ")})`;
  yield `has no approval for ${action}${found}. Allowed: one for this commit, signed by an approver who is not its author, with reason, ticket and end. Have one signed: npm run approve -- --action ${action} --reason <text> --ticket <id>.`;
}
