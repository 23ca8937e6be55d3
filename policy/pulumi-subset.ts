/**
 * All that @pulumi/policy takes from the main entry of @pulumi/pulumi. The bundle has this in its place (build.mjs): the whole entry brings TypeScript, npm
 * and the automation API with it, and starts in 0.5 s instead of 0.15 s.
 */
export * as asset from "@pulumi/pulumi/asset";
export { Output } from "@pulumi/pulumi/output";
