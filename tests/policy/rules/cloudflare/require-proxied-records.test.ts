import assert from "node:assert/strict";
import { cloudflare } from "../../../../policy/cloudflare";
import { requireProxiedRecords as rule } from "../../../../policy/rules/cloudflare/require-proxied-records";
import { infrastructure, itJudges } from "../../infrastructure";
import { judge, unknown } from "../../support";

describe("cloudflare-require-proxied-records", () => {
  itJudges(rule, [
    [
      cloudflare.dnsRecord,
      { proxied: undefined },
      'DNS record "edge-record" shows the origin\'s address to everyone (proxied: (none)). Allowed: true; false only for proofs of ownership, whose names begin with _. Set proxied.',
    ],
  ]);

  it("lets proofs of ownership and records that lead to no address pass", async () => {
    const proof = { name: "_3f2a.example.com", proxied: false };
    assert.deepEqual(await judge(rule, infrastructure(cloudflare.dnsRecord, proof)), []);
    const text = { type: "TXT", proxied: false };
    assert.deepEqual(await judge(rule, infrastructure(cloudflare.dnsRecord, text)), []);
    const waiting = { name: unknown, proxied: false };
    const named = infrastructure(cloudflare.dnsRecord, waiting, "origin-validation");
    assert.deepEqual(await judge(rule, named), []);
    assert.equal((await judge(rule, infrastructure(cloudflare.dnsRecord, waiting))).length, 1);
  });
});
