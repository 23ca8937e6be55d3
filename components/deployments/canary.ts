import { Deployment } from "./deployment";

/**
 * A service whose new version gets a growing share of the traffic, and at each share `bakeSeconds` in which it is compared with the
 * stable version; a worse one loses its share at once. The old version stays warm until the next release.
 *
 *     new CanaryDeployment("sample", {
 *       strategy: { kind: "canary", steps: [5, 25, 50, 100], bakeSeconds: 60, sticky: false, analysis }, target, kept, backbone, …
 *     });
 */
export class CanaryDeployment extends Deployment<"canary"> {}
