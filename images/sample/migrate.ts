/**
 * The database's migrations, from the command line: `node migrate.js run [expand|contract] | revert | list`. What the phases are is told
 * in migrations.ts; without one, all that is pending runs.
 */
import { join } from "node:path";
import { readPostgresConfig } from "./config";
import { reason } from "./log";
import { readMigrations } from "./migrations";
import { list, revert, run } from "./migrator";

async function main(command: string | undefined, phase: string | undefined): Promise<string[]> {
  if (command !== "run" && command !== "revert" && command !== "list") {
    throw new Error(`unknown command "${command ?? ""}"; use run, revert or list`);
  }
  if (phase !== undefined && !(command === "run" && (phase === "expand" || phase === "contract"))) {
    throw new Error(`unknown argument "${phase}"; use run, run expand, run contract, revert or list`);
  }
  const config = readPostgresConfig(process.env);
  const migrations = readMigrations(join(__dirname, "migrations"));
  switch (command) {
    case "run": {
      const ids = await run(config, migrations, phase);
      return ids.length > 0 ? ids.map((id) => `applied ${id}`) : ["nothing to apply"];
    }
    case "revert": {
      const id = await revert(config, migrations);
      return [id ? `reverted ${id}` : "nothing to revert"];
    }
    case "list":
      return (await list(config, migrations)).map(({ id, phase, state, appliedAt }) =>
        [state, phase.padEnd(8), id, appliedAt?.toISOString() ?? ""].join(" ").trimEnd(),
      );
  }
}

main(process.argv[2], process.argv[3]).then(
  (lines) => process.stdout.write(`${lines.join("\n")}\n`),
  (error: unknown) => {
    process.stderr.write(`migrate: ${reason(error)}\n`);
    process.exitCode = 1;
  },
);
