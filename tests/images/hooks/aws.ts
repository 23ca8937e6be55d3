/** What the tests of the hooks share: an AWS that is moto, but for what moto does not do, and the functions' environment. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { startMoto } from "../../support/moto";

export interface Aws {
  readonly url: string;
  /** Answers an operation in moto's stead until the next `forget`. */
  readonly answer: (operation: string, body: string, status?: number) => void;
  readonly forget: () => void;
  /** Bodies of the requests for an operation since the last `forget`. */
  readonly requests: (operation: string) => string[];
}

let aws: Promise<Aws> | undefined;

/** One for all files: the hooks' clients keep the address that they found first. */
export function useAws(): Promise<Aws> {
  return (aws ??= start());
}

async function start(): Promise<Aws> {
  const moto = await startMoto();
  const answers = new Map<string, { body: string; status: number }>();
  let seen: { operation: string; body: string }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      const operation = operationOf(request, body);
      seen.push({ operation, body });
      const found = answers.get(operation) ?? (await forward(moto.url, request, body));
      response.writeHead(found.status, { "content-type": "application/x-amz-json-1.1" }).end(found.body);
    })();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "testing",
    AWS_SECRET_ACCESS_KEY: "testing",
    AWS_ENDPOINT_URL: url,
  });
  return {
    url,
    answer: (operation, body, status = 200) => void answers.set(operation, { body, status }),
    forget: () => {
      answers.clear();
      seen = [];
    },
    requests: (operation) => seen.filter((each) => each.operation === operation).map(({ body }) => body),
  };
}

/** Of AWS's JSON protocol in a header, of its query protocol in the body. */
function operationOf({ headers }: IncomingMessage, body: string): string {
  return String(headers["x-amz-target"]).split(".")[1] ?? new URLSearchParams(body).get("Action") ?? "";
}

async function forward(url: string, { headers }: IncomingMessage, body: string) {
  const kept = ["authorization", "content-type", "x-amz-target", "x-amz-date"].flatMap((name) =>
    typeof headers[name] === "string" ? [[name, headers[name]] as [string, string]] : [],
  );
  const response = await fetch(url, { method: "POST", headers: kept, body });
  return { status: response.status, body: await response.text() };
}

/** The id of the first thing of a kind that a new account has in its default network. */
export async function firstOf(kind: "SecurityGroups" | "Subnets"): Promise<string> {
  const response = await fetch((await useAws()).url, {
    method: "POST",
    headers: {
      authorization: "AWS4-HMAC-SHA256 Credential=testing/20260101/eu-central-1/ec2/aws4_request",
      "content-type": "application/x-www-form-urlencoded",
    },
    body: `Action=Describe${kind}&Version=2016-11-15`,
  });
  const id = /<(?:subnetId|groupId)>([^<]+)</.exec(await response.text())?.[1];
  if (id === undefined) throw new Error(`moto has no ${kind}`);
  return id;
}

const account = "arn:aws:ecs:eu-central-1:123456789012";
export const revisionArn = `${account}:service-revision/slipway-staging/slipway-staging-sample/9313423515462893900`;

export function stageEvent(stage: string, hookDetails?: Record<string, unknown>) {
  return {
    executionId: "f4fcae0f-9bec-41c6-ba87-0eaa0cef8af5",
    lifecycleStage: stage,
    executionDetails: {
      serviceArn: `${account}:service/slipway-staging/slipway-staging-sample`,
      targetServiceRevisionArn: revisionArn,
    },
    ...(hookDetails && { hookDetails }),
  };
}

export const context = { awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd" };

/** What RDS says of snapshots, moto's being done at once. */
export function snapshotIs(status: string): string {
  return (
    "<DescribeDBSnapshotsResponse><DescribeDBSnapshotsResult><DBSnapshots><DBSnapshot>" +
    `<Status>${status}</Status><PercentProgress>40</PercentProgress>` +
    "</DBSnapshot></DBSnapshots></DescribeDBSnapshotsResult></DescribeDBSnapshotsResponse>"
  );
}
