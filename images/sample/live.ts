/** The WebSockets of `/live`: each is told the version that it reached, then every new entry. */
import type { Server } from "node:http";
import { WebSocketServer } from "ws";

export interface Live {
  send(text: string): void;
  /** Takes no new ones and says goodbye (1001) to those there are, so that clients come back to another replica. */
  leave(): void;
  /** Cuts what did not answer the goodbye. */
  cut(): void;
}

/** What a client may be behind before it is cut: it would fill this process's memory. */
const unsentLimitBytes = 1024 * 1024;

export function openLive(server: Server, version: string): Live {
  const sockets = new WebSocketServer({ server, path: "/live", maxPayload: 1024 });
  sockets.on("connection", (socket) => {
    // A client that breaks the protocol or the connection is closed by then.
    socket.on("error", () => undefined);
    socket.send(JSON.stringify({ version }));
  });
  return {
    send(text) {
      for (const socket of sockets.clients) {
        if (socket.bufferedAmount > unsentLimitBytes) socket.terminate();
        else socket.send(text);
      }
    },
    leave() {
      sockets.close();
      for (const socket of sockets.clients) socket.close(1001, "this replica leaves");
    },
    cut() {
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}
