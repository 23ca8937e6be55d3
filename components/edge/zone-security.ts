import { ZoneSetting } from "@pulumi/cloudflare/zoneSetting";
import * as pulumi from "@pulumi/pulumi";

export interface ZoneSecurityArgs {
  readonly zoneId: string;
}

const secondsPerYear = 31_536_000;

/**
 * By setting id, as Cloudflare's API spells it (https://developers.cloudflare.com/api/resources/zones/subresources/settings); the SDK's
 * table of ids shows them in camel case, which the API refuses. An object's keys are the API's too: the SDK passes them as they are.
 */
const settings = {
  ssl: "strict",
  min_tls_version: "1.2",
  tls_1_3: "on",
  always_use_https: "on",
  automatic_https_rewrites: "on",
  security_header: {
    strict_transport_security: {
      enabled: true,
      max_age: secondsPerYear,
      include_subdomains: true,
      // A browser's preload list takes months to leave.
      preload: false,
      nosniff: true,
    },
  },
} as const;

/**
 * How a zone treats its clients and its origin: TLS 1.2 at least, HTTPS always (HSTS for a year, subdomains included), and an origin only
 * with a certificate that holds (strict).
 *
 * A setting is the whole zone's: each environment needs a zone of its own, or the last to deploy wins. Destroying this leaves the settings
 * as they are.
 */
export class ZoneSecurity extends pulumi.ComponentResource {
  constructor(name: string, args: ZoneSecurityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:edge:ZoneSecurity", name, args, opts);
    for (const [settingId, value] of Object.entries(settings)) {
      new ZoneSetting(
        `${name}-${settingId.replaceAll("_", "-")}`,
        { zoneId: args.zoneId, settingId, value },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
