import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { costLines, type CostInput } from "../../docs/cost";
import { pages } from "../../docs/pages";
import { parseCloudConfig } from "../../stacks/config";
import { valuesOf } from "../stacks/config-values";

describe("docs", function () {
  this.timeout(180_000);

  it("are what configuration and code say; else run `npm run docs`", async () => {
    for (const [path, page] of Object.entries(await pages())) {
      assert.equal(readFileSync(path, "utf8"), page, path);
    }
  });

  it("tell of every environment where it is, and how releases and migrations come to it", () => {
    const matrix = readFileSync("docs/deployment/env_matrix.md", "utf8").replace(/ +/g, " ");
    for (const row of [
      "| branch | any checkout | `main` | `production` |",
      "| D1 database | — | `slipway-staging-edge` | `slipway-production-edge` |",
      "| auto-migrate | yes | yes | no: by approval |",
    ]) {
      assert.ok(matrix.includes(row), row);
    }
  });
});

describe("docs/cost", () => {
  const config = parseCloudConfig("production", valuesOf("production"), () => false);
  const input: CostInput = { ...config, zones: config.place.zones };
  const usd = (line: string, from = input) =>
    costLines("production", from).find(({ what }) => what.startsWith(line))?.usd;

  it("counts both instances of a Multi-AZ database", () => {
    const cloud = { ...config.cloud, postgres: { ...config.cloud.postgres, multiAz: false } };
    assert.equal(usd("Postgres"), 2 * (usd("Postgres", { ...input, cloud }) ?? 0));
  });

  it("counts a NAT gateway for each zone where each has its own", () => {
    const cloud = { ...config.cloud, natGateways: "one" as const };
    const saved = (usd("3 NAT") ?? 0) - (usd("1 NAT", { ...input, cloud }) ?? 0);
    assert.equal(saved.toFixed(2), (2 * 0.045 * 730).toFixed(2));
  });

  it("says so where it has no price", () => {
    const cloud = { ...config.cloud, postgres: { ...config.cloud.postgres, instanceClass: "db.x9.huge" } };
    assert.equal(usd("Postgres", { ...input, cloud }), undefined);
  });
});
