import assert from "node:assert/strict";
import { disallowPublicPorts as rule } from "../../../../policy/rules/containers/disallow-public-ports";
import { container, release } from "../../compliant";
import { judge, notApplicable, unknown } from "../../support";

const mend = 'Allowed: 127.0.0.1, ::1. Set ip: "127.0.0.1", or reach the service through the gateway.';

describe("containers-disallow-public-ports", () => {
  it("lets loopback and unpublished ports pass, and is silent about other types", async () => {
    assert.deepEqual(await judge(rule, container()), []);
    assert.deepEqual(await judge(rule, container({ ports: [{ internal: 1, ip: "::1" }] })), []);
    assert.deepEqual(await judge(rule, container({ ports: undefined })), []);
    assert.equal(await judge(rule, release()), notApplicable);
  });

  it("refuses each port on another address, or on none", async () => {
    const ports = [
      { internal: 8080, ip: "0.0.0.0" },
      { internal: 5432 },
      { internal: 80, ip: "127.0.0.1" },
      { internal: 443, ip: "10.0.0.7" },
    ];
    assert.deepEqual(await judge(rule, container({ ports })), [
      `Container "backbone-redis" publishes its port 8080 on 0.0.0.0. ${mend}`,
      `Container "backbone-redis" publishes its port 5432 on all addresses, as no ip is set. ${mend}`,
      `Container "backbone-redis" publishes its port 443 on 10.0.0.7. ${mend}`,
    ]);
  });

  it("refuses every way around it", async () => {
    assert.deepEqual(await judge(rule, container({ publishAllPorts: true, networkMode: "host" })), [
      `Container "backbone-redis" publishes every port of its image on all addresses (publishAllPorts). ${mend}`,
      'Container "backbone-redis" shares the network of this machine (networkMode: "host"), so every port it opens is public. Allowed: a network of Docker. Name one in networksAdvanced.',
    ]);
  });

  it("waits with an address that only the update will know, and still judges the rest", async () => {
    const ports = [{ internal: 1, ip: unknown }, unknown, { internal: 2, ip: "0.0.0.0" }];
    assert.deepEqual(await judge(rule, container({ ports })), [
      `Container "backbone-redis" publishes its port 2 on 0.0.0.0. ${mend}`,
    ]);
    assert.deepEqual(await judge(rule, container({ ports: unknown })), []);
  });
});
