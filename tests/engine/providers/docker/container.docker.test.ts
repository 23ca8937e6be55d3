import assert from "node:assert/strict";
import type { Properties } from "../../../../engine/values";
import {
  docker,
  IMAGE,
  kindsOf,
  NO_CHANGE,
  PREFIX,
  SEED,
  Stack,
  subjectOf,
  withoutOrder,
  useImage,
} from "./support";
import type { Created } from "./support";

const SLEEP = ["sleep", "600"];

describe("engine/providers/docker: Container on Docker", () => {
  useImage();
  let stack: Stack;
  beforeEach(() => {
    stack = new Stack();
  });
  afterEach(() => stack.destroy());

  const container = (name: string, news: Properties): Promise<Created> =>
    stack.create("Container", name, { name: `${PREFIX}-${name}`, image: IMAGE, command: SLEEP, ...news });

  async function assertNoDrift(created: Created, news: Properties): Promise<void> {
    assert.deepEqual(withoutOrder(await stack.diff(created, news)), NO_CHANGE);
    const inputs = created.inputs;
    await stack.refresh(created);
    assert.deepEqual(withoutOrder(await stack.diff(created, news)), NO_CHANGE);
    assert.deepEqual(created.inputs, inputs);
  }

  it("gives a minimal container the outputs that the bridged provider gives it", async () => {
    const { id, outputs } = await container("minimal", {});
    const of = (value: unknown): string[] =>
      Object.keys(outputs)
        .filter((name) => JSON.stringify(outputs[name]) === JSON.stringify(value))
        .sort();
    assert.deepEqual(of(null), [
      ...["capabilities", "cgroupParent", "cgroupnsMode", "containerLogs", "cpuPeriod", "cpuQuota", "cpus"],
      ...["destroyGraceSeconds", "deviceCgroupRules", "dns", "dnsOpts", "dnsSearches", "exitCode", "gpus"],
      ...["groupAdds", "healthcheck", "logOpts", "pidMode", "storageOpts", "sysctls", "tmpfs"],
    ]);
    assert.deepEqual(of(""), [
      "bridge",
      "cpuSet",
      "domainname",
      "stopSignal",
      "user",
      "usernsMode",
      "workingDir",
    ]);
    assert.deepEqual(of(0), [
      ...["cpuShares", "maxRetryCount", "memory", "memoryReservation", "memorySwap", "stopTimeout"],
    ]);
    assert.deepEqual(of(false), [
      ...[
        "attach",
        "init",
        "logs",
        "privileged",
        "publishAllPorts",
        "readOnly",
        "rm",
        "stdinOpen",
        "tty",
        "wait",
      ],
    ]);
    assert.deepEqual(of([]), [
      ...[
        "deviceReadBps",
        "deviceReadIops",
        "deviceRequests",
        "deviceWriteBps",
        "deviceWriteIops",
        "devices",
      ],
      ...["entrypoints", "envs", "hosts", "labels", "mounts", "networksAdvanced", "ports", "securityOpts"],
      ...["ulimits", "uploads", "volumes"],
    ]);
    assert.equal(outputs.id, id);
    assert.equal(outputs.hostname, id.slice(0, 12));
    const { ipcMode, logDriver, runtime, platform, shmSize, networkMode, restart } = outputs;
    assert.deepEqual(
      { ipcMode, logDriver, runtime, platform, shmSize, networkMode, restart },
      {
        ipcMode: "private",
        logDriver: "json-file",
        runtime: "runc",
        platform: "linux",
        shmSize: 64,
        networkMode: "bridge",
        restart: "no",
      },
    );
    assert.equal(
      outputs.__meta,
      '{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1200000000000,"delete":1200000000000,"update":1200000000000},"schema_version":"2"}',
    );
    assert.deepEqual(Object.keys((outputs.networkDatas as Properties[])[0] ?? {}).sort(), [
      ...[
        "gateway",
        "globalIpv6Address",
        "globalIpv6PrefixLength",
        "ipAddress",
        "ipPrefixLength",
        "ipv6Gateway",
      ],
      ...["macAddress", "networkName"],
    ]);
  });

  const hardened = (name: string): Properties => ({
    name: `${PREFIX}-${name}`,
    image: IMAGE,
    command: SLEEP,
    user: "1000:1000",
    readOnly: true,
    init: true,
    tmpfs: { "/tmp": "rw,noexec,nosuid,size=16m" },
    capabilities: { drops: ["ALL"], adds: ["CAP_NET_BIND_SERVICE"] },
    securityOpts: ["no-new-privileges:true"],
    memory: 64,
    memorySwap: 64,
    cpus: "0.5",
    ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
    restart: "unless-stopped",
    stopTimeout: 5,
    destroyGraceSeconds: 1,
    logDriver: "json-file",
    logOpts: { "max-size": "1m", "max-file": "2" },
    healthcheck: { tests: ["CMD", "true"], interval: "1s", timeout: "5s", startPeriod: "1m0s", retries: 3 },
    wait: true,
    labels: [{ label: "a", value: "b" }],
    envs: ["B=2", "A=1"],
    sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" },
    ports: [{ internal: 8080, ip: "127.0.0.1" }],
  });

  it("has no drift in a hardened container, after creation, refresh and a change in place", async () => {
    const news = hardened("hardened");
    const created = await stack.create("Container", "hardened", news);
    await assertNoDrift(created, news);

    const bigger = { ...news, memory: 96, memorySwap: 96 };
    assert.deepEqual(kindsOf(await stack.diff(created, bigger)), { memory: "update", memorySwap: "update" });
    await stack.update(created, bigger);
    assert.equal(docker("inspect", "-f", "{{.HostConfig.Memory}}", created.id), String(96 * 1024 * 1024));
    await assertNoDrift(created, bigger);
  });

  it("has no drift where the program's spelling is its own", async () => {
    const news: Properties = {
      name: `${PREFIX}-spelling`,
      image: IMAGE,
      command: SLEEP,
      cpus: "1",
      memory: 32,
      capabilities: { drops: ["all"], adds: ["chown"] },
      healthcheck: { tests: ["CMD", "true"], interval: "0.5s", timeout: "90s" },
      hosts: [{ host: "six", ip: "::1" }],
      ports: [
        { internal: 53, ip: "127.0.0.1", protocol: "udp" },
        { internal: 53, ip: "127.0.0.1", protocol: "tcp", external: 0 },
      ],
      securityOpts: ["systempaths=unconfined"],
      mounts: [{ type: "tmpfs", target: "/scratch", tmpfsOptions: { sizeBytes: 1048576 } }],
    };
    const created = await stack.create("Container", "spelling", news);
    assert.equal(created.outputs.cpus, "1");
    await assertNoDrift(created, news);
    await stack.update(created, { ...news, memory: 48 });
    assert.equal(created.outputs.memorySwap, 96);
  });

  it("finds a changed container in a refresh", async () => {
    const created = await container("drift", {});
    docker("update", "--restart", "always", created.id);
    await stack.refresh(created);
    assert.equal(created.inputs.restart, "always");
    assert.equal((created.inputs.__defaults as string[]).includes("restart"), false);
    const news = { name: `${PREFIX}-drift`, image: IMAGE, command: SLEEP };
    assert.deepEqual(kindsOf(await stack.diff(created, news)), { restart: "update" });
  });

  it("starts a stopped container again and keeps its port", async () => {
    const news = {
      name: `${PREFIX}-stopped`,
      image: IMAGE,
      command: SLEEP,
      ports: [{ internal: 80, ip: "127.0.0.1" }],
    };
    const created = await stack.create("Container", "stopped", news);
    docker("kill", created.id);
    await stack.refresh(created);
    assert.equal(created.outputs.mustRun, false);
    assert.equal(created.outputs.exitCode, 137);
    const diff = await stack.diff(created, news);
    assert.deepEqual([kindsOf(diff), diff.replaces], [{ mustRun: "update" }, []]);
    await stack.update(created, news);
    assert.equal(docker("inspect", "-f", "{{.State.Running}}", created.id), "true");
    assert.deepEqual([created.outputs.mustRun, created.outputs.exitCode], [true, null]);
    await assertNoDrift(created, news);
  });

  it("says that a container is gone", async () => {
    const created = await container("gone", {});
    docker("rm", "-f", created.id);
    assert.equal(await stack.refresh(created), "");
  });

  it("imports a container by its name", async () => {
    const { id } = await container("import", { envs: ["A=1"], memory: 32 });
    const subject = { ...subjectOf("Container", "import"), id: `${PREFIX}-import` };
    const read = await stack.provider.read(subject, undefined, undefined);
    assert.equal(read.id, id);
    const { name, image, command, memory, __defaults } = read.inputs ?? {};
    assert.deepEqual(
      { name, image, command, memory, __defaults },
      { name: `${PREFIX}-import`, image: IMAGE, command: SLEEP, memory: 32, __defaults: [] },
    );
  });

  it("uploads files before the container starts", async () => {
    const { outputs } = await container("uploads", {
      command: ["sh", "-c", "cat /etc/new/folder/a /b; stat -c '%a %u' /etc/new/folder/a /b"],
      mustRun: false,
      attach: true,
      logs: true,
      uploads: [
        { file: "/etc/new/folder/a", content: "one\n", permissions: "0600", owner: "1000" },
        { file: "/b", contentBase64: Buffer.from("two\n").toString("base64"), executable: true },
      ],
    });
    assert.equal(outputs.containerLogs, "one\ntwo\n600 1000\n744 0\n");
    assert.equal(outputs.exitCode, 0);
  });

  it("runs a job once, and tells how it ended", async () => {
    const news = { name: `${PREFIX}-job`, image: IMAGE, command: ["sh", "-c", "exit 3"], attach: true };
    const created = await stack.create("Container", "job", news);
    assert.equal(created.outputs.exitCode, 3);
    await assertNoDrift(created, news);
  });

  it("joins networks under its aliases, and only those", async () => {
    const [first, second] = [
      await stack.create("Network", "first", { name: `${PREFIX}-first` }),
      await stack.create("Network", "second", { name: `${PREFIX}-second` }),
    ];
    const news: Properties = {
      name: `${PREFIX}-joined`,
      image: IMAGE,
      command: SLEEP,
      networksAdvanced: [{ name: first.id, aliases: ["db"] }, { name: `${PREFIX}-second` }],
    };
    const created = await stack.create("Container", "joined", news);
    const names = (created.outputs.networkDatas as Properties[]).map(({ networkName }) => networkName);
    assert.deepEqual(names.sort(), [`${PREFIX}-first`, `${PREFIX}-second`]);
    assert.equal(docker("exec", created.id, "getent", "hosts", "db").split(/\s+/)[1], "db");
    assert.equal(
      docker("exec", created.id, "getent", "hosts", `${PREFIX}-joined`).split(/\s+/)[1],
      `${PREFIX}-joined`,
    );
    await assertNoDrift(created, news);
    assert.equal(second.outputs.driver, "bridge");
  });

  it("creates nothing from an input that is still unknown", async () => {
    const subject = subjectOf("Container", "unknown");
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const { inputs } = await stack.provider.check(subject, {}, { image: unknown }, SEED);
    await assert.rejects(stack.provider.create(subject, inputs, 0, false), /an input is still unknown/);
  });
});
