import * as pulumi from "@pulumi/pulumi";

/**
 * An error about one component, told as one message on it, without a stack trace.
 *
 *     if (fault !== undefined) throw faultOf(this, fault);
 *
 * The SDK inspects every error that ends a program, whatever it tells of it: the component leads to all others, and the stack of a callback
 * of outputs is long. Looking through them took most of a minute. So neither is there to be seen.
 */
export function faultOf(component: pulumi.Resource, message: string): pulumi.ResourceError {
  const error = new pulumi.ResourceError(message, component, true);
  return Object.defineProperties(error, { resource: { enumerable: false }, stack: { value: message } });
}
