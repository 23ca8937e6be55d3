import { releaseGate } from "../../gate";
import { objectOf } from "../../known";

export const requireCurrentEnvironmentMatrix = releaseGate({
  name: "documents-require-current-environment-matrix",
  displayName: "The matrix of environments is current",
  description: "The published matrix of variables and secrets is what the configuration says.",
  severity: "medium",
  remediationSteps: "Generate docs/deployment/env_matrix.md anew, and commit it.",
  seed: "Deployment direction: environment variable matrices are maintained under docs/deployment",
  waivable: true,
  environments: ["staging", "production"],
  *check({ documents }) {
    if (objectOf(documents)["environmentMatrixCurrent"] === true) return;
    yield `has a matrix of environments that is missing, or not what the configuration says. Allowed: the generated one. Generate docs/deployment/env_matrix.md anew.`;
  },
});
