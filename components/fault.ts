import * as pulumi from "@pulumi/pulumi";

/**
 * An error about one component, told as one message on it, without a stack trace.
 *
 *     if (fault !== undefined) throw faultOf(this, fault);
 *
 * The SDK inspects every error that ends a program, whatever it tells of it: a component that it could see leads to all others, and looking
 * through them took most of a minute. So the component is there for whom asks for it, and not listed.
 */
export function faultOf(component: pulumi.Resource, message: string): pulumi.ResourceError {
  const error = new pulumi.ResourceError(message, component, true);
  return Object.defineProperty(error, "resource", { enumerable: false });
}
