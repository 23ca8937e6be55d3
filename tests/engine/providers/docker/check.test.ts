import assert from "node:assert/strict";
import { createDockerProvider } from "../../../../engine/providers/docker/provider";
import type { Properties } from "../../../../engine/values";
import { UNKNOWN } from "../../../../engine/values";
import { checkFailures, checkInputs, SEED, subjectOf } from "./support";

const OF_WEB = "Examine values at 'web.";

describe("engine/providers/docker: check", () => {
  it("fills in a container's defaults and records them at every level", async () => {
    const inputs = await checkInputs("Container", {
      image: "i",
      ports: [{ internal: 80 }],
      healthcheck: { tests: ["CMD", "true"] },
      devices: [{ hostPath: "/dev/null" }],
      deviceRequests: [{}],
      networksAdvanced: [{ name: "n" }],
      capabilities: { drops: ["ALL"] },
    });
    assert.deepEqual(inputs, {
      image: "i",
      name: "web-4bb06f8",
      containerReadRefreshTimeoutMilliseconds: 15000,
      mustRun: true,
      networkMode: "bridge",
      removeVolumes: true,
      restart: "no",
      start: true,
      waitTimeout: 60,
      ports: [{ internal: 80, ip: "0.0.0.0", protocol: "tcp", __defaults: ["ip", "protocol"] }],
      healthcheck: {
        tests: ["CMD", "true"],
        interval: "0s",
        timeout: "0s",
        startPeriod: "0s",
        startInterval: "0s",
        __defaults: ["interval", "startInterval", "startPeriod", "timeout"],
      },
      devices: [{ hostPath: "/dev/null", permissions: "rwm", __defaults: ["permissions"] }],
      deviceRequests: [{ driver: "cdi", __defaults: ["driver"] }],
      networksAdvanced: [{ name: "n", __defaults: [] }],
      capabilities: { drops: ["ALL"], __defaults: [] },
      __defaults: [
        ...["containerReadRefreshTimeoutMilliseconds", "mustRun", "name", "networkMode", "removeVolumes"],
        ...["restart", "start", "waitTimeout"],
      ],
    });
  });

  it("names networks and volumes too, but not remote images", async () => {
    assert.deepEqual(await checkInputs("Network", {}, "mesh"), {
      name: "mesh-4bb06f8",
      ipamDriver: "default",
      __defaults: ["ipamDriver", "name"],
    });
    assert.deepEqual(await checkInputs("Volume", { name: "data" }), { name: "data", __defaults: [] });
    assert.deepEqual(await checkInputs("RemoteImage", { name: "redis:7" }), {
      name: "redis:7",
      __defaults: [],
    });
    assert.deepEqual(await checkFailures("RemoteImage", {}), [
      `Missing required argument. The argument "name" is required, but no definition was found.. ${OF_WEB}name'.`,
    ]);
  });

  it("keeps an automatic name for as long as it is automatic", async () => {
    const provider = createDockerProvider();
    const again = async (olds: Properties): Promise<unknown> => {
      const seed = Buffer.alloc(32, 1);
      return (await provider.check(subjectOf("Volume", "web"), olds, {}, seed)).inputs.name;
    };
    assert.equal(await again({ name: "web-1234567", __defaults: ["name"] }), "web-1234567");
    assert.equal(await again({ name: "given", __defaults: [] }), "web-72cd6e8");
  });

  it("coerces what the bridged provider coerces, and drops nulls", async () => {
    const inputs = await checkInputs("Container", {
      name: "c",
      image: "i",
      memory: "128",
      tty: "true",
      command: ["sleep", 5, true],
      logOpts: { "max-file": 2 },
      hostname: null,
    });
    assert.equal(inputs.memory, 128);
    assert.equal(inputs.tty, true);
    assert.deepEqual(inputs.command, ["sleep", "5", "true"]);
    assert.deepEqual(inputs.logOpts, { "max-file": "2" });
    assert.equal("hostname" in inputs, false);
  });

  it("passes unknowns through", async () => {
    const inputs = await checkInputs("Container", {
      name: UNKNOWN,
      image: UNKNOWN,
      ports: UNKNOWN,
      memory: UNKNOWN,
    });
    assert.deepEqual([inputs.name, inputs.image, inputs.ports, inputs.memory], Array(4).fill(UNKNOWN));
  });

  const faults: [what: string, inputs: Properties, reason: string][] = [
    ["an unknown key", { bogus: 1 }, `Invalid or unknown key. ${OF_WEB}bogus'.`],
    ["an output given as input", { exitCode: 1 }, `Invalid or unknown key. ${OF_WEB}exitCode'.`],
    [
      "an unknown nested key",
      { ports: [{ internal: 1, x: 1 }] },
      `Invalid or unknown key. ${OF_WEB}ports[0].x'.`,
    ],
    [
      "a value out of a list",
      { restart: "sometimes" },
      `'sometimes' doesn't match the pattern '^(no|on-failure|always|unless-stopped)$'. ${OF_WEB}restart'.`,
    ],
    [
      "a duration without a unit",
      { healthcheck: { interval: "10" } },
      `'10' is not a valid duration. ${OF_WEB}healthcheck.interval'.`,
    ],
    ["a negative size", { memory: -1 }, `'-1' cannot be lower than 0. ${OF_WEB}memory'.`],
    [
      "a size with a unit",
      { memory: "128m" },
      `Incorrect type. Expected a whole number, got "128m". ${OF_WEB}memory'.`,
    ],
    [
      "a text for a list",
      { envs: "A=secret" },
      `Incorrect type. Expected a list, got a string. ${OF_WEB}envs'.`,
    ],
    ["a null in a list", { envs: ["A=1", null] }, `Null value found in list. ${OF_WEB}envs[1]'.`],
    [
      "a relative host path",
      { volumes: [{ hostPath: "./tmp", containerPath: "/t" }] },
      `'./tmp' must be an absolute path. ${OF_WEB}volumes[0].hostPath'.`,
    ],
    [
      "content that is not base64, without showing it",
      { uploads: [{ file: "/f", contentBase64: "%%" }] },
      `the value is not base64 decodeable. ${OF_WEB}uploads[0].contentBase64'.`,
    ],
    [
      "an upload of two contents",
      { uploads: [{ file: "/f", content: "a", source: "b" }] },
      `only one of 'content', 'contentBase64' or 'source' must be set. ${OF_WEB}uploads[0]'.`,
    ],
    [
      "an upload of nothing",
      { uploads: [{ file: "/f", content: "" }] },
      `one of 'content', 'contentBase64' or 'source' must be set. ${OF_WEB}uploads[0]'.`,
    ],
    [
      "an upload to a named owner",
      { uploads: [{ file: "/f", content: "a", owner: "postgres" }] },
      `'postgres' is not a numeric id: names are not supported here. ${OF_WEB}uploads[0].owner'.`,
    ],
    [
      "uploads into a read-only container",
      { readOnly: true, uploads: [{ file: "/f", content: "a" }] },
      `Docker refuses uploads into a container with readOnly: mount a volume or a file instead. ${OF_WEB}uploads'.`,
    ],
    [
      "a volume without a path",
      { volumes: [{ volumeName: "v" }] },
      `volume entry without container path or source container. ${OF_WEB}volumes[0]'.`,
    ],
    [
      "an empty command word",
      { command: ["a", ""] },
      `values for command may not be empty. ${OF_WEB}command'.`,
    ],
    [
      "device requests beside gpus",
      { gpus: "all", deviceRequests: [{}] },
      `Conflicting configuration arguments. "device_requests": conflicts with gpus. ${OF_WEB}deviceRequests'.`,
    ],
    [
      "two ways of waiting",
      { wait: true, attach: true },
      `wait is for a container that goes on running, attach for one that ends: give one of them. ${OF_WEB}attach'.`,
    ],
  ];
  for (const [what, inputs, reason] of faults) {
    it(`refuses ${what}`, async () => {
      assert.deepEqual(await checkFailures("Container", { name: "c", image: "i", ...inputs }), [reason]);
    });
  }

  it("names what it does not support", async () => {
    assert.deepEqual(await checkFailures("Volume", { cluster: {} }), [
      `"cluster" is not supported: cluster volumes need a Swarm; use the Pulumi CLI for one. ${OF_WEB}cluster'.`,
    ]);
    assert.deepEqual(await checkFailures("RemoteImage", { name: "n", build: { context: "." } }), [
      `"build" is not supported: use the resource docker.Image to build. ${OF_WEB}build'.`,
    ]);
    const provider = createDockerProvider();
    const service = { urn: "u", type: "docker:index/service:Service", name: "s" };
    await assert.rejects(provider.check(service, {}, {}, SEED), {
      message:
        "the embedded docker provider has no resource docker:index/service:Service: use the Pulumi CLI for it. It has " +
        "docker:index/container:Container, docker:index/image:Image, docker:index/network:Network, " +
        "docker:index/remoteImage:RemoteImage, docker:index/volume:Volume.",
    });
    await assert.rejects(provider.invoke("docker:index/getLogs:getLogs", {}, false), {
      message:
        "the embedded docker provider has no function docker:index/getLogs:getLogs: use the Pulumi CLI for it. It has " +
        "docker:index/getNetwork:getNetwork, docker:index/getRemoteImage:getRemoteImage, " +
        "docker:index/getRegistryImage:getRegistryImage.",
    });
  });

  it("checks the provider's own inputs", async () => {
    const provider = createDockerProvider();
    const subject = { urn: "u", type: "pulumi:providers:docker", name: "y" };
    const { failures } = await provider.checkConfig(
      subject,
      {},
      { host: "tcp://h", bogus: 1, version: "5.2.0" },
    );
    assert.deepEqual(failures, [
      {
        property: "",
        reason:
          "could not validate provider configuration: Invalid or unknown key. Examine values at 'y.bogus'.",
      },
    ]);
  });
});
