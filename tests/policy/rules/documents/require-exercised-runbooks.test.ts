import { requireExercisedRunbooks } from "../../../../policy/rules/documents/require-exercised-runbooks";
import { dayFromNow, describeGate, documents } from "../../gates";

const runbooks = (dates: Record<string, string | null>) => ({ documents: { ...documents, runbooks: dates } });
const recent = dayFromNow(-1);
const old = dayFromNow(-100);
const fault = (runbook: string, when: string, days: number): string =>
  `has the runbook docs/runbooks/${runbook}.md, which ${when}. Allowed: within ${days} days. Exercise it, and note the date in docs/runbooks/exercised.json.`;

describeGate(requireExercisedRunbooks, {
  reads: ["documents"],
  onlyInProduction: true,
  broken: {
    "a runbook that is not there": [
      runbooks({ rollback: recent }),
      "has no runbook docs/runbooks/hotfix.md. Allowed: one. Write it, and exercise it.",
    ],
    "one that was exercised too long ago": [
      runbooks({ rollback: recent, hotfix: old }),
      fault("hotfix", `was last exercised on ${old}`, 90),
    ],
    "one that nobody ever exercised": [
      runbooks({ rollback: null, hotfix: recent }),
      fault("rollback", "nobody has exercised", 90),
    ],
  },
});

describeGate(requireExercisedRunbooks, {
  reads: [],
  onlyInProduction: true,
  config: { runbooks: ["failover"], maxAgeDays: 30 },
  compliant: runbooks({ failover: recent }),
  broken: {
    "what the configuration asks for": [
      runbooks({ failover: old }),
      fault("failover", `was last exercised on ${old}`, 30),
    ],
  },
});
