import { cloudflare } from "../../cloudflare";
import { objectOf } from "../../known";
import { isAtLeast, requirementRule, type Requirement } from "../../requirements";

const setting = (
  id: string,
  isMet: (value: unknown) => boolean,
  fault: string,
  allowed: string,
): Requirement => ({
  ...{ type: cloudflare.zoneSetting, noun: "Zone setting", property: "value", fault, allowed },
  isMet: (value, _, { settingId }) => settingId !== id || isMet(value),
});
const isOn = (value: unknown): boolean => value === "on";
const halfYear = 15_768_000;

export const requireTls = requirementRule({
  name: "cloudflare-require-tls",
  displayName: "The edge speaks TLS 1.2 or better, to both sides",
  description:
    "Cloudflare takes HTTPS only, TLS 1.2 at least, tells browsers so, and checks the origin's certificate.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps: "Set the zone's settings as components/edge does.",
  seed: "DevOps engineer, prohibitions: no security holes",
  waivable: true,
  requirements: [
    setting(
      "ssl",
      (value) => value === "strict",
      "lets Cloudflare speak to any origin that answers",
      '"strict"',
    ),
    setting(
      "min_tls_version",
      (value) => value === "1.2" || value === "1.3",
      "lets outdated TLS in",
      '"1.2" or "1.3"',
    ),
    setting("tls_1_3", (value) => value === "on" || value === "zrt", "switches TLS 1.3 off", '"on"'),
    setting("always_use_https", isOn, "answers in the clear", '"on"'),
    setting("automatic_https_rewrites", isOn, "leaves links in the clear", '"on"'),
    setting(
      "security_header",
      (value) => {
        const { enabled, max_age: seconds } = objectOf(objectOf(value)["strict_transport_security"]);
        return enabled === true && isAtLeast(seconds, halfYear);
      },
      "does not tell browsers to keep to HTTPS",
      `strict_transport_security with enabled: true and max_age of ${halfYear} or more`,
    ),
  ],
});
