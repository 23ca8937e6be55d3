import * as pulumi from "@pulumi/pulumi";
import { version } from "../package.json";

/** The caller's options and the provider's version, by which the engine finds or makes the default provider. */
export function withProviderVersion(
  opts: pulumi.CustomResourceOptions | undefined,
): pulumi.CustomResourceOptions {
  return pulumi.mergeOptions({ version }, opts);
}
