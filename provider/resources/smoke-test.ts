import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isDeepStrictEqual } from "node:util";
import { backendName } from "../gateway/backends";
import { redact } from "../redact";
import type { ResourceKind } from "../resource";
import type { SmokeCheck, SmokeResult, SmokeTestInputs } from "../schema/smoke-test";
import { smokeTestSchema } from "../schema/smoke-test";
import { pause } from "../wait";

export interface SmokeTestOutputs {
  /** ISO time. */
  passedAt: string;
  results: SmokeResult[];
}

/** Requests to a version that has no traffic yet, through the gateway's preview route. */
export const smokeTest: ResourceKind<SmokeTestInputs, SmokeTestOutputs> = {
  schema: smokeTestSchema,
  identity: ["service", "version", "backend"],
  id: backendName,
  create: (inputs, context) => run(inputs, context.signal),
  async update(inputs, old, context) {
    const same = old.gatewayUrl === inputs.gatewayUrl && isDeepStrictEqual(old.checks, inputs.checks);
    return same ? { passedAt: old.passedAt, results: old.results } : run(inputs, context.signal);
  },
  delete: async () => undefined,
  read: async ({ passedAt, results }) => ({ passedAt, results }),
};

/** What happens while nothing listens yet, or a proxy in between comes up: tried again until the time is over. */
const startupErrors: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "EAI_AGAIN",
]);
const retryEveryMs = 200;
const excerptLength = 300;
const mostBodyBytes = 1024 * 1024;

async function run(inputs: SmokeTestInputs, cancel: AbortSignal): Promise<SmokeTestOutputs> {
  const timeout = AbortSignal.timeout(inputs.timeoutSeconds * 1000);
  const signal = AbortSignal.any([cancel, timeout]);
  const name = backendName(inputs);
  const results: SmokeResult[] = [];
  const faults: string[] = [];
  for (const check of inputs.checks) {
    const started = performance.now();
    try {
      const answer = await answerTo(inputs, check, signal);
      const milliseconds = Math.round(performance.now() - started);
      const fault = judge(check, answer);
      if (fault !== undefined) faults.push(fault);
      results.push({ path: check.path, status: answer.status, milliseconds });
    } catch (error) {
      cancel.throwIfAborted();
      const reason = timeout.aborted
        ? `no answer within ${inputs.timeoutSeconds} s for all checks`
        : String(error);
      faults.push(`GET ${check.path}: expected status ${check.status}, got ${reason}.`);
      if (timeout.aborted) break;
    }
  }
  if (faults.length > 0) {
    throw new Error(
      [
        `The smoke test of ${name} failed, so it gets no traffic; what was live before is still live.`,
        ...faults,
      ].join("\n"),
    );
  }
  return { passedAt: new Date().toISOString(), results };
}

interface Answer {
  status: number;
  body: string;
}

function judge(check: SmokeCheck, answer: Answer): string | undefined {
  const excerpt = redact(answer.body).slice(0, excerptLength).trim();
  const body = excerpt === "" ? "with an empty body" : `with the body: ${excerpt}`;
  if (answer.status !== check.status) {
    return `GET ${check.path}: expected status ${check.status}, got ${answer.status} ${body}`;
  }
  if (check.bodyIncludes !== undefined && !answer.body.includes(check.bodyIncludes)) {
    return `GET ${check.path}: expected a body that contains "${check.bodyIncludes}", got ${answer.status} ${body}`;
  }
  return undefined;
}

async function answerTo(inputs: SmokeTestInputs, check: SmokeCheck, signal: AbortSignal): Promise<Answer> {
  for (;;) {
    try {
      return await get(new URL(check.path, inputs.gatewayUrl), backendName(inputs), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!startupErrors.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
      await pause(retryEveryMs, signal);
    }
  }
}

/** One request on a connection of its own: a kept one may lead to a worker of before the last reload. */
function get(url: URL, version: string, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(
      url,
      { agent: false, signal, headers: { "x-slipway-version": version } },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on("data", (chunk: Buffer) => {
          length += chunk.length;
          if (length <= mostBodyBytes) chunks.push(chunk);
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
        response.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end();
  });
}
