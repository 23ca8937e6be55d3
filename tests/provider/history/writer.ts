/** A process that appends entries to a journal, once its input ends: `writer.ts <file> <count> <service>`. */
import { once } from "node:events";
import { append } from "../../../provider/history/journal";
import { newEntry } from "./entries";

async function main(): Promise<void> {
  const [file = "", count = "", service = ""] = process.argv.slice(2);
  process.stdout.write("ready\n");
  await once(process.stdin.resume(), "end");
  for (let index = 0; index < Number(count); index++) {
    await append(file, newEntry({ service, version: `1.0.${index}` }));
  }
}

void main();
