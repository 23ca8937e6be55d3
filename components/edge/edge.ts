import { D1Database } from "@pulumi/cloudflare/d1database";
import { DnsRecord } from "@pulumi/cloudflare/dnsRecord";
import { Worker } from "@pulumi/cloudflare/worker";
import { WorkerVersion } from "@pulumi/cloudflare/workerVersion";
import { WorkersDeployment } from "@pulumi/cloudflare/workersDeployment";
import { WorkersRoute } from "@pulumi/cloudflare/workersRoute";
import * as pulumi from "@pulumi/pulumi";
import { faultOfPercent, splitTraffic } from "./worker-traffic";
import { faultOf } from "../fault";

export interface EdgeWorker {
  /** The bundled module's text. */
  readonly code: string;
  /** What the version is called in Cloudflare's list. */
  readonly version: string;
  /** The share of requests that a new version gets: 0.01 to 100, or 0 for none yet. */
  readonly percent: number;
  /** Cloudflare's id of the version that gets the rest: this component's last `workerStableId`. Absent before the first deployment. */
  readonly stableId?: string | undefined;
}

export interface EdgeArgs {
  /** Start of the names of the Worker and the database. */
  readonly prefix: string;
  readonly accountId: string;
  readonly zoneId: string;
  readonly hostname: string;
  /** DNS name of the load balancer. */
  readonly origin: pulumi.Input<string>;
  /** Where the database's primary is: `weur`, `eeur`, `enam`, `wnam`, `apac` or `oc`. */
  readonly databaseLocation: string;
  /** Keeps the database from being destroyed. */
  readonly protect: boolean;
  readonly worker: EdgeWorker;
}

/** Which behaviour of Cloudflare's runtime the Worker was written and tested for. */
export const compatibilityDate = "2026-04-01";
/** By which name the Worker finds its database, and knows which version of it runs. */
export const databaseBinding = "DB";
export const versionBinding = "VERSION";

/**
 * What stands before the origin at Cloudflare: the proxied DNS record, and a Worker on every path of the host name, with its D1 database.
 *
 * A new version of the Worker gets `percent` of the requests, the stable one the rest; at 100 it is the stable one from then on. Versions
 * stay at Cloudflare (the last hundred) when the program no longer declares them, which is what makes the way back immediate: `percent: 0`.
 *
 * ```ts
 * new Edge("edge", { prefix: "slipway-staging", …, worker: { code, version: "1.4.0", percent: 10, stableId: lastOutputs.workerStableId } })
 * ```
 *
 * A replaced or deleted database is data lost, so it is protected (`protect`) and, should the stack go, left at Cloudflare. Its schema comes
 * by migrations (`npm run d1`), before the Worker that needs it. What Wrangler or the dashboard deploys meanwhile is not seen as drift.
 *
 * @throws ResourceError for a share that is none, or below 100 with no stable version
 */
export class Edge extends pulumi.ComponentResource {
  readonly url: string;
  readonly databaseId: pulumi.Output<string>;
  readonly databaseName: string;
  /** The version just uploaded. */
  readonly workerVersionId: pulumi.Output<string>;
  /** The version that all traffic can go back to. */
  readonly workerStableId: pulumi.Output<string>;

  constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:edge:Edge", name, { ...args, worker: { ...args.worker, code: undefined } }, opts);
    const { accountId, zoneId, hostname, worker } = args;
    const { percent, stableId } = worker;
    const fault = faultOfPercent(percent, stableId !== undefined);
    if (fault !== undefined) throw faultOf(this, fault);
    const scriptName = `${args.prefix}-edge`;

    new DnsRecord(
      `${name}-record`,
      // Automatic, which is the only TTL of a proxied record.
      { zoneId, name: hostname, type: "CNAME", content: args.origin, proxied: true, ttl: 1 },
      { parent: this },
    );
    this.databaseName = scriptName;
    const database = new D1Database(
      `${name}-database`,
      { accountId, name: this.databaseName, primaryLocationHint: args.databaseLocation },
      // Cloudflare does not tell where a database is: a change of the hint must not replace it, and all that is in it.
      {
        parent: this,
        protect: args.protect,
        retainOnDelete: true,
        ignoreChanges: ["primaryLocationHint"],
      },
    );
    this.databaseId = database.uuid;

    const script = new Worker(
      `${name}-worker`,
      {
        accountId,
        name: scriptName,
        observability: { enabled: true, headSamplingRate: 1 },
        // No way around the zone's settings.
        subdomain: { enabled: false, previewsEnabled: false },
      },
      { parent: this },
    );
    const version = new WorkerVersion(
      `${name}-version`,
      {
        accountId,
        workerId: script.id,
        compatibilityDate,
        mainModule: "worker.js",
        modules: [
          {
            name: "worker.js",
            contentType: "application/javascript+module",
            contentBase64: Buffer.from(worker.code).toString("base64"),
          },
        ],
        bindings: [
          { name: databaseBinding, type: "d1", id: database.uuid },
          { name: versionBinding, type: "version_metadata" },
        ],
        annotations: { workersTag: worker.version },
      },
      { parent: this, retainOnDelete: true },
    );
    const deployment = new WorkersDeployment(
      `${name}-deployment`,
      {
        accountId,
        scriptName: script.name,
        strategy: "percentage",
        versions: version.id.apply((id) => splitTraffic(id, percent, stableId)),
      },
      { parent: this },
    );
    new WorkersRoute(
      `${name}-route`,
      { zoneId, pattern: `${hostname}/*`, script: script.name },
      // A route to a Worker that has no deployment answers every request with an error.
      { parent: this, dependsOn: [deployment] },
    );

    this.url = `https://${hostname}`;
    this.workerVersionId = version.id;
    // By way of the deployment: known only once the traffic has moved.
    this.workerStableId = pulumi
      .all([version.id, deployment.id])
      .apply(([versionId]) => (percent === 100 || stableId === undefined ? versionId : stableId));
    this.registerOutputs({
      url: this.url,
      databaseId: this.databaseId,
      databaseName: this.databaseName,
      workerVersionId: this.workerVersionId,
      workerStableId: this.workerStableId,
    });
  }
}
