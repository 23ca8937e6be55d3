/** `npm run docs`: writes the pages that are made from configuration and code. */
import { writeFileSync } from "node:fs";
import { pages } from "./pages";

async function main(): Promise<void> {
  for (const [path, page] of Object.entries(await pages())) writeFileSync(path, page);
}

void main();
