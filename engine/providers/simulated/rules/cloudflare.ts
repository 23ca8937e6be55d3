/** Cloudflare: records, databases, workers and how their versions share the traffic. */
import { isObject } from "../../../values";
import type { Fault } from "../fault";
import { listAt, numberAt, pattern, textAt, type Asked, type Rule } from "./rule";

const API = "Cloudflare API";

function* ids({ inputs }: Asked): Iterable<Fault> {
  for (const path of ["accountId", "zoneId"]) {
    yield* pattern(
      inputs,
      path,
      /^[0-9a-f]{32}$/,
      "32 hexadecimal digits",
      `${API}, Find zone and account IDs`,
    );
  }
}

const PROXIED = ["A", "AAAA", "CNAME"];

function* record({ inputs }: Asked): Iterable<Fault> {
  const source = `${API}, DNS Records, Create`;
  const [ttl, type] = [numberAt(inputs, "ttl"), textAt(inputs, "type")];
  if (ttl !== undefined && ttl !== 1 && (ttl < 30 || ttl > 86400)) {
    yield {
      path: "ttl",
      allowed: "it must be 1 (automatic) or from 30 to 86400 seconds (60 where the zone is not Enterprise)",
      source,
    };
  }
  if (inputs["proxied"] !== true) return;
  if (ttl !== undefined && ttl !== 1)
    yield { path: "ttl", allowed: "it must be 1 for a proxied record", source };
  if (type !== undefined && !PROXIED.includes(type)) {
    yield { path: "proxied", allowed: `only ${PROXIED.join(", ")} can be proxied, not ${type}`, source };
  }
}

function* database({ inputs }: Asked): Iterable<Fault> {
  yield* pattern(
    inputs,
    "name",
    /^[a-zA-Z0-9_-]{1,64}$/,
    "at most 64 of letters, digits, - and _",
    `${API}, D1, Create`,
  );
}

function* script({ inputs }: Asked): Iterable<Fault> {
  const source = `${API}, Workers, Scripts`;
  yield* pattern(
    inputs,
    "scriptName",
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    "at most 63 of a-z, 0-9, - and _",
    source,
  );
  yield* pattern(inputs, "compatibilityDate", /^\d{4}-\d\d-\d\d$/, "a date such as 2026-01-31", source);
}

function* deployment({ inputs }: Asked): Iterable<Fault> {
  const source = `${API}, Workers, Deployments, Create`;
  const versions = listAt(inputs, "versions");
  if (versions.length > 2) yield { path: "versions", allowed: "there may be one or two", source };
  const percents = versions.map((each) => (isObject(each) ? each["percentage"] : undefined));
  const total = percents.reduce<number>(
    (sum, percent) => sum + (typeof percent === "number" ? percent : NaN),
    0,
  );
  if (versions.length > 0 && !Number.isNaN(total) && Math.abs(total - 100) > 0.001) {
    yield { path: "versions", allowed: `their percentages are ${total} together and must be 100`, source };
  }
}

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  "cloudflare:index/dnsRecord:DnsRecord": [record],
  "cloudflare:index/d1Database:D1Database": [database],
  "cloudflare:index/workersScript:WorkersScript": [script],
  "cloudflare:index/workersDeployment:WorkersDeployment": [deployment],
};

export const cloudflareRules = (type: string): readonly Rule[] =>
  type.startsWith("cloudflare:") ? [ids, ...(RULES[type] ?? [])] : [];
