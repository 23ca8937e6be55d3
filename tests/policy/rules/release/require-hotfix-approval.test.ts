import { approvalType, type Approval } from "../../../../policy/attestation/decision";
import { requireHotfixApproval } from "../../../../policy/rules/release/require-hotfix-approval";
import { commit, makeKey, seal } from "../../compliant";
import { describeGate, hoursAgo } from "../../gates";

const key = makeKey();
const stranger = makeKey();
const mend =
  "Allowed: one for this commit, signed by an approver who is not its author, with reason, ticket and end. Have one signed: npm run approve -- --action hotfix --reason <text> --ticket <id>.";

function approval(changes: Partial<Approval> = {}, by = key): string {
  const content = {
    ...{ action: "hotfix", service: "sample", commit, environment: "production" },
    ...{ reason: "checkout is down since noon", ticket: "OPS-7" },
    ...{ signedOn: hoursAgo(1), expiresOn: hoursAgo(-1), ...changes },
  };
  return seal(content, by, {}, approvalType);
}

describeGate(requireHotfixApproval, {
  config: { approvers: { "approver@slipway.example": key.pem } },
  compliant: { hotfix: true, approvals: [approval()] },
  reads: ["hotfix", "approvals", "author", "commit", "service"],
  alsoPasses: [
    { hotfix: false, approvals: [] },
    { approvals: [approval({ action: "release" }), approval()] },
  ],
  broken: {
    "a hotfix without approval": [{ approvals: [] }, `has no approval for hotfix. ${mend}`],
    "an approval for something else": [
      { approvals: [approval({ action: "go-live" })] },
      `has no approval for hotfix. ${mend}`,
    ],
    "the author's own approval": [
      { author: "approver@slipway.example" },
      `has no approval for hotfix (approvals[0] is signed by approver@slipway.example, who wrote the commit). ${mend}`,
    ],
    "a stranger's approval": [
      { approvals: [approval({}, stranger)] },
      `has no approval for hotfix (approvals[0] is signed by key ${stranger.id.slice(0, 12)}, which is no approver's). ${mend}`,
    ],
    "an approval of another commit": [
      { approvals: [approval({ commit: "f".repeat(40) })] },
      `has no approval for hotfix (approvals[0] is for sample at commit ffffffffffff). ${mend}`,
    ],
    "an approval that has ended": [
      {
        approvals: [
          approval({ expiresOn: "2026-01-02T00:00:00.000Z", signedOn: "2026-01-01T00:00:00.000Z" }),
        ],
      },
      `has no approval for hotfix (approvals[0] expired at 2026-01-02T00:00:00.000Z). ${mend}`,
    ],
    "an approval without a ticket": [
      { approvals: [approval({ ticket: "" })] },
      `has no approval for hotfix (approvals[0] says nothing that holds (ticket: Too small: expected string to have >=1 characters)). ${mend}`,
    ],
  },
});
