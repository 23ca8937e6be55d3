import { requireCurrentEnvironmentMatrix } from "../../../../policy/rules/documents/require-current-environment-matrix";
import { describeGate, documents } from "../../gates";

const fault =
  "has a matrix of environments that is missing, or not what the configuration says. Allowed: the generated one. Generate docs/deployment/env_matrix.md anew.";

describeGate(requireCurrentEnvironmentMatrix, {
  reads: ["documents"],
  onlyInProduction: true,
  broken: {
    "a matrix that is stale": [{ documents: { ...documents, environmentMatrixCurrent: false } }, fault],
    "no matrix": [{ documents: undefined }, fault],
  },
});
