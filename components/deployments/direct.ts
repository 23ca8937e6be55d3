import { Deployment } from "./deployment";

/**
 * A service released at once: the new version starts beside the old, is smoke tested through the gateway's preview route, and then takes
 * all traffic in one step; the old version drains and goes.
 *
 *     new DirectDeployment("sample", { strategy: { kind: "direct" }, target, kept: undefined, backbone, … }).live; // "1.4.0"
 *
 * A version that does not become healthy or fails its smoke test fails the update; the old one keeps the traffic. Nothing is kept warm:
 * the way back starts the old version's containers anew.
 */
export class DirectDeployment extends Deployment<"direct"> {}
