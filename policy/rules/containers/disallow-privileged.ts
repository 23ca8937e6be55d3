import { posix } from "node:path";
import { containerType } from "../../container";
import { listOf, notKnown, objectOf, textOf, type Properties } from "../../known";
import { resourceRule, texts } from "../../rule";

const options = {
  allowedCapabilities: texts("Linux capabilities that containers may add, such as CAP_NET_BIND_SERVICE.", []),
  hostPaths: texts(
    "Paths of this machine that no container may be given, nor anything below or above them.",
    [
      "/boot",
      "/dev",
      "/etc",
      "/lib",
      "/proc",
      "/root",
      "/run",
      "/sys",
      "/usr",
      "/var/lib/docker",
      "/var/run",
    ],
  ),
  writableRoot: texts("Containers, by the resource's name or Docker's, whose root may be written to.", []),
};

/** What only the update will know is judged then. The catalogue follows KICS's for Docker Compose. */
export const disallowPrivileged = resourceRule({
  name: "containers-disallow-privileged",
  displayName: "Containers keep to themselves",
  description:
    "A container has no power over this machine: no privileges, no namespaces or sensitive paths of the host, a read-only root.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    'Set capabilities.drops: ["ALL"], securityOpts: ["no-new-privileges:true"], readOnly: true with tmpfs for what must be written, and remove privileged, host namespaces and host paths.',
  seed: "DevOps engineer, prohibitions: no security holes",
  unknown: "later",
  waivable: true,
  options,
  types: [containerType],
  *check(container, args) {
    const { allowedCapabilities, hostPaths, writableRoot } = args.options;
    const subject = `Container "${args.name}"`;

    if (container["privileged"] === true) {
      yield `${subject} is privileged: it is root on this machine. Allowed: privileged: false. Remove it.`;
    }
    for (const namespace of ["pidMode", "ipcMode", "usernsMode", "cgroupnsMode"]) {
      if (container[namespace] !== "host") continue;
      yield `${subject} shares a namespace of this machine (${namespace}: "host"). Allowed: its own. Remove ${namespace}.`;
    }
    for (const path of pathsOf(container)) {
      if (/\.sock$/.test(path)) {
        yield `${subject} is given the socket ${path}: whoever speaks to an engine's socket is root on this machine. Allowed: none. Remove it.`;
        continue;
      }
      const sensitive = hostPaths.find((other) => isWithin(path, other) || isWithin(other, path));
      if (sensitive === undefined) continue;
      yield `${subject} is given the host path ${path}${path === sensitive ? "" : `, which overlaps ${sensitive}`}. Allowed: paths apart from ${hostPaths.join(", ")}. Use a volume.`;
    }
    yield* capabilityFaults(container, subject, allowedCapabilities);

    const { securityOpts, readOnly } = container;
    const options = listOf(securityOpts);
    if (
      securityOpts !== notKnown &&
      !options.some((option) => option === notKnown || isNoNewPrivileges(option))
    ) {
      yield `${subject} lets its processes gain privileges. Allowed: securityOpts with "no-new-privileges:true". Add it.`;
    }
    for (const option of options.map(textOf).filter((text) => /[:=](unconfined|disable)$/.test(text))) {
      yield `${subject} switches a protection off (securityOpts: "${option}"). Allowed: Docker's own profiles. Remove it.`;
    }
    const mayWrite = writableRoot.includes(args.name) || writableRoot.includes(textOf(container["name"]));
    if (readOnly !== notKnown && readOnly !== true && !mayWrite) {
      yield `${subject} can write to its root. Allowed: readOnly: true, with tmpfs or volumes for what must be written. Set it, or name the container in writableRoot of this rule.`;
    }
  },
});

function* capabilityFaults(
  container: Properties,
  subject: string,
  allowed: readonly string[],
): Generator<string> {
  if (container["capabilities"] === notKnown) return;
  const { adds, drops } = objectOf(container["capabilities"]);
  const excess = listOf(adds)
    .map(textOf)
    .filter((name) => name !== "" && !allowed.some((other) => capability(other) === capability(name)));
  if (excess.length > 0) {
    yield `${subject} adds the capabilities ${excess.join(", ")}. Allowed: ${allowed.join(", ") || "none"}. Remove them, or list them in allowedCapabilities of this rule.`;
  }
  const dropped = listOf(drops);
  if (
    drops !== notKnown &&
    !dropped.some((name) => name === notKnown || capability(textOf(name)) === "ALL")
  ) {
    yield `${subject} keeps Docker's default capabilities. Allowed: capabilities.drops with "ALL". Add it.`;
  }
}

/** Docker takes NET_ADMIN, net_admin and CAP_NET_ADMIN alike. */
function capability(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, "");
}

function isNoNewPrivileges(option: unknown): boolean {
  return /^no-new-privileges([:=]true)?$/.test(textOf(option));
}

/** Every path of this machine that the container is given: volumes, bind mounts, devices. */
function pathsOf(container: Properties): string[] {
  const volumes = listOf(container["volumes"]).map((volume) => objectOf(volume)["hostPath"]);
  const devices = listOf(container["devices"]).map((device) => objectOf(device)["hostPath"]);
  const mounts = listOf(container["mounts"])
    .map(objectOf)
    .filter(({ type }) => type === "bind")
    .map(({ source }) => source);
  return [...volumes, ...mounts, ...devices]
    .map(textOf)
    .filter((path) => path !== "")
    .map((path) => posix.normalize(path).replace(/(?<=.)\/$/, ""));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || folder === "/" || path.startsWith(`${folder}/`);
}
