import assert from "node:assert/strict";
import fc from "fast-check";
import {
  chooseSource,
  digestOf,
  familiarReference,
  planImages,
  versionIn,
  type BuildFile,
  type BuildInputs,
} from "../../../pipeline/setup/image-plan";
import { UserError } from "../../../pipeline/user-error";

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const pins = {
  postgres: `postgres:17@${digest("1")}`,
  redis: `redis:7@${digest("2")}`,
  node: `node:22-slim@${digest("3")}`,
  debian: `debian:bookworm-slim@${digest("4")}`,
};
const file = (path: string, text: string, executable = false): BuildFile => ({
  path,
  content: Buffer.from(text),
  executable,
});
const inputs = (changes: Partial<BuildInputs["folders"]> = {}, lock = "lock"): BuildInputs => ({
  folders: {
    debian: [file("rootfs.sh", "debootstrap", true)],
    postgres: [file("Dockerfile", "postgres")],
    redis: [file("Dockerfile", "redis")],
    node: [file("Dockerfile", "node")],
    gateway: [file("Dockerfile", "gateway")],
    sample: [file("Dockerfile", "sample"), file("server.ts", "serve()")],
    ...changes,
  },
  lockFile: Buffer.from(lock),
});
const references = (source: "registry" | "debian", made: BuildInputs, from = pins): Record<string, string> =>
  Object.fromEntries(
    Object.entries(planImages(source, from, made)).map(([name, { reference }]) => [name, reference]),
  );

describe("choice of the images' source", () => {
  it("takes what was asked for, whatever was there before", () => {
    assert.equal(chooseSource("debian", "registry", true), "debian");
    assert.equal(chooseSource("registry", "debian", false), "registry");
  });

  it("keeps to the source of the last set-up", () => {
    assert.equal(chooseSource("auto", "debian", true), "debian");
    assert.equal(chooseSource("auto", "registry", false), "registry");
  });

  it("asks a registry the first time, unless the official images are there", () => {
    assert.equal(chooseSource("auto", undefined, false), "ask");
    assert.equal(chooseSource("auto", undefined, true), "registry");
  });
});

describe("image plan", () => {
  it("pulls the backbone's official images and builds gateway and sample on official bases", () => {
    const { postgres, redis, gateway, sample } = planImages("registry", pins, inputs());
    assert.deepEqual(postgres, {
      kind: "pull",
      name: "postgres",
      reference: `postgres@${digest("1")}`,
      pin: pins.postgres,
    });
    assert.equal(redis.kind, "pull");
    assert.ok(gateway.kind === "build" && sample.kind === "build");
    assert.equal(gateway.base.reference, `debian@${digest("4")}`);
    assert.equal(sample.base.reference, `node@${digest("3")}`);
    assert.deepEqual(sample.bundles, ["server.ts", "migrate.ts", "healthcheck.ts"]);
  });

  it("builds all on one bootstrapped Debian where there is no registry, the sample on Node on it", () => {
    const { postgres, redis, gateway, sample } = planImages("debian", pins, inputs());
    const bases = [postgres, redis, gateway].map((plan) => plan.kind === "build" && plan.base);
    assert.deepEqual(
      bases.map((base) => base && [base.kind, base.name]),
      [
        ["bootstrap", "debian"],
        ["bootstrap", "debian"],
        ["bootstrap", "debian"],
      ],
    );
    assert.ok(sample.kind === "build" && sample.base.kind === "build");
    assert.equal(sample.base.name, "node");
    assert.equal(sample.base.base, bases[0]);
  });

  it("gives equal inputs equal tags", () => {
    assert.deepEqual(references("debian", inputs()), references("debian", inputs()));
    assert.match(references("debian", inputs())["postgres"] ?? "", /^slipway\/postgres:[0-9a-f]{16}$/);
  });

  for (const [changed, images] of Object.entries({
    debian: ["postgres", "redis", "gateway", "sample"],
    postgres: ["postgres"],
    redis: ["redis"],
    node: ["sample"],
    gateway: ["gateway"],
    sample: ["sample"],
  })) {
    it(`makes a change under images/${changed} rebuild ${images.join(", ")} only`, () => {
      const before = references("debian", inputs());
      const after = references("debian", inputs({ [changed]: [file("Dockerfile", "changed")] }));
      const rebuilt = Object.keys(after).filter((name) => after[name] !== before[name]);
      assert.deepEqual(rebuilt, images);
    });
  }

  it("makes a change of the lock file rebuild the sample only, whose bundles it decides", () => {
    const before = references("registry", inputs());
    const after = references("registry", inputs({}, "other"));
    assert.deepEqual(
      Object.keys(after).filter((name) => after[name] !== before[name]),
      ["sample"],
    );
  });

  it("makes a new pin rebuild what is built on it", () => {
    const before = references("registry", inputs());
    const after = references("registry", inputs(), {
      ...pins,
      debian: `debian:bookworm-slim@${digest("5")}`,
    });
    assert.deepEqual(
      Object.keys(after).filter((name) => after[name] !== before[name]),
      ["gateway"],
    );
  });

  it("refuses an image that is not pinned by digest", () => {
    assert.throws(
      () => planImages("registry", { ...pins, redis: "redis:latest" }, inputs()),
      new UserError(
        'The redis image is "redis:latest"; it must be pinned by digest, as in redis:1@sha256:<64 hex digits>.',
      ),
    );
  });
});

describe("familiar reference", () => {
  for (const [pin, reference] of [
    ["postgres:17", "postgres"],
    ["docker.io/library/postgres:17", "postgres"],
    ["docker.io/someone/tool", "someone/tool"],
    ["registry.example:5000/team/tool:1.2", "registry.example:5000/team/tool"],
    ["registry.example:5000/tool", "registry.example:5000/tool"],
  ]) {
    it(`is ${reference} for ${pin}`, () => {
      assert.equal(familiarReference(`${pin}@${digest("a")}`), `${reference}@${digest("a")}`);
    });
  }
});

describe("digest of build inputs", () => {
  const anyFile = fc.record({
    path: fc.string({ minLength: 1 }),
    content: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    executable: fc.boolean(),
  });
  const anyFiles = fc.uniqueArray(anyFile, { selector: ({ path }) => path });

  it("does not depend on the order of the files", () => {
    fc.assert(
      fc.property(anyFiles, (files) => {
        assert.equal(digestOf("base", files), digestOf("base", [...files].reverse()));
      }),
    );
  });

  it("changes with any name, mode, byte or base", () => {
    fc.assert(
      fc.property(anyFiles, fc.nat(), (files, index) => {
        const before = digestOf("base", files);
        assert.notEqual(digestOf("other", files), before);
        const one = files[index % Math.max(files.length, 1)];
        if (!one) return;
        const rest = files.filter((other) => other !== one);
        assert.notEqual(digestOf("base", rest), before);
        assert.notEqual(digestOf("base", [...rest, { ...one, executable: !one.executable }]), before);
        assert.notEqual(
          digestOf("base", [...rest, { ...one, content: Buffer.concat([one.content, Buffer.of(0)]) }]),
          before,
        );
      }),
    );
  });

  it("does not confuse where one file ends and the next begins", () => {
    const two = digestOf("", [file("a", "x"), file("b", "y")]);
    for (const header of ['["b",false]', '["b",false,1]']) {
      assert.notEqual(digestOf("", [file("a", `x${header}\ny`)]), two);
    }
  });
});

describe("version in a program's output", () => {
  for (const [output, version] of [
    ["postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\r\n", "15.20"],
    ["Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", "7.0.15"],
    ["HAProxy version 2.6.12-1+deb12u3 2025/10/03 - https://haproxy.org/", "2.6.12"],
    ["command not found", undefined],
  ]) {
    it(`is ${version} in "${output?.trim()}"`, () => assert.equal(versionIn(output ?? ""), version));
  }
});
