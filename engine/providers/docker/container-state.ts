/** A container's outputs, from what the daemon tells of it. Pure. */
import type { ContainerInspectInfo } from "dockerode";
import type { Properties, Value } from "../../values";
import { containerSchema, networkFieldsOf } from "./container-schema";
import { fromApi } from "./mapping";
import { elementsOf, propertiesOf, textOf } from "./schema";

/** GET /containers/{id}/json. */
export type Inspection = ContainerInspectInfo;

/**
 * `prior` are the outputs in state or the planned ones. A container that has stopped is `mustRun: false`, and so differs from a
 * program that wants it to run; but for one that was never to be started, or that was attached to until it ended.
 */
export function containerOutputs(container: Inspection, prior: Properties): Properties {
  const { Config, HostConfig, NetworkSettings, State } = container;
  const outputs: Properties = {
    ...fromApi(containerSchema, { ...Config, HostConfig }, prior),
    name: container.Name.replace(/^\//, ""),
    ports: ports(container, elementsOf(prior.ports)),
    exitCode: State.Running ? null : State.ExitCode,
    bridge: "",
    networkDatas: Object.entries(NetworkSettings.Networks ?? {}).map(([networkName, settings]) => ({
      ...fromApi(networkFieldsOf.data, { ...settings }, {}),
      networkName,
    })),
  };
  if (textOf(prior.image).startsWith("sha256:")) outputs.image = container.Image;
  // The daemon tells the operating system only.
  if (!prior.platform) outputs.platform = container.Platform;
  // `systempaths=unconfined` reaches the daemon as empty lists of paths.
  if (HostConfig.MaskedPaths?.length === 0 && HostConfig.ReadonlyPaths?.length === 0) {
    outputs.securityOpts = [...elementsOf(outputs.securityOpts), "systempaths=unconfined"];
  }
  if (!State.Running && prior.start !== false && prior.attach !== true) outputs.mustRun = false;
  return outputs;
}

/**
 * Ports come from what was asked for, so that a stopped container has them too; one that Docker chose comes from where it
 * listens, or while it does not, from before.
 */
function ports({ HostConfig, NetworkSettings }: Inspection, prior: Value[]): Properties[] {
  const asked = (HostConfig.PortBindings ?? {}) as Record<string, { HostIp: string; HostPort: string }[]>;
  const found = Object.entries(asked).flatMap(([key, bindings]) => {
    const internal = Number.parseInt(key, 10);
    const protocol = key.replace(/^.*\//, "");
    const before = prior
      .map(propertiesOf)
      .find((port) => port.internal === internal && port.protocol === protocol);
    return bindings.map(({ HostIp: ip, HostPort }, index) => {
      const chosen = NetworkSettings.Ports?.[key]?.[index]?.HostPort ?? before?.external ?? 0;
      return { internal, external: Number(HostPort) || Number(chosen), ip, protocol };
    });
  });
  return found.sort((a, b) => a.internal - b.internal || (a.protocol < b.protocol ? -1 : 1));
}
