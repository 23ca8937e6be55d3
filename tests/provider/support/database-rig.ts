/** Postgres with a volume for dumps, and images of the sample service with other migrations, on real Docker. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import Docker from "dockerode";
import { pack } from "tar-stream";
import { ImagesManifest } from "../../../images/manifest";
import { runOnce } from "../../../provider/one-off";
import type { Context } from "../../../provider/resource";
import type { BackupInputs } from "../../../provider/schema/backup";
import type { MigrationInputs } from "../../../provider/schema/migration";
import { poll } from "../../../provider/wait";
import { contextOf, FakeGateway } from "./fake-gateway";

const run = promisify(execFile);

/** Migrations by id: phase and way up. The way down is the same for all. */
export type Migrations = Record<string, [phase: "expand" | "contract", sql: string]>;

export class DatabaseRig {
  readonly docker = new Docker();
  readonly prefix = `slipway-test-gates-${randomBytes(4).toString("hex")}`;
  /** In no output, list of processes or message. */
  readonly canary = `canary-${randomBytes(8).toString("hex")}`;
  readonly cancel = new AbortController();
  readonly context: Context & { said: string[] };
  private readonly images = ImagesManifest.parse(JSON.parse(readFileSync(".slipway/images.json", "utf8")))
    .images;
  private readonly built: string[] = [];

  constructor() {
    this.context = { ...contextOf(new FakeGateway(), this.cancel.signal), runOnce };
  }

  get postgres(): string {
    return `${this.prefix}-postgres`;
  }
  get sample(): string {
    return this.images.sample.reference;
  }
  get postgresImage(): string {
    return this.images.postgres.reference;
  }

  async start(): Promise<void> {
    await this.docker.createNetwork({ Name: this.prefix, CheckDuplicate: true });
    const container = await this.docker.createContainer({
      name: this.postgres,
      Image: this.postgresImage,
      User: "postgres",
      Cmd: ["postgres", "-c", "shared_buffers=32MB", "-c", "fsync=off"],
      Env: ["POSTGRES_USER=app", "POSTGRES_DB=book", `POSTGRES_PASSWORD=${this.canary}`],
      Volumes: { "/var/lib/postgresql/data": {} },
      HostConfig: {
        NetworkMode: this.prefix,
        Binds: [`${this.prefix}-backups:/backups:ro`],
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        Tmpfs: { "/tmp": "", "/var/run/postgresql": "mode=1777" },
      },
    });
    await container.start();
    const isReady = () =>
      this.inPostgres("pg_isready", "-q", "-h", this.postgres).then(
        () => true,
        () => undefined,
      );
    const times = { everyMs: 100, withinMs: 60_000, signal: this.cancel.signal };
    if (!(await poll(isReady, times))) throw new Error("Postgres did not answer within 60 s");
  }

  async stop(): Promise<void> {
    const filters = { network: [this.prefix] };
    const containers = await this.docker.listContainers({ all: true, filters });
    await Promise.all(
      containers.map(({ Id }) => this.docker.getContainer(Id).remove({ force: true, v: true })),
    );
    await this.docker.getVolume(`${this.prefix}-backups`).remove();
    await this.docker.getNetwork(this.prefix).remove();
    for (const image of this.built) await this.docker.getImage(image).remove();
  }

  /** The sample's image with these migrations behind its own two; its id. */
  async image(migrations: Migrations): Promise<string> {
    const context = pack();
    context.entry({ name: "Dockerfile" }, `FROM ${this.sample}\nCOPY migrations /app/migrations/\n`);
    for (const [id, [phase, sql]] of Object.entries(migrations)) {
      context.entry({ name: `migrations/${id}.up.sql` }, `-- phase: ${phase}\n${sql}\n`);
      context.entry({ name: `migrations/${id}.down.sql` }, `-- phase: ${phase}\nDROP TABLE notes;\n`);
    }
    context.finalize();
    const tag = `${this.prefix}:v${this.built.length}`;
    const output = await text(
      await this.docker.buildImage(Readable.from(context), { t: tag, forcerm: true }),
    );
    if (output.includes('"error"')) throw new Error(output);
    this.built.push(tag);
    return (await this.docker.getImage(tag).inspect()).Id;
  }

  private common(image: string, version: string) {
    return {
      ...{ service: this.prefix, version, image, network: this.prefix, memoryMb: 256, timeoutSeconds: 60 },
      env: { PGHOST: this.postgres, PGDATABASE: "book", PGUSER: "app", PGPASSWORD: this.canary },
      listCommand: ["node", "/app/migrate.js", "list"],
    };
  }

  backup(image: string, version: string): BackupInputs {
    return {
      ...this.common(image, version),
      ...{ postgresImage: this.postgresImage, postgresContainer: this.postgres },
      ...{ volume: `${this.prefix}-backups`, keepCount: 5, keepDays: 30 },
    };
  }

  migration(image: string, version: string, phase: "expand" | "contract" = "expand"): MigrationInputs {
    const runCommand = ["node", "/app/migrate.js", "run"];
    return { ...this.common(image, version), phase, runCommand, pending: ["any"], after: "something" };
  }

  async inPostgres(...command: string[]): Promise<string> {
    return (await run("docker", ["exec", this.postgres, ...command])).stdout.trimEnd();
  }

  sql(statement: string): Promise<string> {
    return this.inPostgres("psql", "-U", "app", "-d", "book", "-Atqc", statement);
  }

  /** The whole database as SQL. */
  async dump(): Promise<string> {
    const dump = await this.inPostgres("pg_dump", "-U", "app", "-d", "book");
    // A key that differs from dump to dump.
    return dump.replace(/^\\(un)?restrict .*$/gm, "");
  }

  /** Names of the one-off containers that are there. */
  async oneOffs(): Promise<string[]> {
    const filters = { label: [`slipway.service=${this.prefix}`] };
    const found = await this.docker.listContainers({ all: true, filters });
    return found.map(({ Names }) => Names[0] ?? "");
  }
}
