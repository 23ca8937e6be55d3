import assert from "node:assert/strict";
import { Dashboard } from "../../../components/observability/dashboard";
import { dashboardBody } from "../../../components/observability/dashboard-body";
import { declaredBy } from "../../support/mocks";

const subject = {
  region: "eu-central-1",
  service: "sample",
  cluster: "slipway-staging",
  serviceName: "slipway-staging-sample",
  gatewaySuffix: "app/slipway-staging/1",
  targetGroupSuffixes: { blue: "targetgroup/b/1", green: "targetgroup/g/1" },
  postgresInstance: "slipway-staging-postgres",
  redisReplicationGroup: "slipway-staging-redis",
  canaryName: "slipway-staging-flows",
};

interface Widget {
  x: number;
  y: number;
  width: number;
  height: number;
  properties: { title: string; stat: string; metrics: unknown[]; region: string };
}

describe("dashboard", () => {
  const { widgets } = dashboardBody(subject) as { widgets: Widget[] };

  it("shows both target groups side by side", () => {
    const requests = widgets.find(({ properties }) => properties.title === "sample: requests a minute");
    assert.deepEqual(requests?.properties, {
      title: "sample: requests a minute",
      stat: "Sum",
      metrics: [
        [
          "AWS/ApplicationELB",
          "RequestCount",
          "LoadBalancer",
          "app/slipway-staging/1",
          "TargetGroup",
          "targetgroup/b/1",
          { label: "blue", color: "#1f77b4" },
        ],
        [
          "AWS/ApplicationELB",
          "RequestCount",
          "LoadBalancer",
          "app/slipway-staging/1",
          "TargetGroup",
          "targetgroup/g/1",
          { label: "green", color: "#2ca02c" },
        ],
      ],
      region: "eu-central-1",
      period: 60,
      view: "timeSeries",
    });
  });

  it("lays its widgets out without gaps and overlaps, in CloudWatch's 24 columns", () => {
    const places = widgets.map(({ x, y, width, height }) => [x, y, width, height]);
    assert.deepEqual(places.slice(0, 4), [
      [0, 0, 8, 6],
      [8, 0, 8, 6],
      [16, 0, 8, 6],
      [0, 6, 8, 6],
    ]);
    assert.equal(new Set(places.map(String)).size, widgets.length);
  });

  it("is made as JSON, under the environment's name", async () => {
    let url = "";
    const declared = await declaredBy(() => {
      ({ url } = new Dashboard("dashboard", { prefix: "slipway-staging", ...subject }));
    });
    assert.deepEqual(declared.find(({ name }) => name === "dashboard-page")?.inputs, {
      dashboardName: "slipway-staging",
      dashboardBody: JSON.stringify(dashboardBody(subject)),
    });
    assert.equal(
      url,
      "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards:name=slipway-staging",
    );
  });
});
