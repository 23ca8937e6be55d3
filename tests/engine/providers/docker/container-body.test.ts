import assert from "node:assert/strict";
import {
  asContainerInputs,
  containerBody,
  limitsBody,
  versionedInputs,
} from "../../../../engine/providers/docker/container-body";
import type { Properties } from "../../../../engine/values";
import { checkInputs } from "./support";

const bodyOf = async (news: Properties): Promise<ReturnType<typeof containerBody>> =>
  containerBody(await checkInputs("Container", { name: "c", image: "i", ...news }));

describe("engine/providers/docker: container body", () => {
  it("asks for a minimal container with what Docker would otherwise decide", async () => {
    assert.deepEqual(await bodyOf({}), {
      body: {
        Image: "i",
        ExposedPorts: {},
        Volumes: {},
        HostConfig: {
          Binds: [],
          Init: false,
          NetworkMode: "bridge",
          PortBindings: {},
          RestartPolicy: { Name: "no" },
          VolumesFrom: [],
        },
      },
      laterNetworks: [],
    });
  });

  it("says nothing of what is zero or empty", async () => {
    const zeros = {
      memory: 0,
      cpuShares: 0,
      user: "",
      hostname: "",
      tty: false,
      readOnly: false,
      stopTimeout: 0,
    };
    assert.deepEqual(await bodyOf(zeros), await bodyOf({}));
  });

  it("translates names, units and forms", async () => {
    const { body } = await bodyOf({
      entrypoints: ["/e"],
      command: ["a", "b"],
      envs: ["A=1"],
      labels: [{ label: "l", value: "v" }],
      healthcheck: { tests: ["CMD", "x"], interval: "1m30s", timeout: "1.5s", retries: 3 },
      ports: [
        { internal: 80, external: 8080 },
        { internal: 53, ip: "127.0.0.1", protocol: "udp" },
      ],
      hosts: [{ host: "db", ip: "::1" }],
      volumes: [
        { volumeName: "v", containerPath: "/v", readOnly: true },
        { hostPath: "/h", containerPath: "/c", selinuxRelabel: "z" },
        { containerPath: "/anonymous" },
        { fromContainer: "other" },
      ],
      mounts: [
        {
          type: "volume",
          target: "/m",
          source: "v",
          volumeOptions: { noCopy: true, driverName: "local", labels: [{ label: "a", value: "b" }] },
        },
        { type: "tmpfs", target: "/t", tmpfsOptions: { sizeBytes: 1024, mode: 511 } },
      ],
      capabilities: { adds: ["CAP_CHOWN"], drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true", "systempaths=unconfined"],
      ulimits: [{ name: "nofile", soft: 1, hard: 2 }],
      devices: [{ hostPath: "/dev/null" }],
      gpus: "device=0,1",
      memory: 64,
      memorySwap: -1,
      shmSize: 1,
      cpus: ".5",
      logDriver: "json-file",
      logOpts: { "max-file": "2" },
      init: true,
      user: "1000",
      stopTimeout: 5,
    });
    assert.deepEqual(body, {
      Image: "i",
      Entrypoint: ["/e"],
      Cmd: ["a", "b"],
      Env: ["A=1"],
      Labels: { l: "v" },
      User: "1000",
      StopTimeout: 5,
      Healthcheck: {
        Test: ["CMD", "x"],
        Interval: 90e9,
        Timeout: 1.5e9,
        StartPeriod: 0,
        StartInterval: 0,
        Retries: 3,
      },
      ExposedPorts: { "80/tcp": {}, "53/udp": {} },
      Volumes: { "/v": {}, "/c": {}, "/anonymous": {} },
      HostConfig: {
        PortBindings: {
          "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8080" }],
          "53/udp": [{ HostIp: "127.0.0.1", HostPort: "" }],
        },
        ExtraHosts: ["db:::1"],
        Binds: ["v:/v:ro", "/h:/c:rw,z"],
        VolumesFrom: ["other"],
        Mounts: [
          {
            Type: "volume",
            Target: "/m",
            Source: "v",
            VolumeOptions: { NoCopy: true, DriverConfig: { Name: "local" }, Labels: { a: "b" } },
          },
          { Type: "tmpfs", Target: "/t", TmpfsOptions: { SizeBytes: 1024, Mode: 511 } },
        ],
        CapAdd: ["CAP_CHOWN"],
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges:true"],
        MaskedPaths: [],
        ReadonlyPaths: [],
        Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }],
        Devices: [{ PathOnHost: "/dev/null", PathInContainer: "/dev/null", CgroupPermissions: "rwm" }],
        DeviceRequests: [{ DeviceIDs: ["0", "1"], Capabilities: [["gpu"]] }],
        Memory: 64 * 1024 * 1024,
        MemorySwap: -1,
        ShmSize: 1024 * 1024,
        NanoCpus: 5e8,
        LogConfig: { Type: "json-file", Config: { "max-file": "2" } },
        NetworkMode: "bridge",
        RestartPolicy: { Name: "no" },
        Init: true,
      },
    });
  });

  it("joins the first network at creation and leaves the others for later", async () => {
    const { body, laterNetworks } = await bodyOf({
      networksAdvanced: [
        { name: "a", aliases: ["x"], driverOpts: ["k=v=w"] },
        { name: "b", ipv4Address: "10.0.0.5" },
      ],
    });
    assert.deepEqual(body.NetworkingConfig, {
      EndpointsConfig: { a: { Aliases: ["x"], DriverOpts: { k: "v=w" } } },
    });
    assert.deepEqual(laterNetworks, [{ name: "b", settings: { IPAMConfig: { IPv4Address: "10.0.0.5" } } }]);
  });

  it("gives a network that is the networkMode as well its address at creation", async () => {
    const { body, laterNetworks } = await bodyOf({
      networkMode: "b",
      networksAdvanced: [{ name: "a" }, { name: "b", ipv4Address: "10.0.0.5" }],
    });
    assert.deepEqual(body.NetworkingConfig, {
      EndpointsConfig: { b: { IPAMConfig: { IPv4Address: "10.0.0.5" } } },
    });
    assert.deepEqual(laterNetworks, [{ name: "a", settings: {} }]);
  });

  it("moves the swap limit with the memory limit unless the program sets it", () => {
    const MiB = 1024 * 1024;
    const limits = { RestartPolicy: { Name: "always" } };
    assert.deepEqual(limitsBody({ memory: 96, restart: "always" }), {
      Memory: 96 * MiB,
      MemorySwap: 192 * MiB,
      ...limits,
    });
    assert.deepEqual(limitsBody({ memory: 96, memorySwap: 96, restart: "always" }), {
      Memory: 96 * MiB,
      MemorySwap: 96 * MiB,
      ...limits,
    });
  });

  it("knows what an older daemon would ignore", () => {
    const inputs = asContainerInputs({
      healthcheck: { startInterval: "1s" },
      mounts: [{ target: "/t", type: "volume", volumeOptions: { subpath: "s" } }],
      networksAdvanced: [{ name: "n", gwPriority: 1 }],
    });
    assert.deepEqual(versionedInputs(inputs), [
      { input: "healthcheck.startInterval", needs: "1.44" },
      { input: "mounts.volumeOptions.subpath", needs: "1.45" },
      { input: "networksAdvanced.gwPriority", needs: "1.48" },
    ]);
    assert.deepEqual(versionedInputs(asContainerInputs({ healthcheck: { startInterval: "0s" } })), []);
  });
});
