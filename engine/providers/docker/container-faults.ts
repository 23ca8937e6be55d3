/** What is wrong with a container's inputs that no single property shows. Pure. */
import type { Properties, Value } from "../../values";
import type { Fault } from "./check";
import { elementsOf, propertiesOf } from "./schema";

const isSet = (value: Value | undefined): boolean => value !== undefined && value !== null && value !== "";

export function containerFaults(inputs: Properties): Fault[] {
  const { command, readOnly, uploads, volumes } = inputs;
  const faults: [isWrong: boolean, path: string, reason: string][] = [
    [
      isSet(inputs.deviceRequests) && isSet(inputs.gpus),
      "deviceRequests",
      '"device_requests": conflicts with gpus',
    ],
    [isSet(inputs.cpus) && isSet(inputs.cpuPeriod), "cpuPeriod", '"cpu_period": conflicts with cpus'],
    [isSet(inputs.cpus) && isSet(inputs.cpuQuota), "cpuQuota", '"cpu_quota": conflicts with cpus'],
    [
      inputs.wait === true && inputs.attach === true,
      "attach",
      "wait is for a container that goes on running, attach for one that ends: give one of them",
    ],
    [elementsOf(command).includes(""), "command", "values for command may not be empty"],
    [
      readOnly === true && elementsOf(uploads).length > 0,
      "uploads",
      "Docker refuses uploads into a container with readOnly: mount a volume or a file instead",
    ],
  ];
  elementsOf(volumes).forEach((each, index) => {
    const [hasPath, hasSource] = [
      isSet(propertiesOf(each).containerPath),
      isSet(propertiesOf(each).fromContainer),
    ];
    const path = `volumes[${index}]`;
    faults.push([!hasPath && !hasSource, path, "volume entry without container path or source container"]);
    faults.push([hasPath && hasSource, path, "both a container and a path specified in a volume entry"]);
  });
  elementsOf(uploads).forEach((each, index) => {
    const given = ["content", "contentBase64", "source"].filter((name) => isSet(propertiesOf(each)[name]));
    const reason = `${given.length > 1 ? "only " : ""}one of 'content', 'contentBase64' or 'source' must be set`;
    faults.push([given.length !== 1, `uploads[${index}]`, reason]);
  });
  return faults
    .filter(([isWrong]) => isWrong)
    .map(([, path, reason]) => ({
      path,
      reason: reason.replace(/^(?=".*": conflicts)/, "Conflicting configuration arguments. "),
    }));
}
