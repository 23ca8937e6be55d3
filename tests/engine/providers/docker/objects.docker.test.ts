import assert from "node:assert/strict";
import type { Properties } from "../../../../engine/values";
import {
  docker,
  IMAGE,
  kindsOf,
  NO_CHANGE,
  PREFIX,
  Stack,
  subjectOf,
  withoutOrder,
  useImage,
} from "./support";

describe("engine/providers/docker: networks, volumes and images on Docker", () => {
  useImage();
  let stack: Stack;
  beforeEach(() => {
    stack = new Stack();
  });
  afterEach(() => stack.destroy());

  it("makes a network, reads it back without drift, and removes it", async () => {
    const news = {
      name: `${PREFIX}-net`,
      labels: [
        { label: "b", value: "2" },
        { label: "a", value: "1" },
      ],
    };
    const created = await stack.create("Network", "net", news);
    const { ipamConfigs, ...outputs } = created.outputs;
    assert.deepEqual(outputs, {
      ...{
        attachable: false,
        driver: "bridge",
        id: created.id,
        ingress: false,
        internal: false,
        ipv6: false,
      },
      ...{ ipamDriver: "default", ipamOptions: null, options: {}, scope: "local", ...news },
      __meta: '{"schema_version":"1"}',
    });
    assert.deepEqual(Object.keys((ipamConfigs as Properties[])[0] ?? {}), [
      "subnet",
      "gateway",
      "ipRange",
      "auxAddress",
    ]);
    await stack.refresh(created);
    assert.deepEqual(withoutOrder(await stack.diff(created, news)), NO_CHANGE);
    const changed = await stack.diff(created, { ...news, internal: true });
    assert.deepEqual([kindsOf(changed), changed.deleteBeforeReplace], [{ internal: "update-replace" }, true]);
    await stack.delete(created);
    assert.equal(await stack.refresh(created), "");
    await stack.delete(created);
  });

  it("tells by what a network's name is taken", async () => {
    const name = `${PREFIX}-mesh`;
    const id = docker("network", "create", "--label", "team=other", name);
    const container = docker(
      "run",
      "-d",
      "--rm",
      "--network",
      name,
      "--name",
      `${name}-user`,
      IMAGE,
      "sleep",
      "600",
    );
    try {
      await assert.rejects(stack.create("Network", "mesh", { name }), {
        message:
          `Unable to create network: Error response from daemon: network with name ${name} already exists. It is not in this ` +
          `stack: ${id.slice(0, 12)}, driver bridge, labels team=other, attached: ${name}-user. Remove it if nothing needs it ` +
          `("docker network rm ${name}"), import it with the id ${id}, or give this resource another name.`,
      });
    } finally {
      docker("rm", "-f", container);
      docker("network", "rm", name);
    }
  });

  it("tries again to remove a network until its last container has left", async () => {
    const created = await stack.create("Network", "busy", { name: `${PREFIX}-busy` });
    const container = docker("run", "-d", "--rm", "--network", created.id, IMAGE, "sleep", "600");
    const deleting = stack.delete(created);
    setTimeout(() => docker("rm", "-f", container), 300);
    await deleting;
    assert.equal(await stack.refresh(created), "");
  });

  it("stops trying to remove a network when it is cancelled", async () => {
    const created = await stack.create("Network", "held", { name: `${PREFIX}-held` });
    const name = `${PREFIX}-held-user`;
    const container = docker(
      "run",
      "-d",
      "--rm",
      "--network",
      created.id,
      "--name",
      name,
      IMAGE,
      "sleep",
      "600",
    );
    const deleting = stack.delete(created);
    setTimeout(() => void stack.provider.cancel(), 300);
    await assert.rejects(deleting, { message: `Unable to remove network: cancelled; attached: ${name}` });
    docker("rm", "-f", container);
    docker("network", "rm", created.id);
    stack = new Stack();
  });

  it("imports a network by its name", async () => {
    const created = await stack.create("Network", "import", { name: `${PREFIX}-import` });
    const subject = { ...subjectOf("Network", "import"), id: `${PREFIX}-import` };
    const { id, inputs } = await stack.provider.read(subject, undefined, undefined);
    assert.equal(id, created.id);
    const { ipamConfigs, ...rest } = inputs ?? {};
    assert.deepEqual(rest, { driver: "bridge", name: `${PREFIX}-import`, __defaults: [] });
    assert.deepEqual(ipamConfigs, created.outputs.ipamConfigs);
  });

  it("makes a volume, and adopts one that is there with its data", async () => {
    const name = `${PREFIX}-data`;
    docker("run", "--rm", "-v", `${name}:/d`, IMAGE, "sh", "-c", "echo kept >/d/file");
    const news = { name, labels: [{ label: "a", value: "b" }] };
    const created = await stack.create("Volume", "data", news);
    assert.deepEqual(created.outputs, {
      ...{ cluster: null, driver: "local", driverOpts: null, id: name, labels: [{ label: "a", value: "b" }] },
      ...{ mountpoint: `/var/lib/docker/volumes/${name}/_data`, name, __meta: '{"schema_version":"1"}' },
    });
    assert.equal(docker("run", "--rm", "-v", `${name}:/d`, IMAGE, "cat", "/d/file"), "kept");
    assert.deepEqual(withoutOrder(await stack.diff(created, news)), NO_CHANGE);
    await stack.delete(created);
    assert.equal(await stack.refresh(created), "");
    await stack.delete(created);
  });

  it("finds an image that is there without a registry, and leaves it on request", async () => {
    const name = `${PREFIX}:1`;
    docker("tag", IMAGE, name);
    const imageId = docker("inspect", "-f", "{{.Id}}", IMAGE);
    const news = { name, keepLocally: true };
    const created = await stack.create("RemoteImage", "image", news);
    assert.equal(created.id, imageId + name);
    assert.deepEqual(created.outputs, {
      ...{
        build: null,
        forceRemove: null,
        id: imageId + name,
        imageId,
        keepLocally: true,
        name,
        platform: null,
      },
      ...{ pullTriggers: null, repoDigest: "", triggers: null },
      __meta:
        '{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1200000000000,"delete":1200000000000,"update":1200000000000}}',
    });
    assert.equal(await stack.refresh(created), created.id);
    await stack.delete(created);
    assert.equal(docker("images", "-q", name), docker("images", "-q", IMAGE));

    await stack.update(created, { name });
    await stack.delete(created);
    assert.notEqual(
      docker("images", "-q", name),
      "",
      "what this run has just resolved is not taken away again",
    );
    const later = new Stack();
    await later.delete(created);
    assert.equal(docker("images", "-q", name), "");
    assert.equal(await stack.refresh(created), "");
  });

  it("tells that an image is nowhere", async () => {
    const creating = stack.create("RemoteImage", "none", { name: "localhost:1/none:1" });
    await assert.rejects(
      creating,
      /^Error: Unable to read Docker image into resource: image "localhost:1\/none:1" is not in this Docker/,
    );
  });

  it("answers the functions that look things up", async () => {
    const created = await stack.create("Network", "lookup", { name: `${PREFIX}-lookup` });
    const network = await stack.provider.invoke(
      "docker:index/getNetwork:getNetwork",
      { name: `${PREFIX}-lookup` },
      false,
    );
    const { id, driver, scope, internal, containers } = network.result;
    assert.deepEqual(
      { id, driver, scope, internal, containers },
      { id: created.id, driver: "bridge", scope: "local", internal: false, containers: [] },
    );
    const image = await stack.provider.invoke(
      "docker:index/getRemoteImage:getRemoteImage",
      { name: IMAGE },
      false,
    );
    assert.deepEqual(image.result, {
      id: docker("inspect", "-f", "{{.Id}}", IMAGE),
      name: IMAGE,
      repoDigest: "",
    });
    await assert.rejects(
      stack.provider.invoke("docker:index/getRemoteImage:getRemoteImage", { name: "nope:1" }, false),
      { message: "did not find docker image 'nope:1'" },
    );
  });
});
