/** WebSockets that stay open under load, each on `/live`, and come back when the service says goodbye. */
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";

export interface SocketReport {
  /** Connections that were told a version. */
  opened: number;
  /** Ended by the service with 1001, as a replica that leaves does. */
  closed: number;
  /** Ended in any other way. */
  cut: number;
  /** Never opened. */
  refused: number;
}

const pauseMs = 200;

export class LiveSockets {
  private readonly report: SocketReport = { opened: 0, closed: 0, cut: 0, refused: 0 };
  private readonly sockets = new Set<WebSocket>();
  private readonly loops: Promise<void>[] = [];
  private leaving = false;

  constructor(
    private readonly url: string,
    private readonly count: number,
  ) {}

  open(): void {
    for (let i = 0; i < this.count; i++) this.loops.push(this.keepOne());
  }

  /** Closes all from this side, which counts for nothing. */
  async close(): Promise<SocketReport> {
    this.leaving = true;
    for (const socket of this.sockets) socket.terminate();
    await Promise.all(this.loops);
    return this.report;
  }

  private async keepOne(): Promise<void> {
    while (!this.leaving) {
      const { greeted, code } = await this.connect();
      if (this.leaving) return;
      if (!greeted) this.report.refused++;
      else if (code === 1001) this.report.closed++;
      else this.report.cut++;
      await sleep(pauseMs);
    }
  }

  /** Resolves when the connection has ended. */
  private connect(): Promise<{ greeted: boolean; code: number }> {
    const socket = new WebSocket(this.url, { handshakeTimeout: 5_000 });
    this.sockets.add(socket);
    let greeted = false;
    socket.once("message", (data: Buffer) => {
      greeted = data.toString().includes('"version"');
      if (greeted) this.report.opened++;
    });
    socket.on("error", () => undefined);
    return new Promise((resolve) => {
      socket.on("close", (code) => {
        this.sockets.delete(socket);
        resolve({ greeted, code });
      });
    });
  }
}
