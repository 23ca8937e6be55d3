import { cloudflare } from "../../cloudflare";
import { isTrue, requirementRule } from "../../requirements";

export const disallowPublicWorkers = requirementRule({
  name: "cloudflare-disallow-public-workers",
  displayName: "Workers answer on the zone alone, and are watched",
  description:
    "A Worker has no address on workers.dev, where the zone's settings do not hold, and keeps logs.",
  severity: "medium",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Set subdomain: { enabled: false, previewsEnabled: false } and observability: { enabled: true }.",
  seed: "DevOps engineer, prohibitions: no security holes",
  waivable: true,
  requirements: [
    ...(["subdomain.enabled", "subdomain.previewsEnabled"] as const).map((property) => ({
      ...{ type: cloudflare.worker, noun: "Worker", property, allowed: "false" },
      isMet: (enabled: unknown) => enabled === false,
      fault: "answers on workers.dev, past the zone's firewall and settings",
    })),
    {
      ...{ type: cloudflare.worker, noun: "Worker", property: "observability.enabled", isMet: isTrue },
      fault: "keeps no logs",
      allowed: "true",
    },
  ],
});
