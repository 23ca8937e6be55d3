import assert from "node:assert/strict";
import { ImagesManifest } from "../../images/manifest";

const image = { reference: `sha256:${"a".repeat(64)}`, version: "1.0.0" };
const manifest = {
  source: "debian",
  images: { postgres: image, redis: image, gateway: image, sample: image },
};
const withPostgres = (postgres: unknown): unknown => ({
  ...manifest,
  images: { ...manifest.images, postgres },
});

describe("images manifest", () => {
  it("takes image ids and names pinned by digest", () => {
    const pinned = {
      reference: `registry.example:5000/team/postgres@sha256:${"0".repeat(64)}`,
      version: "17.2",
    };
    assert.deepEqual(ImagesManifest.parse(withPostgres(pinned)), withPostgres(pinned));
  });

  for (const [fault, broken] of Object.entries({
    "a tag": withPostgres({ ...image, reference: "postgres:17" }),
    "a short id": withPostgres({ ...image, reference: "sha256:abc" }),
    "a version that is none": withPostgres({ ...image, version: "latest" }),
    "a missing image": { ...manifest, images: { postgres: image, redis: image, gateway: image } },
    "an unknown source": { ...manifest, source: "elsewhere" },
    "an unknown key": { ...manifest, images: { ...manifest.images, mysql: image } },
  })) {
    it(`refuses ${fault}`, () => assert.equal(ImagesManifest.safeParse(broken).success, false));
  }
});
