/** Requests to a version that has test traffic and no other, through the gateway's test listener. */
import { request } from "node:https";
import { reason } from "./log";
import { type Answer, type Ask, hook, setting } from "./run";

interface Check {
  readonly path: string;
  readonly status: number;
  readonly bodyIncludes?: string;
}

/** A listener's new weights reach all its nodes within seconds; a version that still fails then is not good. */
const attempts = 3;
const answerMilliseconds = 10_000;
/** More of a page than this is not read. */
const mostBytes = 1_000_000;

export const handler = hook(test);

async function test({ details, expired }: Ask): Promise<Answer> {
  const checks = details["checks"] as readonly Check[];
  const faults = (await Promise.all(checks.map(faultOf))).filter((fault) => fault !== undefined);
  if (faults.length === 0) return { status: "SUCCEEDED" };
  const attempt = Number(details["attempt"] ?? 1);
  if (attempt >= attempts || expired) {
    return { status: "FAILED", fault: `smoke test, attempt ${attempt}: ${faults.join("; ")}` };
  }
  return { status: "IN_PROGRESS", afterSeconds: 10, details: { ...details, attempt: attempt + 1 } };
}

async function faultOf({ path, status, bodyIncludes }: Check): Promise<string | undefined> {
  try {
    const answer = await get(path);
    if (answer.status !== status) return `${path} answered ${answer.status}, not ${status}`;
    if (bodyIncludes !== undefined && !answer.body.includes(bodyIncludes)) {
      return `${path} answered without "${bodyIncludes}"`;
    }
    return undefined;
  } catch (error) {
    return `${path}: ${reason(error)}`;
  }
}

/** Connects to the load balancer by its own name, and asks for the host that its certificate is for. */
function get(path: string): Promise<{ status: number; body: string }> {
  const host = setting("HOST");
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: setting("GATEWAY"),
        port: setting("GATEWAY_PORT"),
        servername: host,
        headers: { host },
        path,
        signal: AbortSignal.timeout(answerMilliseconds),
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          body = (body + chunk).slice(0, mostBytes);
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", reject);
      },
    );
    sent.on("error", reject).end();
  });
}
