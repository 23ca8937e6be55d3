/** What stands in the way of something new: by whom a name or a port is taken. */
import type { ContainerInfo } from "dockerode";
import type { Inspection } from "./container-state";
import type { Daemon } from "./daemon";

/** Kept out of the inputs and the state: whose a container is, should its creation be cut short before it is recorded. */
export const URN_LABEL = "slipway.urn";
/** A digest of the inputs that it was made from. */
export const INPUTS_LABEL = "slipway.inputs";

export function describeLabels(labels: Record<string, string> | null | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([label, value]) => `${label}=${value}`);
  return pairs.length > 0 ? `labels ${pairs.join(" ")}` : "no labels";
}

export function describeNameConflict(name: string, urn: string, taken: Inspection): string {
  const { Id, State, Config, Created } = taken;
  const id = Id.slice(0, 12);
  const isOurs = Config.Labels?.[URN_LABEL] === urn;
  const whose = isOurs
    ? "It was made for this very resource, by an update that was cut short or from another copy of this project"
    : `It is not in this stack (${describeLabels(Config.Labels)})`;
  return (
    `Unable to create container: the name "${name}" is taken by container ${id} (image ${Config.Image}, ` +
    `${State.Status}, created ${Created.slice(0, 19)}Z). ${whose}. Remove it if nothing needs it ` +
    `("docker rm -f ${name}"), import it with the id ${Id}, or give this resource another name.`
  );
}

// "Bind for 0.0.0.0:80 failed: port is already allocated", "listen tcp4 127.0.0.1:80: bind: address already in use"
const PORT_TAKEN =
  /(?:Bind for|listen \w+|bind host port(?: for)?) \[?([^\s\]]*?)\]?:(\d+)\b.*already (?:allocated|in use)/;

/** For a start that failed since a port is taken: which one, and by whom; undefined for any other failure. */
export async function describePortConflict(daemon: Daemon, message: string): Promise<string | undefined> {
  const [, address, port] = PORT_TAKEN.exec(message) ?? [];
  if (address === undefined || port === undefined) return undefined;
  const containers = await daemon.request<ContainerInfo[]>("GET", "/containers/json");
  const holder = containers.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === Number(port)));
  const by = holder
    ? `container "${holder.Names[0]?.slice(1)}" (image ${holder.Image})`
    : `something outside Docker (see "ss -ltnp sport = :${port}")`;
  return (
    `Unable to start container: port ${address}:${port} is taken by ${by}. Stop that, or give another number in ` +
    "`ports[].external` (leave it out for a free one)."
  );
}
