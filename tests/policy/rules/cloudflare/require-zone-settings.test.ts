import assert from "node:assert/strict";
import { cloudflare } from "../../../../policy/cloudflare";
import { requireZoneSettings as rule } from "../../../../policy/rules/cloudflare/require-zone-settings";
import { infrastructure } from "../../infrastructure";
import { judgeStack, unknown } from "../../support";

const record = (zoneId: string, changes: object = {}) =>
  infrastructure(cloudflare.dnsRecord, { zoneId, ...changes });
const setting = (zoneId: string, settingId: string) =>
  infrastructure(cloudflare.zoneSetting, { zoneId, settingId }, settingId);
const all = ["ssl", "min_tls_version", "always_use_https"];

describe("cloudflare-require-zone-settings", () => {
  it("lets a zone pass whose settings are in the stack, known or not", async () => {
    assert.deepEqual(await judgeStack(rule, [record("z"), ...all.map((id) => setting("z", id))]), []);
    assert.deepEqual(await judgeStack(rule, [record(unknown), ...all.map((id) => setting("z", id))]), []);
    assert.deepEqual(await judgeStack(rule, [record("z"), ...all.map((id) => setting(unknown, id))]), []);
  });

  it("refuses a record that serves from a zone without them", async () => {
    const message = (missing: string) =>
      `DNS record "edge-record" serves from the zone "z", whose ${missing} the stack does not set. Allowed: all of ssl, min_tls_version, always_use_https. Declare the missing settings.`;
    assert.deepEqual(
      await judgeStack(rule, [record("z"), setting("z", "ssl"), setting("other", "min_tls_version")]),
      [["edge-record", message("min_tls_version, always_use_https")]],
    );
  });

  it("asks nothing of a record that is not proxied", async () => {
    assert.deepEqual(await judgeStack(rule, [record("z", { proxied: false })]), []);
  });
});
