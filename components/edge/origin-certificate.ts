import { Certificate } from "@pulumi/aws/acm/certificate";
import { CertificateValidation } from "@pulumi/aws/acm/certificateValidation";
import { DnsRecord } from "@pulumi/cloudflare/dnsRecord";
import * as pulumi from "@pulumi/pulumi";
import { faultOf } from "../fault";

export interface OriginCertificateArgs {
  /** What the certificate is for: the host name that clients ask for, since Cloudflare keeps it towards the origin. */
  readonly hostname: string;
  /** The Cloudflare zone that the host name is in; a CAA record of it, if there is any, must allow amazon.com. */
  readonly zoneId: string;
}

/**
 * The certificate that the load balancer shows to Cloudflare, which checks it (SSL mode "strict").
 *
 * ACM issues it, against a DNS record that this makes, and renews it by itself for as long as the record is there. A Cloudflare origin
 * certificate would need a private key made here, kept in state and renewed by hand; of this one nobody ever holds the key.
 *
 * ```ts
 * new OriginCertificate("origin", { hostname: "staging.example.com", zoneId })
 * ```
 *
 * Another host name makes a new certificate, and removes the old one when nothing uses it any more. Waits for its issue, which takes
 * minutes.
 */
export class OriginCertificate extends pulumi.ComponentResource {
  /** Known only once the certificate is issued: a listener must not ask for it before. */
  readonly certificateArn: pulumi.Output<string>;

  constructor(name: string, args: OriginCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:edge:OriginCertificate", name, args, opts);
    const certificate = new Certificate(
      `${name}-certificate`,
      { domainName: args.hostname, validationMethod: "DNS", keyAlgorithm: "EC_prime256v1" },
      { parent: this },
    );
    const proof = certificate.domainValidationOptions.apply(([first]) => {
      if (first !== undefined) return first;
      throw faultOf(this, `ACM gave no record that proves who owns ${args.hostname}.`);
    });
    const record = new DnsRecord(
      `${name}-validation`,
      {
        zoneId: args.zoneId,
        // ACM writes names with the dot at their end, Cloudflare answers without it: the record would differ for ever.
        name: proof.apply(({ resourceRecordName }) => withoutDot(resourceRecordName)),
        type: proof.resourceRecordType,
        content: proof.apply(({ resourceRecordValue }) => withoutDot(resourceRecordValue)),
        ttl: 300,
        proxied: false,
        comment: "Proves to ACM who owns the name; it renews the certificate by it",
      },
      { parent: this, deleteBeforeReplace: true },
    );
    const validation = new CertificateValidation(
      `${name}-issued`,
      { certificateArn: certificate.arn, validationRecordFqdns: [record.name] },
      { parent: this },
    );
    this.certificateArn = validation.certificateArn;
    this.registerOutputs({ certificateArn: this.certificateArn });
  }
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, "");
}
