import { cloudflare } from "../../cloudflare";
import { textOf } from "../../known";
import { requirementRule } from "../../requirements";

/** Only records that lead to an address can be proxied; the names of proofs of ownership begin with an underscore, and lead to none. */
export const requireProxiedRecords = requirementRule({
  name: "cloudflare-require-proxied-records",
  displayName: "The origin stays behind Cloudflare",
  description:
    "Every DNS record that leads to an origin is proxied: who knows the origin's address passes the firewall by.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps: "Set proxied: true and ttl: 1.",
  seed: "DevOps engineer, prohibitions: no security holes",
  waivable: true,
  requirements: [
    {
      type: cloudflare.dnsRecord,
      noun: "DNS record",
      property: "proxied",
      isMet: (proxied, { name }, record) =>
        proxied === true ||
        !["A", "AAAA", "CNAME"].includes(textOf(record["type"])) ||
        isProof(record["name"], name),
      fault: "shows the origin's address to everyone",
      allowed: "true; false only for proofs of ownership, whose names begin with _",
    },
  ],
});

/** The name of a proof comes from the certificate, and is not known in preview: the resource's own name tells it then. */
function isProof(name: unknown, resourceName: string): boolean {
  return typeof name === "string" ? name.startsWith("_") : resourceName.endsWith("-validation");
}
