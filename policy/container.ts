/** What the rules know about Docker containers (`@pulumi/docker`). */
import { notKnown, type Properties } from "./known";

export const containerType = "docker:index/container:Container";

/** True for a container that does its work and ends: it need not stay up, and Docker does not start it again. */
export function isOneShot(container: Properties): boolean {
  const { mustRun, restart } = container;
  return mustRun === false && (restart === undefined || restart === "no" || restart === notKnown);
}
