import assert from "node:assert/strict";
import { Fixture } from "../../bench/rollout/fixture";
import type { Scale } from "../../bench/rollout/scale";
import {
  abort,
  brokenReleases,
  deployment,
  faultMidway,
  midwayFaults,
  rollback,
  type BrokenRelease,
} from "../../bench/rollout/scenarios";

/** `npm run bench:rollout` shows the same, and more, at full scale. */
const short: Scale = {
  perSecond: 50,
  // Somebody else's tests may hold the machine for long.
  answerLimitSeconds: 60,
  leastRequests: 300,
  quietSeconds: 1,
  webSockets: 2,
  replicas: 2,
  drainSeconds: 5,
  bakeSeconds: 3,
  steps: [10, 50, 100],
  crashSeconds: 12,
  // Latency says nothing on a machine that runs tests: errors and health decide.
  analysis: { minRequests: 15, p95SlackMilliseconds: 10_000, pauseSeconds: 30 },
};

describe("releases under load", function () {
  this.timeout(400_000);
  let fixture: Fixture;
  let first: string;

  before(async () => {
    fixture = await Fixture.make("rollout", short);
    first = fixture.live;
  });
  after(() => fixture.remove());

  const broken = (part: string): BrokenRelease => {
    const release = brokenReleases(fixture).find(({ name }) => name.includes(part));
    assert.ok(release);
    return release;
  };

  it("loses no request and no write in a blue-green deployment", async () => {
    const finding = await deployment(fixture, "blue-green");
    assert.deepEqual(finding.problems, []);
    assert.equal(finding.failed, 0);
    assert.ok(finding.writes.acknowledged > 50);
  });

  it("loses none on the way back", async () => {
    const finding = await rollback(fixture, "blue-green", first);
    assert.deepEqual(finding.problems, []);
    assert.equal(finding.failed, 0);
  });

  it("stops a canary that answers with 500: only its own answers fail, the old version serves", async () => {
    const finding = await abort(fixture, "canary", broken("500"));
    assert.deepEqual(finding.problems, []);
    assert.equal(finding.failed, finding.failedByBroken);
    assert.notEqual(finding.failed, 0);
  });

  it("stops a release whose migration fails, with the data as they were", async () => {
    const finding = await abort(fixture, "blue-green", broken("migration"));
    assert.deepEqual(finding.problems, []);
    assert.equal(finding.failed, 0);
  });

  it("releases the next version after the aborted ones, by steps of a canary", async () => {
    const finding = await deployment(fixture, "canary");
    assert.deepEqual(finding.problems, []);
    assert.equal(finding.failed, 0);
  });

  it("releases the next by another strategy, replica by replica", async () => {
    const finding = await deployment(fixture, "rolling");
    assert.deepEqual(finding.problems, []);
    assert.equal(finding.failed, 0);
  });

  for (const fault of midwayFaults.filter(({ name }) => /killed/.test(name))) {
    it(`brings what was declared by one more up: ${fault.name} in a bake`, async () => {
      const finding = await faultMidway(fixture, fault);
      assert.deepEqual(finding.problems, []);
      assert.equal(finding.writes.lost, 0);
    });
  }
});
