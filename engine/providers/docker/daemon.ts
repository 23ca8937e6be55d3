/** The Docker daemon's API: one way to call it, one form for its errors. */
import type { IncomingMessage } from "node:http";
import type Docker from "dockerode";
import type { Endpoint } from "./endpoint";

/** The daemon refused, or could not be reached: then `status` is undefined. */
export class DockerError extends Error {
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
    this.name = "DockerError";
  }
}

export interface RequestOptions {
  query?: Record<string, string | number | boolean | string[] | undefined>;
  body?: object;
  /** An archive to send. */
  file?: Buffer | NodeJS.ReadableStream;
  /** Credentials for the registry that the daemon is to speak to. */
  auth?: object;
  registryConfig?: object;
  signal?: AbortSignal;
}

const SUCCESS = { 200: true, 201: true, 204: true, 304: true };

export class Daemon {
  #docker: Promise<Docker> | undefined;

  /** Nothing is loaded, resolved or connected to before the first request. */
  constructor(private readonly endpoint: () => Endpoint) {}

  /**
   * The answer's JSON. A body is sent as such and nowhere else: dockerode's own methods repeat it in the URL, where the
   * daemon's debug log would show environment variables.
   */
  async request<T = unknown>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    return (await this.#dial(method, path, options, false)) as T;
  }

  /** The answer as it comes; ends with an error when `signal` aborts. */
  async stream(method: string, path: string, options: RequestOptions = {}): Promise<IncomingMessage> {
    return (await this.#dial(method, path, options, true)) as IncomingMessage;
  }

  /** As `request`, but undefined where there is no such thing. */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.request<T>("GET", path);
    } catch (error) {
      if (error instanceof DockerError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #dial(method: string, path: string, options: RequestOptions, isStream: boolean): Promise<unknown> {
    const docker = await (this.#docker ??= this.#connect());
    const query = Object.entries(options.query ?? {}).filter(([, value]) => value !== undefined);
    return new Promise((resolve, reject) => {
      docker.modem.dial(
        {
          method,
          path: `${path}?`,
          options: { _query: Object.fromEntries(query), _body: options.body ?? {} },
          isStream,
          statusCodes: SUCCESS,
          ...(options.file && { file: options.file }),
          ...(options.auth && { authconfig: options.auth }),
          ...(options.registryConfig && { registryconfig: options.registryConfig }),
          ...(options.signal && { abortSignal: options.signal }),
        },
        (error, result) => {
          if (error) reject(this.explain(error, options.signal));
          else resolve(result);
        },
      );
    });
  }

  async #connect(): Promise<Docker> {
    const { options } = this.endpoint();
    const { default: Client } = await import("dockerode");
    return new Client(options);
  }

  /** What went wrong, for a user: an answer of the daemon, an abort, or that there is no daemon. */
  explain(error: unknown, signal?: AbortSignal): Error {
    if (error instanceof DockerError) return error;
    if (signal?.aborted) return signal.reason as Error;
    if (!(error instanceof Error)) return new Error(String(error));
    const { statusCode, code, message }: Failure = error;
    if (statusCode !== undefined) {
      const said = message.replace(/^\(HTTP code \d+\) unexpected - /, "").trim();
      return new DockerError(`Error response from daemon: ${said}`, statusCode);
    }
    if (code === undefined) return error;
    const [reason, remedy] = UNREACHABLE[code] ?? ["the connection was lost", START];
    return new DockerError(
      `cannot reach Docker at ${this.endpoint().url}: ${reason} (${code}). ${remedy}, or name another daemon with ` +
        "DOCKER_HOST or the provider's `host`.",
    );
  }
}

/** An error of the HTTP client's. */
interface Failure extends Error {
  statusCode?: number;
  code?: string;
}

const START = 'Start it ("systemctl start docker", or Docker Desktop)';
const UNREACHABLE: Record<string, [reason: string, remedy: string]> = {
  ENOENT: ["there is no such socket", START],
  ECONNREFUSED: ["nothing listens there", START],
  EACCES: ["permission denied", "Run as a user who may use Docker (of the group docker)"],
  ENOTFOUND: ["there is no such host", "Check the address"],
};

/** Puts what was being done before the message of its failure. */
export async function attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw new Error(`${doing}: ${(error as Error).message}`);
  }
}
