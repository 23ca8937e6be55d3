import * as pulumi from "@pulumi/pulumi";
import { Rollout } from "../../provider/sdk/rollout";
import { SmokeTest } from "../../provider/sdk/smoke-test";
import { ServiceVersion, type ServiceVersionArgs } from "./service-version";

export interface DeploymentArgs extends ServiceVersionArgs {
  /** Requests whose path starts with this go to the service. */
  readonly pathPrefix: string;
  /** How long the smoke test may take in all, in seconds. */
  readonly smokeTimeoutSeconds: number;
}

/**
 * A service released at once: the new version starts beside the old, is smoke tested through the gateway's preview route, and then takes
 * all traffic in one step; the old version drains and goes.
 *
 *     const deployment = new DirectDeployment("sample", { service: "sample", version: "1.4.0", image, backbone, … });
 *     deployment.live; // "1.4.0", once it has the traffic
 *
 * A version that does not become healthy or fails its smoke test fails the update; the old one keeps the traffic.
 */
export class DirectDeployment extends pulumi.ComponentResource {
  /** The version that has the traffic. */
  readonly live: pulumi.Output<string>;

  constructor(name: string, args: DeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    const { backbone, ...inputs } = args;
    super("slipway:deployments:DirectDeployment", name, inputs, opts);
    const { service, version } = args;
    const target = new ServiceVersion(`${service}-${version}`, args, { parent: this });
    const smokeTest = new SmokeTest(
      `${service}-${version}-smoke`,
      {
        gatewayUrl: backbone.gatewayUrl,
        service,
        version,
        checks: [
          { path: "/healthz", status: 200 },
          { path: "/readyz", status: 200 },
          { path: "/version", status: 200, bodyIncludes: version },
          { path: "/", status: 200 },
        ],
        timeoutSeconds: args.smokeTimeoutSeconds,
        backend: target.backend.id,
      },
      { parent: this },
    );
    const rollout = new Rollout(
      name,
      {
        gateway: args.gateway,
        service,
        pathPrefix: args.pathPrefix,
        version,
        strategy: { kind: "direct" },
        smokeTest: smokeTest.id,
      },
      { parent: this },
    );
    this.live = rollout.live;
    this.registerOutputs({ live: this.live });
  }
}
