/** What @pulumi/policy exports without its types. */
import "@pulumi/policy/proxy";

declare module "@pulumi/policy/proxy" {
  /** Properties behind a proxy that throws where a value is not known. */
  export function unknownCheckingProxy<T extends object>(properties: T): T;
  export class UnknownValueError extends Error {}
}
