/**
 * Bundles what runs as JavaScript: engine, plugin, policy pack and pipeline. One file each loads in a fraction of the time that
 * hundreds of small ones take. Types are checked apart (npm run check).
 */
import { resolve } from "node:path";
import { build } from "esbuild";
import { extractServiceSpec } from "./engine/providers/simulated/extract-service-spec.mjs";

const common = {
  outdir: ".",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  sourcemap: "linked",
  sourcesContent: false,
  logLevel: "warning",
  // Loaded by set-up alone, when it builds the sample service's image.
  external: ["esbuild"],
};

/** docker-modem loads ssh2 whether or not Docker is reached over SSH, which none of this does: 70 ms and native parts for nothing. */
const noSsh = {
  name: "no-ssh",
  setup: (bundle) => {
    bundle.onResolve({ filter: /^ssh2$/ }, ({ path }) => ({ path, namespace: "no-ssh" }));
    bundle.onLoad({ filter: /.*/, namespace: "no-ssh" }, () => ({
      contents:
        "exports.Client = class { constructor() { throw new Error('Docker over SSH is not supported; set DOCKER_HOST to a socket or a TCP address.'); } };",
    }));
  },
};

/** The pack needs little of the Pulumi SDK, and starts three times as fast without the rest. */
const pulumiSubset = {
  name: "pulumi-subset",
  setup: (bundle) =>
    bundle.onResolve({ filter: /^@pulumi\/pulumi$/ }, ({ importer }) =>
      importer.includes("@pulumi/policy") ? { path: resolve("policy/pulumi-subset.ts") } : undefined,
    ),
};

extractServiceSpec(resolve("engine/dist/service-spec"));
await Promise.all([
  build({
    ...common,
    entryPoints: {
      "engine/dist/main": "engine/main.ts",
      "engine/dist/program-preload": "engine/hosts/program-preload.ts",
      "pipeline/dist/main": "pipeline/main.ts",
      "provider/dist/index": "provider/index.ts",
    },
    plugins: [noSsh],
  }),
  build({ ...common, entryPoints: { "policy/dist/index": "policy/index.ts" }, plugins: [pulumiSubset] }),
  // What is uploaded: the same bytes on every machine, and nothing that points to it.
  build({
    ...common,
    sourcemap: false,
    entryPoints: { "images/synthetics/dist/flows": "images/synthetics/flows.ts" },
  }),
  build({
    ...common,
    sourcemap: false,
    entryPoints: { "images/worker/dist/worker": "images/worker/worker.ts" },
    platform: "browser",
    format: "esm",
    target: "es2022",
  }),
  // Lambda functions: a folder each, all that is in it is uploaded.
  build({
    ...common,
    outdir: "images/hooks/dist",
    entryPoints: ["backup", "migration", "smoke-test"].map((hook) => ({
      in: `images/hooks/${hook}.ts`,
      out: `${hook}/index`,
    })),
    target: "node22",
    sourcemap: false,
    minify: true,
  }),
]);
