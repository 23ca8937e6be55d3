/** The Cloudflare resource types that rules name, as Pulumi writes them; a test holds them against the SDK. */
export const cloudflare = {
  database: "cloudflare:index/d1Database:D1Database",
  dnsRecord: "cloudflare:index/dnsRecord:DnsRecord",
  worker: "cloudflare:index/worker:Worker",
  workerVersion: "cloudflare:index/workerVersion:WorkerVersion",
  zoneSetting: "cloudflare:index/zoneSetting:ZoneSetting",
} as const;
