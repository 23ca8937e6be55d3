import assert from "node:assert/strict";
import { ecrImage } from "../../../components/deployments/ecs-image";

const digest = `sha256:${"a".repeat(64)}`;

describe("ecrImage", () => {
  it("tells the repository of an image in ECR", () => {
    assert.deepEqual(ecrImage(`123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/sample@${digest}`), {
      account: "123456789012",
      region: "eu-central-1",
      repository: "team/sample",
    });
  });

  it("knows that another registry is none of ECR's", () => {
    assert.equal(ecrImage(`ghcr.io/team/sample:1.4.0@${digest}`), undefined);
  });

  for (const image of [
    "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sample:1.4.0",
    "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sample",
    digest,
    `sample@${digest}`,
  ]) {
    it(`refuses ${image.slice(0, 70)}`, () => {
      assert.throws(() => ecrImage(image), /pinned by digest.*use the digest that the push printed\.$/);
    });
  }
});
