import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket } from "ws";
import { openLive, type Live } from "../../../images/sample/live";

describe("sample service's WebSockets", () => {
  let server: Server;
  let live: Live;
  let url: string;

  beforeEach(async () => {
    server = createServer((_, response) => response.writeHead(404).end());
    live = openLive(server, "1.4.0");
    await once(server.listen(0, "127.0.0.1"), "listening");
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    live.cut();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const open = async (): Promise<{ socket: WebSocket; hello: string }> => {
    const socket = new WebSocket(`${url}/live`);
    const [hello] = (await once(socket, "message")) as [Buffer];
    return { socket, hello: hello.toString() };
  };
  const refusal = async (path: string): Promise<string> => {
    const [error] = (await once(new WebSocket(url + path), "error")) as [Error];
    return error.message;
  };

  it("tells each the version, then what there is to tell", async () => {
    const [one, two] = [await open(), await open()];
    assert.deepEqual([one.hello, two.hello], ['{"version":"1.4.0"}', '{"version":"1.4.0"}']);
    const both = Promise.all([one, two].map(({ socket }) => once(socket, "message")));
    live.send("news");
    assert.deepEqual(
      (await both).map(([data]) => String(data)),
      ["news", "news"],
    );
  });

  it("closes each with 1001 when it leaves, and takes no new one", async () => {
    const { socket } = await open();
    const closed = once(socket, "close");
    live.leave();
    const [code, why] = (await closed) as [number, Buffer];
    assert.deepEqual([code, why.toString()], [1001, "this replica leaves"]);
    assert.equal(await refusal("/live"), "Unexpected server response: 404");
  });

  it("cuts what does not answer the goodbye", async () => {
    const { socket } = await open();
    socket.pause();
    live.leave();
    live.cut();
    const closed = once(socket, "close");
    socket.resume();
    await closed;
  });

  it("takes no other path, and cuts a client that sends too much", async () => {
    assert.equal(await refusal("/other"), "Unexpected server response: 400");
    const { socket } = await open();
    const closed = once(socket, "close");
    socket.send("x".repeat(1025));
    assert.equal(((await closed) as [number])[0], 1009);
  });
});
