import assert from "node:assert/strict";
import { cloudflare } from "../../../../policy/cloudflare";
import { requireTls as rule } from "../../../../policy/rules/cloudflare/require-tls";
import { infrastructure, itJudges } from "../../infrastructure";
import { judge } from "../../support";

describe("cloudflare-require-tls", () => {
  itJudges(rule, [
    [
      cloudflare.zoneSetting,
      { value: "flexible" },
      'Zone setting "zone-ssl" lets Cloudflare speak to any origin that answers (value: "flexible"). Allowed: "strict". Set value.',
    ],
  ]);

  it("judges each setting by what it is", async () => {
    const settings: [settingId: string, good: unknown, bad: unknown, fault?: string][] = [
      ["min_tls_version", "1.2", "1.0", 'lets outdated TLS in (value: "1.0"). Allowed: "1.2" or "1.3"'],
      ["tls_1_3", "zrt", "off", 'switches TLS 1.3 off (value: "off"). Allowed: "on"'],
      ["always_use_https", "on", "off", 'answers in the clear (value: "off"). Allowed: "on"'],
      ["automatic_https_rewrites", "on", "off", 'leaves links in the clear (value: "off"). Allowed: "on"'],
      [
        "security_header",
        { strict_transport_security: { enabled: true, max_age: 31_536_000 } },
        { strict_transport_security: { enabled: true, max_age: 60 } },
        'does not tell browsers to keep to HTTPS (value: {"strict_transport_security":{"enabled":true,"max_age":60}}). Allowed: strict_transport_security with enabled: true and max_age of 15768000 or more',
      ],
      ["brotli", "off", undefined],
    ];
    for (const [settingId, good, bad, fault] of settings) {
      const judged = (value: unknown) =>
        judge(rule, infrastructure(cloudflare.zoneSetting, { settingId, value }));
      assert.deepEqual(await judged(good), []);
      const expected = fault === undefined ? [] : [`Zone setting "zone-ssl" ${fault}. Set value.`];
      assert.deepEqual(await judged(bad), expected);
    }
  });
});
