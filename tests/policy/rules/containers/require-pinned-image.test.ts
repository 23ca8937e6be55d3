import assert from "node:assert/strict";
import { requirePinnedImage as rule } from "../../../../policy/rules/containers/require-pinned-image";
import { container, digest, release, remoteImage } from "../../compliant";
import { judge, notApplicable, unknown } from "../../support";

const allowed =
  "Allowed: name@sha256:<64 hex digits>, or an image id sha256:<64 hex digits>. Name its digest.";

describe("containers-require-pinned-image", () => {
  it("lets digests and ids pass, and is silent about other types", async () => {
    for (const image of [`sha256:${digest("a")}`, `registry:5000/team/app:1.2@sha256:${digest("a")}`]) {
      assert.deepEqual(await judge(rule, container({ image })), []);
    }
    assert.deepEqual(await judge(rule, remoteImage()), []);
    assert.equal(await judge(rule, release()), notApplicable);
  });

  it("refuses latest, tags, bare names, short digests and no image", async () => {
    for (const image of ["redis:latest", "redis:7.2", "redis", `redis@sha256:${digest("a").slice(1)}`]) {
      assert.deepEqual(await judge(rule, container({ image })), [
        `Container "backbone-redis" runs the image "${image}", which can change under its name. ${allowed}`,
      ]);
    }
    assert.deepEqual(await judge(rule, container({ image: undefined })), [
      `Container "backbone-redis" runs the image (none), which can change under its name. ${allowed}`,
    ]);
  });

  it("refuses a pulled image that follows a tag, though its id is pinned where it is used", async () => {
    assert.deepEqual(await judge(rule, remoteImage({ name: "redis:latest" })), [
      `RemoteImage "redis" pulls "redis:latest", which can change under its name. ${allowed}`,
    ]);
    assert.deepEqual(
      await judge(rule, remoteImage({ name: "sample", build: { context: "images/sample" } })),
      [],
    );
  });

  it("waits with a reference that only the update will know", async () => {
    assert.deepEqual(await judge(rule, container({ image: unknown })), []);
    assert.deepEqual(await judge(rule, remoteImage({ name: unknown })), []);
  });
});
