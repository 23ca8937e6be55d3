import { judgeApprovals } from "../../approvals";
import { releaseGate } from "../../gate";
import { listOf, objectOf, textOf } from "../../known";
import { approvers } from "../../rule";

export const requireGoLiveChecklist = releaseGate({
  name: "documents-require-go-live-checklist",
  displayName: "The go-live checklist is complete and approved",
  description: "Every item of the go-live checklist is done, and an approver has signed for it.",
  severity: "high",
  remediationSteps:
    "Finish the open items of docs/deployment/go_live_checklist.md, then have an approver sign: npm run approve -- --action go-live --reason <text> --ticket <id>.",
  seed: "Deployment direction: production go-live checklist, circulated for approval",
  waivable: true,
  environments: ["production"],
  options: { approvers },
  *check(release, { options, now }) {
    const { openChecklistItems: open } = objectOf(release["documents"]);
    const file = "docs/deployment/go_live_checklist.md";
    if (!Array.isArray(open)) {
      yield `has no go-live checklist. Allowed: a complete one in ${file}. Write it.`;
      return;
    }
    if (open.length > 0) {
      yield `has ${open.length} open items on the go-live checklist, first: ${textOf(listOf(open)[0])}. Allowed: none. Finish them in ${file}.`;
    }
    yield* judgeApprovals(release, "go-live", options.approvers, now);
  },
});
