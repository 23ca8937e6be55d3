import assert from "node:assert/strict";
import { disallowPrivileged as rule } from "../../../../policy/rules/containers/disallow-privileged";
import { container, release } from "../../compliant";
import { judge, notApplicable, unknown } from "../../support";

const subject = 'Container "backbone-redis"';
const paths =
  "Allowed: paths apart from /boot, /dev, /etc, /lib, /proc, /root, /run, /sys, /usr, /var/lib/docker, /var/run. Use a volume.";
const socket = (path: string) =>
  `${subject} is given the socket ${path}: whoever speaks to an engine's socket is root on this machine. Allowed: none. Remove it.`;

describe("containers-disallow-privileged", () => {
  it("lets a hardened container pass, and is silent about other types", async () => {
    assert.deepEqual(await judge(rule, container()), []);
    assert.equal(await judge(rule, release()), notApplicable);
  });

  it("refuses privileges and namespaces of the host", async () => {
    assert.deepEqual(
      await judge(
        rule,
        container({ privileged: true, pidMode: "host", ipcMode: "host", usernsMode: "host" }),
      ),
      [
        `${subject} is privileged: it is root on this machine. Allowed: privileged: false. Remove it.`,
        `${subject} shares a namespace of this machine (pidMode: "host"). Allowed: its own. Remove pidMode.`,
        `${subject} shares a namespace of this machine (ipcMode: "host"). Allowed: its own. Remove ipcMode.`,
        `${subject} shares a namespace of this machine (usernsMode: "host"). Allowed: its own. Remove usernsMode.`,
      ],
    );
  });

  it("refuses the engine's socket, as volume or mount, however it is written", async () => {
    assert.deepEqual(
      await judge(
        rule,
        container({
          volumes: [{ hostPath: "/var/run//docker.sock", containerPath: "/sock" }],
          mounts: [
            { type: "bind", source: "/run/x/../docker.sock", target: "/sock" },
            { type: "volume", source: "data", target: "/data" },
          ],
        }),
      ),
      [socket("/var/run/docker.sock"), socket("/run/docker.sock")],
    );
  });

  it("refuses sensitive paths, what is below them and what is above them", async () => {
    const volumes = ["/etc", "/proc/sys/", "/var", "/", "/srv/data"].map((hostPath) => ({ hostPath }));
    assert.deepEqual(await judge(rule, container({ volumes, devices: [{ hostPath: "/dev/mem" }] })), [
      `${subject} is given the host path /etc. ${paths}`,
      `${subject} is given the host path /proc/sys, which overlaps /proc. ${paths}`,
      `${subject} is given the host path /var, which overlaps /var/lib/docker. ${paths}`,
      `${subject} is given the host path /, which overlaps /boot. ${paths}`,
      `${subject} is given the host path /dev/mem, which overlaps /dev. ${paths}`,
    ]);
  });

  it("refuses added and undropped capabilities", async () => {
    const capabilities = { adds: ["CAP_SYS_ADMIN", "net_admin"], drops: ["CAP_NET_RAW"] };
    assert.deepEqual(await judge(rule, container({ capabilities })), [
      `${subject} adds the capabilities CAP_SYS_ADMIN, net_admin. Allowed: none. Remove them, or list them in allowedCapabilities of this rule.`,
      `${subject} keeps Docker's default capabilities. Allowed: capabilities.drops with "ALL". Add it.`,
    ]);
    assert.deepEqual(await judge(rule, container({ capabilities: undefined })), [
      `${subject} keeps Docker's default capabilities. Allowed: capabilities.drops with "ALL". Add it.`,
    ]);
  });

  it("refuses the gain of privileges and switched-off profiles", async () => {
    assert.deepEqual(
      await judge(rule, container({ securityOpts: ["seccomp=unconfined", "label:disable"] })),
      [
        `${subject} lets its processes gain privileges. Allowed: securityOpts with "no-new-privileges:true". Add it.`,
        `${subject} switches a protection off (securityOpts: "seccomp=unconfined"). Allowed: Docker's own profiles. Remove it.`,
        `${subject} switches a protection off (securityOpts: "label:disable"). Allowed: Docker's own profiles. Remove it.`,
      ],
    );
  });

  it("refuses a root that can be written to, but for the containers that the configuration names", async () => {
    const writable = `${subject} can write to its root. Allowed: readOnly: true, with tmpfs or volumes for what must be written. Set it, or name the container in writableRoot of this rule.`;
    for (const readOnly of [false, undefined]) {
      assert.deepEqual(await judge(rule, container({ readOnly })), [writable]);
      assert.deepEqual(await judge(rule, container({ readOnly }), { config: { writableRoot: ["other"] } }), [
        writable,
      ]);
      for (const writableRoot of [["backbone-redis"], ["slipway-redis"]]) {
        assert.deepEqual(await judge(rule, container({ readOnly }), { config: { writableRoot } }), []);
      }
    }
  });

  it("takes allowed capabilities and host paths from its configuration", async () => {
    const config = { allowedCapabilities: ["NET_BIND_SERVICE"], hostPaths: ["/srv"] };
    const capabilities = { adds: ["CAP_NET_BIND_SERVICE"], drops: ["all"] };
    const volumes = [{ hostPath: "/etc/ssl" }, { hostPath: "/srv/x" }];
    assert.deepEqual(await judge(rule, container({ capabilities, volumes }), { config }), [
      `${subject} is given the host path /srv/x, which overlaps /srv. Allowed: paths apart from /srv. Use a volume.`,
    ]);
  });

  it("waits with what only the update will know, and still judges the rest", async () => {
    const changes = {
      privileged: unknown,
      capabilities: { drops: unknown },
      securityOpts: [unknown],
      readOnly: unknown,
      volumes: [{ hostPath: unknown }, { hostPath: "/etc" }],
    };
    assert.deepEqual(await judge(rule, container(changes)), [
      `${subject} is given the host path /etc. ${paths}`,
    ]);
    assert.deepEqual(await judge(rule, container({ capabilities: unknown, securityOpts: unknown })), []);
    assert.deepEqual(await judge(rule, container({ capabilities: { drops: [unknown] } })), []);
  });
});
