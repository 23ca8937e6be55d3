import assert from "node:assert/strict";
import { Edge, type EdgeWorker } from "../../../components/edge/edge";
import { declaredBy, type Declared } from "../../support/mocks";

const type = (name: string): string =>
  `cloudflare:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;

describe("edge", () => {
  const declare = async (
    worker: Partial<EdgeWorker> = {},
  ): Promise<[Declared[], Record<string, unknown>]> => {
    const outputs: Record<string, unknown> = {};
    const declared = await declaredBy(
      () => {
        const edge = new Edge("edge", {
          prefix: "slipway-staging",
          accountId: "account",
          zoneId: "zone",
          hostname: "staging.example.com",
          origin: "gateway-1.eu-central-1.elb.amazonaws.com",
          databaseLocation: "weur",
          protect: true,
          worker: { code: "export default {};", version: "1.4.0", percent: 100, ...worker },
        });
        edge.workerStableId.apply((id) => (outputs["stable"] = id));
        outputs["url"] = edge.url;
        outputs["databaseName"] = edge.databaseName;
      },
      "staging",
      { [type("D1Database")]: { uuid: "database-uuid" } },
    );
    return [declared, outputs];
  };
  const inputs = (declared: Declared[], wanted: string): unknown =>
    declared.find(({ name }) => name === wanted)?.inputs;

  it("declares record, database, Worker, version, deployment and route, the route after the deployment", async () => {
    const [declared, outputs] = await declare();
    const declaredNames = declared.map(({ name }) => name);
    assert.deepEqual(declaredNames.filter((name) => name.startsWith("edge")).sort(), [
      "edge",
      "edge-database",
      "edge-deployment",
      "edge-record",
      "edge-route",
      "edge-version",
      "edge-worker",
    ]);
    // A route to a Worker without a deployment answers with errors.
    assert.ok(declaredNames.indexOf("edge-route") > declaredNames.indexOf("edge-deployment"));
    assert.deepEqual(outputs, {
      url: "https://staging.example.com",
      databaseName: "slipway-staging-edge",
      stable: "edge-version-id",
    });
  });

  it("hides the origin behind Cloudflare's proxy, and the Worker from workers.dev", async () => {
    const [declared] = await declare();
    assert.deepEqual(inputs(declared, "edge-record"), {
      zoneId: "zone",
      name: "staging.example.com",
      type: "CNAME",
      content: "gateway-1.eu-central-1.elb.amazonaws.com",
      proxied: true,
      ttl: 1,
    });
    assert.deepEqual(inputs(declared, "edge-worker"), {
      accountId: "account",
      name: "slipway-staging-edge",
      observability: { enabled: true, headSamplingRate: 1 },
      subdomain: { enabled: false, previewsEnabled: false },
    });
    assert.deepEqual(inputs(declared, "edge-route"), {
      zoneId: "zone",
      pattern: "staging.example.com/*",
      script: "slipway-staging-edge",
    });
  });

  it("uploads the module with its bindings, and deploys it to everyone", async () => {
    const [declared] = await declare();
    assert.deepEqual(inputs(declared, "edge-version"), {
      accountId: "account",
      workerId: "edge-worker-id",
      compatibilityDate: "2026-04-01",
      mainModule: "worker.js",
      modules: [
        {
          name: "worker.js",
          contentType: "application/javascript+module",
          contentBase64: "ZXhwb3J0IGRlZmF1bHQge307",
        },
      ],
      bindings: [
        { name: "DB", type: "d1", id: "database-uuid" },
        { name: "VERSION", type: "version_metadata" },
      ],
      annotations: { workersTag: "1.4.0" },
    });
    assert.deepEqual(inputs(declared, "edge-deployment"), {
      accountId: "account",
      scriptName: "slipway-staging-edge",
      strategy: "percentage",
      versions: [{ versionId: "edge-version-id", percentage: 100 }],
    });
  });

  it("shares the traffic with the stable version, which stays the stable one", async () => {
    const [declared, outputs] = await declare({ percent: 10, stableId: "version-before" });
    assert.deepEqual((inputs(declared, "edge-deployment") as { versions: unknown }).versions, [
      { versionId: "edge-version-id", percentage: 10 },
      { versionId: "version-before", percentage: 90 },
    ]);
    assert.equal(outputs["stable"], "version-before");
  });

  it("refuses a share for a first version that leaves requests to nobody", async () => {
    await assert.rejects(
      declare({ percent: 10 }),
      /no version of it serves yet that could take the rest; deploy with 100 first/,
    );
  });
});
