import { judgeApprovals } from "../../approvals";
import { everywhere, releaseGate } from "../../gate";
import { approvers } from "../../rule";

export const requireHotfixApproval = releaseGate({
  name: "release-require-hotfix-approval",
  displayName: "A hotfix is approved",
  description: "A hotfix has a reason, a ticket, an approver who is not its author, and an end.",
  severity: "critical",
  remediationSteps:
    "Have an approver who did not write the commit sign it: npm run approve -- --action hotfix --reason <text> --ticket <id>.",
  seed: "DevOps engineer, prohibitions: no hotfixes without approval",
  waivable: false,
  environments: everywhere,
  options: { approvers },
  *check(release, { options, now }) {
    if (release["hotfix"] !== true) return;
    yield* judgeApprovals(release, "hotfix", options.approvers, now);
  },
});
