/** `npm run golden`: writes the plans of both stacks anew, for a review to read what changed. */
import { writeFileSync } from "node:fs";
import { goldenFile, planOf, planText } from "./plan";

async function main(): Promise<void> {
  for (const environment of ["staging", "production"] as const) {
    writeFileSync(goldenFile(environment), planText(await planOf(environment)));
  }
}

void main();
