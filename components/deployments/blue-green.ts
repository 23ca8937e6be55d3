import { Deployment } from "./deployment";

/**
 * A service whose versions swap in one atomic step: the new one takes all traffic, is watched for `bakeSeconds`, and gives it back when
 * it does worse than the old one did. The old version stays warm until the next release.
 *
 *     new BlueGreenDeployment("sample", { strategy: { kind: "blue-green", bakeSeconds: 30, analysis }, target, kept, backbone, … });
 */
export class BlueGreenDeployment extends Deployment<"blue-green"> {}
