import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Properties } from "../../../../engine/values";
import { isSecret } from "../../../../engine/values";
import {
  checkFailures,
  docker,
  IMAGE,
  kindsOf,
  NO_CHANGE,
  PREFIX,
  SEED,
  Stack,
  subjectOf,
  withoutOrder,
  useImage,
} from "./support";

describe("engine/providers/docker: Image on Docker", () => {
  useImage();
  const imageName = `${PREFIX}-built:1`;
  let folder: string;
  let stack: Stack;
  beforeEach(() => {
    stack = new Stack();
    folder = mkdtempSync(join(tmpdir(), "slipway-docker-"));
    write(
      "Dockerfile",
      `FROM ${IMAGE} AS base\nARG WORD\nCOPY . /app\nRUN echo ${PREFIX} built $WORD\nFROM base AS final\n`,
    );
    write(".dockerignore", "ignored\n");
    write("kept", "kept\n");
    write("ignored", "ignored\n");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    if (docker("images", "-q", imageName)) docker("rmi", "-f", imageName);
  });
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  const news = (build: Properties = {}): Properties => ({
    imageName,
    skipPush: true,
    build: { context: folder, args: { WORD: "hunter2secret" }, ...build },
  });

  const containersOf = (command: string): string => {
    const lines = docker("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Command}}").split("\n");
    return lines.filter((line) => line.includes(command)).join("\n");
  };

  it("builds, keeps its inputs secret, and leaves no containers behind", async () => {
    const created = await stack.create("Image", "app", news());
    assert.equal(created.id, imageName);
    const { __inputs, ...outputs } = created.outputs;
    assert.deepEqual(outputs, {
      ...{
        baseImageName: imageName,
        context: folder,
        dockerfile: "Dockerfile",
        imageName,
        registryServer: "",
      },
      platform: "linux/amd64",
      repoDigest: docker("inspect", "-f", "{{.Id}}", imageName),
    });
    assert.ok(isSecret(__inputs));
    assert.deepEqual(__inputs.value, created.inputs);
    assert.deepEqual(Object.keys(created.inputs).sort(), [
      "build",
      "buildOnPreview",
      "imageName",
      "skipPush",
    ]);
    assert.equal(docker("run", "--rm", imageName, "ls", "/app"), "Dockerfile\nkept");
    assert.equal(containersOf(`echo ${PREFIX}`), "");
    assert.deepEqual(withoutOrder(await stack.diff(created, news())), NO_CHANGE);
    assert.equal(await stack.refresh(created), imageName);
  });

  it("builds again when a file changes, and not for one that is ignored", async () => {
    const created = await stack.create("Image", "app", news());
    write("ignored", "changed\n");
    assert.deepEqual(withoutOrder(await stack.diff(created, news())), NO_CHANGE);
    write("kept", "changed\n");
    const diff = await stack.diff(created, news());
    assert.deepEqual([kindsOf(diff), diff.replaces], [{ build: "update" }, []]);
    const first = docker("inspect", "-f", "{{.Id}}", imageName);
    await stack.update(created, news());
    docker("rmi", first);
    assert.equal(docker("run", "--rm", imageName, "cat", "/app/kept"), "changed");
    assert.deepEqual(withoutOrder(await stack.diff(created, news())), NO_CHANGE);
  });

  it("shows the end of a build that failed, without the arguments' values", async () => {
    write("Dockerfile", `FROM ${IMAGE}\nARG WORD\nRUN echo the word is $WORD; exit 3\n`);
    await assert.rejects(stack.create("Image", "app", news()), (error: Error) => {
      assert.match(
        error.message,
        /^error building image .*-built:1: .* returned a non-zero code: 3\n {2}last lines of output:\n/,
      );
      assert.match(error.message, /\n {4}the word is \[env WORD\]\n/);
      assert.equal(error.message.includes("hunter2secret"), false);
      return true;
    });
    await assert.rejects(
      stack.create("Image", "app", news({ target: "nostage" })),
      /error building image .*: Error response from daemon: failed to reach build target nostage in Dockerfile/,
    );
  });

  it("stops a build when it is cancelled", async () => {
    write("Dockerfile", `FROM ${IMAGE}\nRUN sleep 60; echo ${PREFIX}\n`);
    const building = stack.create("Image", "app", news());
    const isRunning = (): boolean => containersOf(`sleep 60; echo ${PREFIX}`) !== "";
    while (!isRunning()) await new Promise((next) => setTimeout(next, 20));
    await stack.provider.cancel();
    await assert.rejects(building, { message: `error building image ${imageName}: cancelled` });
    while (isRunning()) await new Promise((next) => setTimeout(next, 20));
  });

  it("builds in a preview only on request", async () => {
    const preview = async (inputs: Properties): Promise<Properties> => {
      const checked = await stack.provider.check(subjectOf("Image", "app"), {}, inputs, SEED);
      return (await stack.provider.create(subjectOf("Image", "app"), checked.inputs, 0, true)).properties;
    };
    assert.equal((await preview(news())).repoDigest, undefined);
    const { repoDigest } = await preview({ ...news(), buildOnPreview: true });
    assert.equal(repoDigest, docker("inspect", "-f", "{{.Id}}", imageName));
  });

  it("notices that an image which was only here is gone", async () => {
    const created = await stack.create("Image", "app", news());
    docker("rmi", "-f", imageName);
    assert.equal(await stack.refresh(created), "");
  });

  it("refuses what it cannot build", async () => {
    const [nowhere, elsewhere] = await Promise.all([
      checkFailures("Image", news({ dockerfile: "Nope" })),
      checkFailures("Image", news({ dockerfile: "kept" })),
    ]);
    assert.match(
      nowhere[0] ?? "",
      /^could not open dockerfile at relative path "Nope": there is no such file in /,
    );
    assert.deepEqual(elsewhere, [
      `could not open dockerfile at relative path "kept". Try setting \`dockerfile\` to "${join(folder, "kept")}"`,
    ]);
    assert.deepEqual(await checkFailures("Image", news({ dockerfile: "/nonexistent/Dockerfile" })), [
      'expected a relative Dockerfile path; got "/nonexistent/Dockerfile" instead: there is no such file',
    ]);
    assert.deepEqual(await checkFailures("Image", news({ builderVersion: "BuilderBuildKit" })), [
      "'BuilderBuildKit' is not supported here: give 'BuilderV1', or leave builderVersion out and build what both can. " +
        "Examine values at 'web.build.builderVersion'.",
    ]);
    const [reason] = await checkFailures("Image", { ...news(), skipPush: false });
    assert.match(
      reason ?? "",
      /^".*-built:1": repository name must be canonical\.\nThis resource requires all image names/,
    );
  });
});
