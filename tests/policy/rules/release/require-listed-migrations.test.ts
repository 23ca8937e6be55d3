import { requireListedMigrations } from "../../../../policy/rules/release/require-listed-migrations";
import { describeGate } from "../../gates";

const unlisted = "does not list its migrations. Allowed: a list of {id, phase}, empty for none. Declare it.";

describeGate(requireListedMigrations, {
  reads: ["migrations"],
  onlyInProduction: true,
  alsoPasses: [{ migrations: [] }],
  broken: {
    "no list": [{ migrations: undefined }, unlisted],
    "something else than a list": [{ migrations: "all" }, unlisted],
    "a migration twice, and one of no phase": [
      {
        migrations: [
          { id: "a", phase: "expand" },
          { id: "a", phase: "both" },
        ],
      },
      'lists the migration "a" twice. Allowed: once. Remove one.',
      'lists the migration "a" with the phase "both". Allowed: "expand" for what only adds, "contract" for what takes away. Split it into the two.',
    ],
  },
});
