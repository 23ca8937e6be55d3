import assert from "node:assert/strict";
import { Downtime } from "../../../provider/rollout/downtime";

const downtime = (...answers: [at: number, failed: boolean][]): Downtime => {
  const counted = new Downtime();
  for (const [at, failed] of answers) counted.add(at, failed);
  return counted;
};

describe("downtime", () => {
  it("is none while every request is answered", () => {
    assert.equal(downtime([1, false], [2, false]).milliseconds(9), 0);
  });

  it("lasts from a request that failed to the next that did not, each time", () => {
    const counted = downtime([1, false], [5, true], [7, true], [12, false], [20, true], [21, false]);
    assert.equal(counted.milliseconds(99), 8);
  });

  it("goes on while nothing is answered", () => {
    assert.equal(downtime([5, true], [7, true]).milliseconds(30), 25);
  });
});
