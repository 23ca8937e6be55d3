import { cloudflare } from "../../cloudflare";
import { notKnown, show } from "../../known";
import { stackRule } from "../../rule";

const needed = ["ssl", "min_tls_version", "always_use_https"];

/** The rule on the settings' values would not know of one that is left out; Cloudflare's defaults are TLS 1.0 and no HTTPS. */
export const requireZoneSettings = stackRule({
  name: "cloudflare-require-zone-settings",
  displayName: "A zone that serves says how",
  description: "Where a stack has a proxied record, it also sets the zone's TLS settings.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps: "Declare a ZoneSecurity (components/edge/zone-security.ts) for the record's zone.",
  seed: "Safe deployment workflow, step 1: do not proceed when a critical check fails, or is left out",
  unknown: "fits",
  waivable: true,
  *check(resources) {
    const settings = resources.filter(({ type }) => type === cloudflare.zoneSetting);
    for (const record of resources.filter(({ type }) => type === cloudflare.dnsRecord)) {
      if (record.properties["proxied"] !== true) continue;
      const zone = record.properties["zoneId"];
      const present = settings
        .filter(({ properties: { zoneId } }) => zoneId === zone || zoneId === notKnown || zone === notKnown)
        .map(({ properties }) => properties["settingId"]);
      const missing = needed.filter((id) => !present.includes(id));
      if (missing.length === 0) continue;
      yield {
        message: `DNS record "${record.name}" serves from the zone ${show(zone)}, whose ${missing.join(", ")} the stack does not set. Allowed: all of ${needed.join(", ")}. Declare the missing settings.`,
        resource: record,
      };
    }
  },
});
