import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import Docker from "dockerode";
import { ImagesManifest } from "../../../images/manifest";
import { setUpStack } from "../../../pipeline/local";
import { UserError } from "../../../pipeline/user-error";

const docker = new Docker();

describe("set-up", function () {
  this.timeout(240_000);
  let prepared: ImagesManifest;
  let origin: string;
  /** A checkout of its own that shares this one's images, since they come from the same inputs. */
  let root: string;
  let built: string[];

  const read = (): ImagesManifest =>
    ImagesManifest.parse(JSON.parse(readFileSync(join(root, ".slipway", "images.json"), "utf8")));
  const run = async (images: string = prepared.source): Promise<string[]> => {
    const said: string[] = [];
    await setUpStack(root, images, (line) => {
      built.push(...(/built as (\S+),/.exec(line)?.slice(1) ?? []));
      said.push(line.replace(/, [\d.]+ m?s$/, ", TIME").replace(/:[0-9a-f]{16},/, ":TAG,"));
    });
    return said;
  };
  const edit = (file: string, change: (text: string) => string): void => {
    const path = join(root, "images", file);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  };
  const allThere = (): string[] => [
    "docker: running already, TIME",
    `images: all there already (${origin}), TIME`,
  ];

  before(async function () {
    this.timeout(600_000);
    await setUpStack(process.cwd(), "auto", () => undefined);
    prepared = ImagesManifest.parse(JSON.parse(readFileSync(".slipway/images.json", "utf8")));
    origin = { registry: "from the registry", debian: "from Debian's packages" }[prepared.source];
  });
  beforeEach(() => {
    built = [];
    root = mkdtempSync(join(tmpdir(), "slipway-test-setup-"));
    mkdirSync(join(root, ".slipway"));
    cpSync(".slipway/images.json", join(root, ".slipway", "images.json"));
    cpSync("images", join(root, "images"), { recursive: true });
    for (const file of ["package-lock.json", "Pulumi.yaml", "Pulumi.local.yaml"])
      cpSync(file, join(root, file));
    symlinkSync(resolve("node_modules"), join(root, "node_modules"));
  });
  afterEach(async () => {
    rmSync(root, { recursive: true });
    await Promise.all(built.map((reference) => docker.getImage(reference).remove()));
  });

  it("changes nothing when everything is there, and keeps to the source of the last set-up", async () => {
    assert.deepEqual(await run("auto"), allThere());
    assert.deepEqual(read(), prepared);
  });

  for (const [fault, text] of [
    ["missing", undefined],
    ["damaged", '{"source":"deb'],
  ]) {
    it(`finds everything out again when its manifest is ${fault}`, async () => {
      rmSync(join(root, ".slipway"), { recursive: true });
      if (text !== undefined) {
        mkdirSync(join(root, ".slipway"));
        writeFileSync(join(root, ".slipway", "images.json"), text);
      }
      assert.deepEqual(await run(), allThere());
      assert.deepEqual(read(), prepared);
    });
  }

  it("rebuilds only the image whose inputs changed", async () => {
    edit("sample/page.ts", (text) => text.replace("<h1>Guest book", "<h1>Visitors' book"));
    assert.deepEqual(await run(), [
      "docker: running already, TIME",
      "image postgres: there already",
      "image redis: there already",
      "image gateway: there already",
      "image sample: built as slipway/sample:TAG, TIME",
    ]);
    const { sample, ...others } = read().images;
    const { sample: sampleBefore, ...othersBefore } = prepared.images;
    assert.deepEqual(others, othersBefore);
    assert.notEqual(sample.reference, sampleBefore.reference);
    assert.equal((await docker.getImage(sample.reference).inspect()).Id, sample.reference);
    assert.deepEqual(await run(), allThere());
  });

  it("makes an image again that is gone", async () => {
    edit("sample/package.json", (text) => text.replace('"1.0.0"', '"1.0.1"'));
    await run();
    const gone = built.pop() ?? "";
    await docker.getImage(gone).remove();
    const said = await run();
    assert.equal(said.at(-1), "image sample: built as slipway/sample:TAG, TIME");
    assert.deepEqual(built, [gone]);
    assert.equal(read().images.sample.version, "1.0.1");
  });

  it("shows a failed build's last lines, and leaves the manifest as it was", async () => {
    edit("gateway/Dockerfile", () => "ARG BASE\nFROM ${BASE}\nRUN echo the disk is on fire && exit 9\n");
    await assert.rejects(run(), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.message,
        /^building slipway\/gateway:[0-9a-f]{16} failed; all of it is in \S+, its end is:\n/,
      );
      assert.match(error.message, /\n {2}the disk is on fire\n/);
      assert.match(error.message, /returned a non-zero code: 9$/);
      return true;
    });
    assert.deepEqual(read(), prepared);
    assert.match(readFileSync(join(root, ".slipway/logs/image-gateway.log"), "utf8"), /the disk is on fire/);
  });

  it("shows where the sample service does not compile", async () => {
    edit("sample/page.ts", (text) => `${text}\nconst ;\n`);
    await assert.rejects(run(), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /^images\/sample cannot be bundled: Build failed with 1 error:\n/);
      assert.match(error.message, /images\/sample\/page\.ts:\d+:6: ERROR: Expected identifier/);
      return true;
    });
  });

  it("refuses a source that it does not know", async () => {
    await assert.rejects(
      run("internet"),
      new UserError('--images is "internet"; it can be auto, registry or debian.'),
    );
  });
});
