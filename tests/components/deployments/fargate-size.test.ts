import assert from "node:assert/strict";
import { fargateSize } from "../../../components/deployments/fargate-size";

describe("fargateSize", () => {
  it("spells a size as a task definition does", () => {
    assert.deepEqual(fargateSize(256, 512), { cpu: "256", memory: "512" });
    assert.deepEqual(fargateSize(16384, 122880), { cpu: "16384", memory: "122880" });
  });

  it("names the memory that goes with a CPU", () => {
    assert.throws(() => fargateSize(256, 1536), {
      message: "memoryMb is 1536; with cpu 256 Fargate has 512, 1024, 2048 MiB. Use one of these.",
    });
    assert.throws(() => fargateSize(512, 512), /with cpu 512 Fargate has 1024, 2048, 3072, 4096 MiB/);
    assert.throws(() => fargateSize(8192, 20000), /16384, 20480, .*, 61440 MiB/);
  });

  it("names the CPUs that there are", () => {
    assert.throws(() => fargateSize(300, 512), {
      message: "cpu is 300; Fargate has 256, 512, 1024, 2048, 4096, 8192, 16384 units. Use one of these.",
    });
  });
});
