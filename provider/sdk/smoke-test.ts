import * as pulumi from "@pulumi/pulumi";
import type { SmokeCheck, SmokeResult } from "../schema/smoke-test";
import { withProviderVersion } from "./options";

export interface SmokeCheckArgs {
  readonly path: pulumi.Input<string>;
  /** The status that a GET must answer. */
  readonly status: pulumi.Input<number>;
  /** Text that the body must contain. @default - any body will do */
  readonly bodyIncludes?: pulumi.Input<string | undefined>;
}

export interface SmokeTestArgs {
  /** The gateway's published address, such as `http://127.0.0.1:8080`. */
  readonly gatewayUrl: pulumi.Input<string>;
  readonly service: pulumi.Input<string>;
  readonly version: pulumi.Input<string>;
  readonly checks: pulumi.Input<pulumi.Input<SmokeCheckArgs>[]>;
  /** For all checks together, 1 to 1800. */
  readonly timeoutSeconds: pulumi.Input<number>;
  /** Id of the Backend under test. */
  readonly backend: pulumi.Input<string>;
}

/**
 * Requests to a version that has no traffic yet, through the gateway's preview route. A version that passed is not tested again until
 * the checks or the gateway's address change.
 *
 *     const smokeTest = new SmokeTest("sample-1.4.0-smoke", { gatewayUrl, service: "sample", version: "1.4.0", checks: [{ path: "/", status: 200 }], … });
 *
 * A check that fails, or the timeout, fails the resource: the error names each check, what was expected and what came.
 */
export class SmokeTest extends pulumi.CustomResource {
  declare readonly gatewayUrl: pulumi.Output<string>;
  declare readonly service: pulumi.Output<string>;
  declare readonly version: pulumi.Output<string>;
  declare readonly checks: pulumi.Output<SmokeCheck[]>;
  declare readonly timeoutSeconds: pulumi.Output<number>;
  declare readonly backend: pulumi.Output<string>;
  /** ISO time. */
  declare readonly passedAt: pulumi.Output<string>;
  /** What each check saw. */
  declare readonly results: pulumi.Output<SmokeResult[]>;

  constructor(name: string, args: SmokeTestArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "slipway:index:SmokeTest",
      name,
      { ...args, passedAt: undefined, results: undefined },
      withProviderVersion(opts),
    );
  }
}
