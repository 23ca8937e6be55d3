/** Which sizes of task AWS Fargate has. Pure. */

/**
 * By CPU units (1024 are one vCPU): the memory in MiB that goes with them.
 * Source: Amazon ECS Developer Guide, "Task CPU and memory" of Fargate task definitions on Linux.
 */
const sizes: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1024, 2048]],
  [512, range(1024, 4096, 1024)],
  [1024, range(2048, 8192, 1024)],
  [2048, range(4096, 16384, 1024)],
  [4096, range(8192, 30720, 1024)],
  [8192, range(16384, 61440, 4096)],
  [16384, range(32768, 122880, 8192)],
]);

function range(least: number, most: number, step: number): number[] {
  return Array.from({ length: (most - least) / step + 1 }, (_, index) => least + index * step);
}

/**
 * The size as a task definition spells it.
 *
 * @throws Error for a pair that Fargate does not have, with the memory that goes with the CPU
 */
export function fargateSize(cpu: number, memoryMb: number): { cpu: string; memory: string } {
  const memories = sizes.get(cpu);
  if (memories === undefined) {
    throw new Error(`cpu is ${cpu}; Fargate has ${[...sizes.keys()].join(", ")} units. Use one of these.`);
  }
  if (!memories.includes(memoryMb)) {
    throw new Error(
      `memoryMb is ${memoryMb}; with cpu ${cpu} Fargate has ${memories.join(", ")} MiB. Use one of these.`,
    );
  }
  return { cpu: String(cpu), memory: String(memoryMb) };
}
