import { containerType } from "../../container";
import { listOf, notKnown, objectOf, show, textOf } from "../../known";
import { resourceRule } from "../../rule";

const loopback = ["127.0.0.1", "::1"];

/** An address that only the update will know is judged then. */
export const disallowPublicPorts = resourceRule({
  name: "containers-disallow-public-ports",
  displayName: "Containers are reached on loopback only",
  description: "A container publishes its ports on this machine's loopback addresses only.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    'Set ip: "127.0.0.1" on each published port, or publish none and reach the service through the gateway.',
  seed: "DevOps engineer, prohibitions: no security holes",
  unknown: "later",
  waivable: true,
  types: [containerType],
  *check(container, { name }) {
    const mend = `Allowed: ${loopback.join(", ")}. Set ip: "127.0.0.1", or reach the service through the gateway.`;
    for (const port of listOf(container["ports"])) {
      const { internal, ip } = objectOf(port);
      if (port === notKnown || ip === notKnown || loopback.includes(textOf(ip))) continue;
      const where = textOf(ip) || "all addresses, as no ip is set";
      yield `Container "${name}" publishes its port ${show(internal)} on ${where}. ${mend}`;
    }
    if (container["publishAllPorts"] === true) {
      yield `Container "${name}" publishes every port of its image on all addresses (publishAllPorts). ${mend}`;
    }
    if (container["networkMode"] === "host") {
      yield `Container "${name}" shares the network of this machine (networkMode: "host"), so every port it opens is public. Allowed: a network of Docker. Name one in networksAdvanced.`;
    }
  },
});
