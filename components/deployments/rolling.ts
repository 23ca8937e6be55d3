import { Deployment } from "./deployment";

/**
 * A service of many replicas whose traffic moves one replica's share at a time, the old replica drained with it. The old version stays
 * warm until the next release.
 *
 *     new RollingDeployment("sample", { strategy: { kind: "rolling", bakeSeconds: 0 }, replicas: 4, target, kept, backbone, … });
 */
export class RollingDeployment extends Deployment<"rolling"> {}
