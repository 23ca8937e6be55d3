/** Images of the sample service that misbehave, or that bring migrations of their own: made for a benchmark or a test, removed after it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
import { buildImage } from "../pipeline/setup/build";

/** What is wrong with a variant. The health check and the gateway's preview route see a service that is well, but for the first two. */
export type Fault =
  | { readonly kind: "none" }
  /** `/readyz` answers 503 for ever. */
  | { readonly kind: "never-healthy" }
  /** `/` answers 500, while the health check is well. */
  | { readonly kind: "smoke" }
  /** This many percent of the users' requests are answered with 500. */
  | { readonly kind: "errors"; readonly amount: number }
  /** This many milliseconds more at every user's request. */
  | { readonly kind: "slow"; readonly amount: number }
  /** Ends with 1 this many seconds after its start. */
  | { readonly kind: "crash"; readonly amount: number }
  /** Keeps this many MiB of every user's request. */
  | { readonly kind: "leak"; readonly amount: number };

/** A migration beyond those of the sample: `900_add_colour`, and its SQL. */
export interface ExtraMigration {
  readonly id: string;
  readonly phase: "expand" | "contract";
  readonly up: string;
  readonly down: string;
}

/** Good: a column more, which the versions before do not mind. */
export const expandMigration: ExtraMigration = {
  id: "900_add_colour",
  phase: "expand",
  up: "ALTER TABLE entries ADD COLUMN colour text;",
  down: "ALTER TABLE entries DROP COLUMN colour;",
};
/** Good: drops that column again; a version that used it cannot come back. */
export const contractMigration: ExtraMigration = {
  id: "901_drop_colour",
  phase: "contract",
  up: "ALTER TABLE entries DROP COLUMN colour;",
  down: "ALTER TABLE entries ADD COLUMN colour text;",
};
/** Fails after it has changed something, which its transaction takes back. */
export const failingMigration: ExtraMigration = {
  id: "902_fail",
  phase: "expand",
  up: "DELETE FROM entries; SELECT * FROM no_such_table;",
  down: "SELECT 1;",
};

export class Variants {
  private readonly docker = new Docker();
  private readonly references = new Set<string>();

  /**
   * @param base the sample service's image, by id or name
   * @param folder where the builds' output goes
   */
  constructor(
    private readonly base: string,
    private readonly folder: string,
  ) {}

  /** The id of an image with this fault and these migrations; another `content` makes another image of the same behaviour. */
  async build(fault: Fault, migrations: readonly ExtraMigration[] = [], content = ""): Promise<string> {
    const files = {
      "fault.js": readFileSync(join(process.cwd(), "bench/variant/fault.js"), "utf8"),
      "fault.json": JSON.stringify({ ...fault, content }),
      ...Object.fromEntries(
        migrations.flatMap(({ id, phase, up, down }) => [
          [`migrations/${id}.up.sql`, `-- phase: ${phase}\n${up}\n`],
          [`migrations/${id}.down.sql`, `-- phase: ${phase}\n${down}\n`],
        ]),
      ),
    };
    const hash = createHash("sha256")
      .update(JSON.stringify([this.base, files]))
      .digest("hex")
      .slice(0, 16);
    const reference = `slipway-variant/${fault.kind}:${hash}`;
    const dockerfile = readFileSync(join(process.cwd(), "bench/variant/Dockerfile"), "utf8");
    await buildImage(this.docker, {
      reference,
      base: this.base,
      files: Object.entries({ ...files, Dockerfile: dockerfile }).map(([path, text]) => ({
        path,
        content: Buffer.from(text),
        executable: false,
      })),
      log: join(this.folder, `image-${fault.kind}.log`),
    });
    this.references.add(reference);
    return (await this.docker.getImage(reference).inspect()).Id;
  }

  async remove(): Promise<void> {
    for (const reference of this.references) await this.docker.getImage(reference).remove({ force: true });
  }
}
