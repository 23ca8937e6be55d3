/**
 * Bundles what runs as JavaScript: engine, plugin, policy pack and pipeline. One file each loads in a fraction of the time that
 * hundreds of small ones take. Types are checked apart (npm run check).
 */
import { build } from "esbuild";

await build({
  entryPoints: {
    "engine/dist/main": "engine/main.ts",
    "pipeline/dist/main": "pipeline/main.ts",
    "policy/dist/index": "policy/index.ts",
    "provider/dist/index": "provider/index.ts",
  },
  outdir: ".",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  sourcemap: "linked",
  sourcesContent: false,
  logLevel: "warning",
  // Loaded only by who needs them: esbuild by set-up, ssh2 (with native parts) by Docker over SSH, the rest by parts of the Pulumi SDK that
  // policies and plugins do not use.
  external: ["esbuild", "ssh2", "typescript", "ts-node", "@npmcli/arborist", "@opentelemetry/*"],
});
