import { cloudflare } from "../../../../policy/cloudflare";
import { disallowPublicWorkers as rule } from "../../../../policy/rules/cloudflare/disallow-public-workers";
import { itJudges } from "../../infrastructure";

describe("cloudflare-disallow-public-workers", () => {
  itJudges(rule, [
    [
      cloudflare.worker,
      { subdomain: { enabled: true, previewsEnabled: false } },
      'Worker "edge-worker" answers on workers.dev, past the zone\'s firewall and settings (subdomain.enabled: true). Allowed: false. Set subdomain.enabled.',
    ],
    [
      cloudflare.worker,
      { subdomain: { enabled: false } },
      'Worker "edge-worker" answers on workers.dev, past the zone\'s firewall and settings (subdomain.previewsEnabled: (none)). Allowed: false. Set subdomain.previewsEnabled.',
    ],
    [
      cloudflare.worker,
      { observability: { enabled: false } },
      'Worker "edge-worker" keeps no logs (observability.enabled: false). Allowed: true. Set observability.enabled.',
    ],
  ]);
});
