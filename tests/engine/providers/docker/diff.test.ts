import assert from "node:assert/strict";
import { createDockerProvider } from "../../../../engine/providers/docker/provider";
import type { DiffResult } from "../../../../engine/model";
import type { Properties } from "../../../../engine/values";
import { UNKNOWN } from "../../../../engine/values";
import { checkInputs, kindsOf, NO_CHANGE, subjectOf, withoutOrder } from "./support";
import type { Kind } from "./support";

/** A container as the state has it: what a minimal one gets from Docker, and `set`. */
const stateOf = (set: Properties): Properties => ({
  ...{ name: "c", image: "i", networkMode: "bridge", restart: "no", mustRun: true, start: true, wait: false },
  ...{ waitTimeout: 60, removeVolumes: true, containerReadRefreshTimeoutMilliseconds: 15000 },
  ...{ command: ["bash"], entrypoints: [], envs: [], labels: [], securityOpts: [], hostname: "0123456789ab" },
  ...{
    user: "",
    workingDir: "",
    ports: [],
    mounts: [],
    memory: 0,
    memorySwap: 0,
    memoryReservation: 0,
    shmSize: 64,
  },
  ...{ healthcheck: null, tmpfs: null, capabilities: null, cpus: null, init: false, logDriver: "json-file" },
  ...{ runtime: "runc", ipcMode: "private", stopTimeout: 0, networksAdvanced: [], volumes: [], uploads: [] },
  ...{ networkDatas: [{ networkName: "bridge" }] },
  ...set,
});

async function diffOf(
  kind: Kind,
  outputs: Properties,
  news: Properties,
  ignoreChanges: string[] = [],
): Promise<DiffResult> {
  const checked = await checkInputs(kind, news);
  return createDockerProvider().diff(
    { ...subjectOf(kind, "web"), id: "1" },
    {},
    outputs,
    checked,
    ignoreChanges,
  );
}
const containerDiff = (state: Properties, news: Properties, ignoreChanges?: string[]): Promise<DiffResult> =>
  diffOf("Container", stateOf(state), { name: "c", image: "i", ...news }, ignoreChanges);

describe("engine/providers/docker: diff", () => {
  const same: [what: string, state: Properties, news: Properties][] = [
    ["everything left out that Docker fills in", {}, {}],
    [
      "the order of a set, and an element given twice",
      { envs: ["A=1", "B=2"] },
      { envs: ["B=2", "A=1", "B=2"] },
    ],
    [
      "labels, envs and command that were taken out",
      { envs: ["A=1"], labels: [{ label: "a", value: "b" }] },
      {},
    ],
    ["labels that are an empty list", { labels: [{ label: "a", value: "b" }] }, { labels: [] }],
    ["a user that was taken out, or is empty", { user: "1000", workingDir: "/w" }, { user: "" }],
    ["a spelling of cpus", { cpus: "1.0" }, { cpus: "1" }],
    [
      "a spelling of a duration",
      { healthcheck: { tests: ["CMD"], interval: "1m30s" } },
      { healthcheck: { tests: ["CMD"], interval: "90s" } },
    ],
    [
      "a spelling of capabilities",
      { capabilities: { adds: ["CAP_NET_ADMIN"], drops: ["ALL"] } },
      { capabilities: { adds: ["net_admin"], drops: ["all"] } },
    ],
    ["swap that Docker made twice the memory", { memory: 64, memorySwap: 128 }, { memory: 64 }],
    ["swap of a machine without swap accounting", { memory: 64, memorySwap: -1 }, { memory: 64 }],
    [
      "a port that Docker chose",
      { ports: [{ internal: 80, external: 32769, ip: "0.0.0.0", protocol: "tcp" }] },
      { ports: [{ internal: 80 }] },
    ],
    [
      "a port that Docker chose for 0",
      { ports: [{ internal: 80, external: 32769, ip: "0.0.0.0", protocol: "tcp" }] },
      { ports: [{ internal: 80, external: 0 }] },
    ],
    [
      "the order of one port on tcp and udp",
      {
        ports: [
          { internal: 53, external: 5353, ip: "127.0.0.1", protocol: "tcp" },
          { internal: 53, external: 5353, ip: "127.0.0.1", protocol: "udp" },
        ],
      },
      {
        ports: [
          { internal: 53, external: 5353, ip: "127.0.0.1", protocol: "udp" },
          { internal: 53, external: 5353, ip: "127.0.0.1", protocol: "tcp" },
        ],
      },
    ],
    ["an empty map for none", { tmpfs: {}, sysctls: {}, logOpts: {} }, {}],
    [
      "a mount's options that Docker spells out",
      {
        mounts: [
          {
            target: "/d",
            source: "v",
            type: "volume",
            readOnly: false,
            volumeOptions: null,
            bindOptions: null,
          },
        ],
      },
      { mounts: [{ target: "/d", source: "v", type: "volume" }] },
    ],
  ];
  for (const [what, state, news] of same) {
    it(`takes no account of ${what}`, async () => {
      assert.deepEqual(withoutOrder(await containerDiff(state, news)), NO_CHANGE);
    });
  }

  const replacing: [what: string, state: Properties, news: Properties, kinds: Record<string, string>][] = [
    ["image", {}, { image: "j" }, { image: "update-replace" }],
    [
      "one env of several",
      { envs: ["A=1", "B=2", "C=3", "D=4"] },
      { envs: ["A=1", "B=2", "C=3", "D=5"] },
      { "envs[3]": "update-replace" },
    ],
    ["envs, to none", { envs: ["A=1"] }, { envs: [] }, { "envs[0]": "delete-replace" }],
    [
      "a port's number",
      { ports: [{ internal: 80, external: 8080, ip: "0.0.0.0", protocol: "tcp" }] },
      { ports: [{ internal: 80, external: 8081 }] },
      { "ports[0]": "update-replace" },
    ],
    [
      "tmpfs, which the real provider would leave as it is",
      {},
      { tmpfs: { "/run": "rw" } },
      { 'tmpfs["/run"]': "add-replace" },
    ],
    [
      "a tmpfs option",
      { tmpfs: { "/run": "rw", tmp: "a" } },
      { tmpfs: { "/run": "ro", tmp: "a" } },
      { 'tmpfs["/run"]': "update-replace" },
    ],
    [
      "a healthcheck, which the real provider would leave as it is",
      { healthcheck: { tests: ["CMD", "a"], interval: "5s", timeout: "0s", retries: 3 } },
      { healthcheck: { tests: ["CMD", "b"], interval: "9s", retries: 3 } },
      { "healthcheck.tests[1]": "update-replace", "healthcheck.interval": "update-replace" },
    ],
    ["init", {}, { init: true }, { init: "update-replace" }],
    ["an explicit false", { init: true }, { init: false }, { init: "update-replace" }],
    [
      "a mount's target",
      { mounts: [{ target: "/d", source: "v", type: "volume", readOnly: false }] },
      { mounts: [{ target: "/e", source: "v", type: "volume" }] },
      { "mounts[0]": "update-replace" },
    ],
    [
      "a memory limit that was taken out, which Docker cannot undo",
      { memory: 64, memorySwap: 128 },
      {},
      { memory: "delete-replace" },
    ],
    ["cpus", { cpus: "0.5" }, { cpus: "1" }, { cpus: "update-replace" }],
    [
      "a log option",
      { logOpts: { "max-size": "1m" } },
      { logOpts: { "max-size": "2m" } },
      { 'logOpts["max-size"]': "update-replace" },
    ],
    ["an unknown image", {}, { image: UNKNOWN }, { image: "update-replace" }],
  ];
  for (const [what, state, news, kinds] of replacing) {
    it(`replaces for ${what}`, async () => {
      const diff = await containerDiff(state, news);
      assert.deepEqual(kindsOf(diff), kinds);
      assert.deepEqual(diff.replaces, [Object.keys(kinds)[0]?.replace(/[.[].*/, "")]);
      assert.equal(diff.deleteBeforeReplace, true);
    });
  }

  it("changes limits and records settings in place", async () => {
    const diff = await containerDiff(
      { memory: 64, memorySwap: 64 },
      { memory: 96, memorySwap: 96, restart: "always", wait: true, destroyGraceSeconds: 5, cpuShares: 10 },
    );
    assert.deepEqual(kindsOf(diff), {
      memory: "update",
      memorySwap: "update",
      cpuShares: "add",
      restart: "update",
      wait: "update",
      destroyGraceSeconds: "add",
    });
    assert.deepEqual(diff.replaces, []);
  });

  it("starts a container again that stopped", async () => {
    const diff = await containerDiff({ mustRun: false }, {});
    assert.deepEqual(kindsOf(diff), { mustRun: "update" });
    assert.deepEqual(diff.replaces, []);
  });

  it("replaces a container that was made and did not become ready, whatever its inputs", async () => {
    const diff = await containerDiff({ networkDatas: null, hostname: null, entrypoints: null }, {});
    assert.deepEqual(diff.replaces, ["networkDatas"]);
    assert.equal(diff.changes, "some");
  });

  it("leaves out what is to be ignored", async () => {
    const changed = { image: "j", envs: ["A=2"] };
    const diff = await containerDiff({ envs: ["A=1"] }, changed, ["image", "envs[0]"]);
    assert.deepEqual(withoutOrder(diff), NO_CHANGE);
  });

  it("deletes a network first only if the program named it", async () => {
    const state = { name: "mesh-4bb06f8", driver: "bridge", internal: false, ipamDriver: "default" };
    const automatic = await diffOf("Network", state, { attachable: true }, []);
    assert.equal(automatic.deleteBeforeReplace, false);
    const named = await diffOf("Network", { ...state, name: "mesh" }, { name: "mesh", attachable: true });
    assert.deepEqual(kindsOf(named), { attachable: "add-replace" });
    assert.equal(named.deleteBeforeReplace, true);
  });

  it("takes a subnet whose gateway Docker chose for the same", async () => {
    const ipamConfigs = [{ subnet: "10.9.0.0/24", gateway: "10.9.0.1", ipRange: "", auxAddress: {} }];
    const diff = await diffOf(
      "Network",
      { name: "n", ipamDriver: "default", ipamConfigs },
      { name: "n", ipamConfigs: [{ subnet: "10.9.0.0/24" }] },
    );
    assert.deepEqual(withoutOrder(diff), NO_CHANGE);
  });

  it("replaces a remote image by its name, and only records what to do at its end", async () => {
    const state = { name: "redis:7", keepLocally: null, imageId: "sha256:1", repoDigest: "" };
    const renamed = await diffOf("RemoteImage", state, { name: "redis:8", keepLocally: true });
    assert.deepEqual(kindsOf(renamed), { name: "update-replace", keepLocally: "add" });
    assert.equal(renamed.deleteBeforeReplace, false);
  });

  it("reports a change of the provider's inputs as one that replaces nothing", async () => {
    const subject = { urn: "u", type: "pulumi:providers:docker", name: "d" };
    const diff = await createDockerProvider().diffConfig(subject, { host: "a" }, {}, { host: "b" }, []);
    assert.deepEqual(diff, { changes: "some", replaces: [], deleteBeforeReplace: false, diffs: ["host"] });
  });
});
