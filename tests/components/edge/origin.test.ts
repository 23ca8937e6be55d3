import assert from "node:assert/strict";
import { OriginCertificate } from "../../../components/edge/origin-certificate";
import { ZoneSecurity } from "../../../components/edge/zone-security";
import { declaredBy, type Declared } from "../../support/mocks";

const childrenOf = (declared: Declared[]): Declared[] =>
  declared.filter(({ type }) => !/^(slipway|pulumi):/.test(type));

describe("origin certificate", () => {
  it("proves the host name by a record without the dot at its end, and waits for the issue", async () => {
    let arn = "";
    const declared = await declaredBy(
      () =>
        new OriginCertificate("origin", {
          hostname: "staging.example.com",
          zoneId: "zone",
        }).certificateArn.apply((value) => (arn = value)),
      "staging",
      {
        "aws:acm/certificate:Certificate": {
          arn: "arn:certificate",
          domainValidationOptions: [
            {
              domainName: "staging.example.com",
              resourceRecordName: "_a.staging.example.com.",
              resourceRecordType: "CNAME",
              resourceRecordValue: "_b.acm-validations.aws.",
            },
          ],
        },
      },
    );
    assert.deepEqual(
      childrenOf(declared).map(({ name, inputs }) => [name, inputs]),
      [
        [
          "origin-certificate",
          {
            domainName: "staging.example.com",
            validationMethod: "DNS",
            keyAlgorithm: "EC_prime256v1",
          },
        ],
        [
          "origin-validation",
          {
            zoneId: "zone",
            name: "_a.staging.example.com",
            type: "CNAME",
            content: "_b.acm-validations.aws",
            ttl: 300,
            proxied: false,
            comment: "Proves to ACM who owns the name; it renews the certificate by it",
          },
        ],
        [
          "origin-issued",
          { certificateArn: "arn:certificate", validationRecordFqdns: ["_a.staging.example.com"] },
        ],
      ],
    );
    assert.equal(arn, "arn:certificate");
  });
});

describe("zone security", () => {
  it("sets TLS towards clients and origin, and HSTS, by the API's own ids", async () => {
    const declared = await declaredBy(() => new ZoneSecurity("zone", { zoneId: "zone-id" }), "staging");
    assert.deepEqual(
      childrenOf(declared).map(({ name, inputs }) => [
        name,
        inputs["zoneId"],
        inputs["settingId"],
        inputs["value"],
      ]),
      [
        ["zone-ssl", "zone-id", "ssl", "strict"],
        ["zone-min-tls-version", "zone-id", "min_tls_version", "1.2"],
        ["zone-tls-1-3", "zone-id", "tls_1_3", "on"],
        ["zone-always-use-https", "zone-id", "always_use_https", "on"],
        ["zone-automatic-https-rewrites", "zone-id", "automatic_https_rewrites", "on"],
        [
          "zone-security-header",
          "zone-id",
          "security_header",
          {
            strict_transport_security: {
              enabled: true,
              max_age: 31_536_000,
              include_subdomains: true,
              preload: false,
              nosniff: true,
            },
          },
        ],
      ],
    );
  });
});
