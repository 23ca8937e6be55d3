import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { environmentMatrixMark, readDocuments, readReadiness } from "../../stacks/readiness";

describe("what a release says of people and documents", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "slipway-readiness-"))));
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();

  it("is nothing where nothing was written, and no fault of its own", () => {
    const commit = "a".repeat(40);
    assert.deepEqual(readReadiness(root, { environment: "staging", service: "sample", commit }), {
      ...{ approvals: [], waivers: [], migrations: [] },
      documents: { runbooks: {}, environmentMatrixCurrent: false },
    });
  });

  it("names the commit's author, and carries what was signed for the environment and the commit", () => {
    git("init", "--quiet");
    git("config", "user.email", "author@slipway.example");
    git("config", "user.name", "author");
    git("commit", "--quiet", "--allow-empty", "--message=first");
    const commit = git("rev-parse", "HEAD");
    const short = commit.slice(0, 12);
    write(`.slipway/approvals/production-hotfix-${short}.json`, "one");
    write(`.slipway/approvals/staging-hotfix-${short}.json`, "elsewhere");
    write(".slipway/approvals/production-hotfix-0123456789ab.json", "another commit");
    write(".slipway/waivers/production-containers-require-limits-OPS-7.json", "two");
    write(".slipway/waivers/staging-containers-require-limits-OPS-7.json", "elsewhere");
    const { author, approvals, waivers } = readReadiness(root, {
      environment: "production",
      service: "sample",
      commit,
    });
    assert.deepEqual([author, approvals, waivers], ["author@slipway.example", ["one"], ["two"]]);
  });

  it("lists the migrations of the service's image with their phases, in order", () => {
    write("images/sample/migrations/002_drop.up.sql", "-- phase: contract\nDROP TABLE a;");
    write("images/sample/migrations/001_add.up.sql", "-- phase: expand\nCREATE TABLE a ();");
    write("images/sample/migrations/001_add.down.sql", "DROP TABLE a;");
    const where = { environment: "local", service: "sample", commit: "a".repeat(40) } as const;
    assert.deepEqual(readReadiness(root, where).migrations, [
      { id: "001_add", phase: "expand" },
      { id: "002_drop", phase: "contract" },
    ]);
  });

  it("reads when each runbook was exercised, the direction's head and the items that are open", () => {
    write("docs/runbooks/rollback.md", "# Roll back");
    write("docs/runbooks/hotfix.md", "# Hotfix");
    write("docs/runbooks/exercised.json", '{"rollback": "2026-11-30", "gone": "2026-01-01"}');
    write(
      "docs/directions/deployment.md",
      "---\nowner: manager\nlast_reviewed: 2026-11-30\nexpires: 2026-12-30\n---\n# Direction\n",
    );
    write("docs/deployment/go_live_checklist.md", "- [x] done\n- [ ] backup seen\n  - [ ] and restored\n");
    assert.deepEqual(readDocuments(root), {
      runbooks: { hotfix: null, rollback: "2026-11-30" },
      direction: { owner: "manager", lastReviewed: "2026-11-30", expires: "2026-12-30" },
      environmentMatrixCurrent: false,
      openChecklistItems: ["backup seen", "and restored"],
    });
    write("docs/runbooks/exercised.json", "{");
    write("docs/directions/deployment.md", "---\nowner: [\n---\n");
    assert.deepEqual(readDocuments(root).runbooks, { hotfix: null, rollback: null });
    assert.equal(readDocuments(root).direction, undefined);
  });

  it("takes the matrix of environments for current until something that it is made of changes", () => {
    write("Pulumi.yaml", "name: slipway");
    write("docs/deployment/env_matrix.md", `# Matrix\n\n${environmentMatrixMark(root)}\n`);
    assert.equal(readDocuments(root).environmentMatrixCurrent, true);
    write("Pulumi.production.yaml", "config: {}");
    assert.equal(readDocuments(root).environmentMatrixCurrent, false);
  });

  it("of this project is written: runbooks, direction, checklist", () => {
    const { runbooks, direction, openChecklistItems } = readDocuments(".");
    assert.ok("rollback" in runbooks && "hotfix" in runbooks);
    assert.equal(direction?.owner, "manager");
    assert.ok(Array.isArray(openChecklistItems));
  });
});
