/** Plugins and policy packs: processes that serve gRPC and say where in their first line of output. */
import { status as codes } from "@grpc/grpc-js";
import { startChild } from "./child";
import type { Child, ChildOptions, Exit } from "./child";
import { isServiceError, isUnimplemented, unary } from "./grpc";
import type { Send } from "./grpc";

/** How long a plugin that has named its port may take to answer the first call (plugin.go, pluginRPCConnectionTimeout). */
const FIRST_ANSWER_SECONDS = 10;
/** How long the end of a plugin whose connection was lost may take to be noticed. */
const END_NOTICED_MS = 2000;

export class PluginProcess {
  private constructor(
    /** In errors: `the provider plugin "x"`. */
    readonly label: string,
    private readonly child: Child,
    private readonly port: number,
  ) {}

  /** Rejects, quoting the output, when the process ends or prints anything else before its port. */
  static async start(label: string, options: ChildOptions): Promise<PluginProcess> {
    let announce: (line: string) => void = () => undefined;
    let announced = false;
    const firstLine = new Promise<string>((resolve) => (announce = resolve));
    const child = startChild({
      ...options,
      onLine: (stream, line) => {
        if (announced || stream === "stderr") return options.onLine(stream, line);
        announced = true;
        announce(line);
      },
    });
    const said = await Promise.race([firstLine, child.exited]);
    if (typeof said !== "string") throw endedError(label, "before it served", said, child.lastLines());
    const port = Number(said);
    if (Number.isInteger(port) && port > 0 && port < 65536) return new PluginProcess(label, child, port);
    await child.stop();
    throw new Error(
      `${label} must print the port it serves on as its first line, but printed: ${said.trim()}`,
    );
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get ended(): boolean {
    return this.child.ended;
  }

  /** The options of the first call, which finds a server that may still be about to serve. */
  firstCall(): { deadline: number } {
    return { deadline: Date.now() + FIRST_ANSWER_SECONDS * 1000 };
  }

  /**
   * Calls the plugin; rejects with gRPC's error, or, when the plugin ended instead of answering, with one that quotes its output.
   * @param task What the plugin is asked to do: "create urn:…".
   */
  async call<Response>(task: string, send: Send<Response>): Promise<Response> {
    try {
      return await unary(send);
    } catch (error) {
      const exit = await this.exitBehind(error);
      if (!exit) throw error;
      const output = this.child.lastLines().replace(new RegExp(`^${this.port}\n?`), "");
      throw endedError(this.label, `when asked to ${task}`, exit, output);
    }
  }

  /** The same for a method that plugins need not implement. */
  async callOptional<Response, Otherwise>(
    task: string,
    otherwise: Otherwise,
    send: Send<Response>,
  ): Promise<Response | Otherwise> {
    return this.call(task, send).catch((error: unknown) => {
      if (isUnimplemented(error)) return otherwise;
      throw error;
    });
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  private async exitBehind(error: unknown): Promise<Exit | undefined> {
    if (this.ended) return this.child.exited;
    if (!isServiceError(error) || error.code !== codes.UNAVAILABLE) return undefined;
    const patience = new Promise<undefined>((resolve) => {
      setTimeout(() => resolve(undefined), END_NOTICED_MS).unref();
    });
    return Promise.race([this.child.exited, patience]);
  }
}

function endedError(label: string, when: string, exit: Exit, output: string): Error {
  const told = output === "" ? " It wrote nothing." : ` Its last output:\n${output.replace(/^/gm, "  ")}`;
  return new Error(`${label} ended ${when} (${exit.description}).${told}`);
}
