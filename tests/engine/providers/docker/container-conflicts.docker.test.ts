import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { Properties } from "../../../../engine/values";
import { docker, IMAGE, PREFIX, Stack, useImage } from "./support";
import type { Created } from "./support";

const SLEEP = ["sleep", "600"];

describe("engine/providers/docker: what stands in a container's way on Docker", () => {
  useImage();
  let stack: Stack;
  beforeEach(() => {
    stack = new Stack();
  });
  afterEach(() => stack.destroy());

  const container = (name: string, news: Properties): Promise<Created> =>
    stack.create("Container", name, { name: `${PREFIX}-${name}`, image: IMAGE, command: SLEEP, ...news });

  it("tells by what a name is taken", async () => {
    docker("run", "-d", "--name", `${PREFIX}-taken`, "--label", "team=other", IMAGE, ...SLEEP);
    try {
      await assert.rejects(container("taken", {}), (error: Error) => {
        const pattern =
          `^Unable to create container: the name "${PREFIX}-taken" is taken by container [0-9a-f]{12} \\(image ${IMAGE}, running, ` +
          `created [-0-9T:]+Z\\)\\. It is not in this stack \\(labels team=other\\)\\. Remove it if nothing needs it ` +
          `\\("docker rm -f ${PREFIX}-taken"\\), import it with the id [0-9a-f]{64}, or give this resource another name\\.$`;
        assert.match(error.message, new RegExp(pattern));
        return true;
      });
    } finally {
      docker("rm", "-f", `${PREFIX}-taken`);
    }
  });

  it("adopts what an update that was cut short has left running, and makes anew what never ran", async () => {
    const news = { name: `${PREFIX}-cut`, image: IMAGE, command: SLEEP, envs: ["A=1"] };
    const first = await stack.create("Container", "cut", news);
    const again = await new Stack().create("Container", "cut", news);
    assert.equal(again.id, first.id);
    await assert.rejects(
      new Stack().create("Container", "cut", { ...news, envs: ["A=2"] }),
      (error: Error) => {
        assert.match(error.message, /It was made for this very resource, by an update that was cut short/);
        return true;
      },
    );

    const idle = await stack.create("Container", "idle", { ...news, name: `${PREFIX}-idle`, start: false });
    const anew = await new Stack().create("Container", "idle", {
      ...news,
      name: `${PREFIX}-idle`,
      start: false,
    });
    assert.notEqual(anew.id, idle.id);
    Object.assign(idle, { id: anew.id, subject: anew.subject });
  });

  it("tells by which container a port is taken, and leaves nothing behind", async () => {
    const { outputs } = await container("holder", { ports: [{ internal: 80, ip: "127.0.0.1" }] });
    const external = Number((outputs.ports as Properties[])[0]?.external);
    await assert.rejects(container("wants", { ports: [{ internal: 80, ip: "127.0.0.1", external }] }), {
      message:
        `Unable to start container: port 127.0.0.1:${external} is taken by container "${PREFIX}-holder" (image ${IMAGE}). ` +
        "Stop that, or give another number in `ports[].external` (leave it out for a free one).",
    });
    assert.equal(docker("ps", "-aq", "--filter", `name=${PREFIX}-wants`), "");
  });

  it("tells that a port is taken outside Docker", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const creating = container("outside", { ports: [{ internal: 80, ip: "127.0.0.1", external: port }] });
    await assert.rejects(creating, /is taken by something outside Docker \(see "ss -ltnp sport = :\d+"\)/);
    server.close();
  });

  it("tells that an image is missing", async () => {
    const image = "localhost:1/slipway-test/missing:1";
    await assert.rejects(container("imageless", { image }), (error: Error) => {
      const expected = `Unable to create container: image "${image}" is not in this Docker, and pulling it failed: `;
      assert.equal(error.message.slice(0, expected.length), expected);
      assert.match(
        error.message,
        /Check its name and that the registry localhost:1 can be reached, or build or load it first\.$/,
      );
      return true;
    });
    const id = `sha256:${"0".repeat(64)}`;
    await assert.rejects(
      container("idless", { image: id }),
      /it is an image's id, which no registry can be asked for/,
    );
  });
});
