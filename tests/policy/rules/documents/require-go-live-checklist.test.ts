import { approvalType } from "../../../../policy/attestation/decision";
import { requireGoLiveChecklist } from "../../../../policy/rules/documents/require-go-live-checklist";
import { commit, makeKey, seal } from "../../compliant";
import { describeGate, documents, hoursAgo } from "../../gates";

const key = makeKey();
const approval = seal(
  {
    ...{ action: "go-live", service: "sample", commit, environment: "production", ticket: "OPS-9" },
    ...{ reason: "every item was seen", signedOn: hoursAgo(1), expiresOn: hoursAgo(-48) },
  },
  key,
  {},
  approvalType,
);
const open = (openChecklistItems?: string[]) => ({ documents: { ...documents, openChecklistItems } });

describeGate(requireGoLiveChecklist, {
  reads: ["documents", "approvals", "author"],
  onlyInProduction: true,
  config: { approvers: { "approver@slipway.example": key.pem } },
  compliant: { approvals: [approval] },
  broken: {
    "no checklist": [
      open(),
      "has no go-live checklist. Allowed: a complete one in docs/deployment/go_live_checklist.md. Write it.",
    ],
    "items that are open": [
      open(["backup confirmed", "alarms seen"]),
      "has 2 open items on the go-live checklist, first: backup confirmed. Allowed: none. Finish them in docs/deployment/go_live_checklist.md.",
    ],
    "no approval": [
      { approvals: [] },
      "has no approval for go-live. Allowed: one for this commit, signed by an approver who is not its author, with reason, ticket and end. Have one signed: npm run approve -- --action go-live --reason <text> --ticket <id>.",
    ],
  },
});
