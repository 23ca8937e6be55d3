/**
 * Bundles what runs as JavaScript: engine, plugin, policy pack and pipeline. One file each loads in a fraction of the time that
 * hundreds of small ones take. Types are checked apart (npm run check).
 */
import { resolve } from "node:path";
import { build } from "esbuild";

const common = {
  outdir: ".",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  sourcemap: "linked",
  sourcesContent: false,
  logLevel: "warning",
  // Loaded only by who needs them: esbuild by set-up, ssh2 (with native parts) by Docker over SSH.
  external: ["esbuild", "ssh2"],
};

/** The pack needs little of the Pulumi SDK, and starts three times as fast without the rest. */
const pulumiSubset = {
  name: "pulumi-subset",
  setup: (bundle) =>
    bundle.onResolve({ filter: /^@pulumi\/pulumi$/ }, ({ importer }) =>
      importer.includes("@pulumi/policy") ? { path: resolve("policy/pulumi-subset.ts") } : undefined,
    ),
};

await Promise.all([
  build({
    ...common,
    entryPoints: {
      "engine/dist/main": "engine/main.ts",
      "pipeline/dist/main": "pipeline/main.ts",
      "provider/dist/index": "provider/index.ts",
    },
  }),
  build({ ...common, entryPoints: { "policy/dist/index": "policy/index.ts" }, plugins: [pulumiSubset] }),
]);
