import assert from "node:assert/strict";
import { checkInputs } from "../../../provider/check";
import { diffResource } from "../../../provider/diff";
import type { Outcome } from "../../../provider/one-off";
import { migration } from "../../../provider/resources/migration";
import { type MigrationInputs, migrationSchema } from "../../../provider/schema/migration";
import { contextOf, FakeGateway } from "../support/fake-gateway";

const sha = (digit: string) => `sha256:${digit.repeat(64)}`;
const inputs: MigrationInputs = {
  ...{ service: "sample", version: "1.4.0", phase: "expand", image: sha("a"), network: "mesh" },
  env: { PGHOST: "postgres", PGDATABASE: "book", PGUSER: "app", PGPASSWORD: "hunter2" },
  ...{ listCommand: ["list"], runCommand: ["run", "--"], memoryMb: 128, timeoutSeconds: 60, after: "backup" },
  pending: ["001_a"],
};

/** A world in which commands answer in turn. */
function worldOf(...answers: (string | Outcome)[]) {
  const ran: string[] = [];
  const runOnce = async ({ command }: { command: readonly string[] }): Promise<Outcome> => {
    ran.push(command.join(" "));
    const answer = answers.shift() ?? "";
    return typeof answer === "string" ? { exitCode: 0, outOfMemory: false, output: answer } : answer;
  };
  return { ...contextOf(new FakeGateway()), runOnce, ran };
}
const failed = (output: string): Outcome => ({ exitCode: 1, outOfMemory: false, output });

describe("Migration", () => {
  it("runs nothing when nothing of its phase is pending", async () => {
    const world = worldOf("applied expand 001_a\npending contract 002_b\n");
    assert.deepEqual(await migration.create(inputs, world), { applied: [] });
    assert.deepEqual([world.ran, world.said], [["list"], []]);
  });

  it("does not even ask when the backup found nothing pending", async () => {
    const world = worldOf();
    assert.deepEqual(await migration.create({ ...inputs, pending: [] }, world), { applied: [] });
    assert.deepEqual(world.ran, []);
  });

  it("tells what is pending, runs its phase, and answers what it applied, other phases' too", async () => {
    const world = worldOf(
      "pending expand 001_a\npending contract 002_b\npending expand 003_c\npending contract 004_d",
      "",
      "applied expand 001_a\napplied contract 002_b\napplied expand 003_c\npending contract 004_d",
    );
    assert.deepEqual(await migration.create(inputs, world), { applied: ["001_a", "002_b", "003_c"] });
    assert.deepEqual(world.ran, ["list", "run -- expand", "list"]);
    assert.deepEqual(world.said, ["expand migrations pending: 001_a, 003_c"]);
  });

  it("takes a command for failed that leaves a migration pending", async () => {
    const pending = "pending expand 001_a\npending expand 002_b";
    const world = worldOf(pending, "all fine", "applied expand 001_a\npending expand 002_b");
    await assert.rejects(migration.create(inputs, world), {
      message:
        'The expand migration of sample-1.4.0 did not apply 002_b, though "run -- expand" ended with exit code 0: the command must apply what is pending of the phase that it gets as its last argument.\n' +
        "Last log lines:\n  all fine",
    });
  });

  it("says what a failed command left", async () => {
    const pending = "pending expand 001_a\npending expand 002_b";
    const end = 'The expand migration of sample-1.4.0 failed: "run -- expand" ended with exit code 1.';
    for (const [after, told] of [
      [
        pending,
        "Nothing was changed: 001_a, 002_b are still pending, and what was live before is still live.",
      ],
      [
        "applied expand 001_a\npending expand 002_b",
        "Applied before it failed: 001_a. What was live before is still live.",
      ],
      [failed("no database"), "Which of 001_a, 002_b are applied could not be asked afterwards."],
    ] as const) {
      const failing = migration.create(inputs, worldOf(pending, failed("oops"), after));
      await assert.rejects(failing, { message: `${end} ${told}\nLast log lines:\n  oops` });
    }
  });

  it("says when the migrations cannot even be listed", async () => {
    await assert.rejects(migration.create(inputs, worldOf({ ...failed(""), outOfMemory: true })), {
      message:
        'The migrations of sample-1.4.0 cannot be listed: "list" ended with exit code 1 (out of memory). Nothing was changed; what was live before is still live.\nIt said nothing.',
    });
  });

  it("runs nothing again for a rotated password, and asks another image of the same version", async () => {
    const state = { ...inputs, applied: ["001_a"] };
    const rotated = { ...inputs, env: { ...inputs.env, PGPASSWORD: "correct horse" }, after: "other" };
    const world = worldOf("pending expand 002_b", "", "applied expand 002_b");
    assert.deepEqual(await migration.update(rotated, state, world), { applied: ["001_a"] });
    assert.deepEqual(world.ran, []);
    assert.deepEqual(migration.foresee?.(rotated, state), { applied: ["001_a"] });
    const rebuilt = { ...inputs, image: sha("b") };
    assert.deepEqual(migration.foresee?.(rebuilt, state), {});
    assert.deepEqual(await migration.update(rebuilt, state, world), { applied: ["001_a", "002_b"] });
    assert.deepEqual(world.ran, ["list", "run -- expand", "list"]);
  });

  it("is another one for another version or phase, and the same one otherwise", () => {
    const diff = (changes: object) => diffResource(migration, inputs, inputs, { ...inputs, ...changes });
    assert.deepEqual(diff({ version: "1.5.0" }).replaces, ["version"]);
    assert.deepEqual(diff({ phase: "contract" }).replaces, ["phase"]);
    assert.deepEqual(diff({ image: sha("b"), memoryMb: 256 }).replaces, []);
    assert.equal(migration.id(inputs), "sample-1.4.0-expand");
  });

  it("needs to know its database, and takes what is unknown yet on trust", () => {
    const env = { PGDATABASE: "book", PGUSER: "app" };
    const failures = checkInputs(migrationSchema, { ...inputs, env, phase: "shrink" });
    assert.deepEqual(
      failures.map(({ reason }) => reason),
      [
        "env.PGHOST is missing; allowed: text, by which libpq and the service find their database",
        'phase is "shrink"; allowed: "expand" or "contract"',
      ],
    );
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const known = { ...inputs, after: unknown, env: { ...inputs.env, PGHOST: unknown } };
    assert.deepEqual(checkInputs(migrationSchema, known), []);
  });
});
