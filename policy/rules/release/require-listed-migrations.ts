import { releaseGate } from "../../gate";
import { listOf, objectOf, show, textOf } from "../../known";

export const requireListedMigrations = releaseGate({
  name: "release-require-listed-migrations",
  displayName: "Migrations are listed before they run",
  description: "A release lists the migrations that its image brings, each once, with its phase.",
  severity: "high",
  remediationSteps:
    'Declare migrations on the release: the ids in order, each "expand" or "contract"; an empty list for none.',
  seed: "Promotion to production, step 7: list the pending migrations and confirm that only expected ones are",
  waivable: true,
  environments: ["staging", "production"],
  *check({ migrations }) {
    if (!Array.isArray(migrations)) {
      yield `does not list its migrations. Allowed: a list of {id, phase}, empty for none. Declare it.`;
      return;
    }
    const seen = new Set<string>();
    for (const migration of listOf(migrations)) {
      const { id, phase } = objectOf(migration);
      if (seen.has(textOf(id))) yield `lists the migration ${show(id)} twice. Allowed: once. Remove one.`;
      seen.add(textOf(id));
      if (phase !== "expand" && phase !== "contract") {
        yield `lists the migration ${show(id)} with the phase ${show(phase)}. Allowed: "expand" for what only adds, "contract" for what takes away. Split it into the two.`;
      }
    }
  },
});
