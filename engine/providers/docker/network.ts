/** docker:index/network:Network. Every change replaces it: Docker cannot change a network. */
import type { NetworkArgs, types } from "@pulumi/docker";
import type { NetworkInspectInfo } from "dockerode";
import { InitError } from "../../deploy/context";
import type { Subject } from "../../model";
import type { Properties } from "../../values";
import { describeLabels } from "./conflicts";
import type { Daemon } from "./daemon";
import { DockerError } from "./daemon";
import { fromApi, toApi } from "./mapping";
import type { Operation } from "./resource";
import { deleteWhenFree } from "./retry";
import { bool, labels, map, set, str, textOf } from "./schema";
import type { FieldsOf, Schema } from "./schema";
import type { Found } from "./schema-resource";
import { SchemaResource } from "./schema-resource";

const ipamFields: FieldsOf<types.input.NetworkIpamConfig> = {
  subnet: str("Subnet"),
  // Docker picks what the program leaves open.
  gateway: str("Gateway", { computed: true }),
  ipRange: str("IPRange", { computed: true }),
  auxAddress: map("AuxiliaryAddresses", { computed: true }),
};
const inputs: FieldsOf<NetworkArgs> = {
  name: str("Name"),
  driver: str("Driver", { computed: true }),
  options: map("Options", { computed: true }),
  internal: bool("Internal", { computed: true }),
  attachable: bool("Attachable"),
  ingress: bool("Ingress"),
  ipv6: bool("EnableIPv6"),
  ipamDriver: str("IPAM.Driver", { default: "default" }),
  ipamOptions: map("IPAM.Options"),
  ipamConfigs: set("IPAM.Config", { fields: ipamFields, computed: true }),
  labels: labels("Labels"),
};
export const networkSchema: Schema = { ...inputs, scope: str("Scope", { output: true }) };

export class Network extends SchemaResource {
  protected readonly schema = networkSchema;
  protected readonly meta = { schema_version: "1" };

  protected async make(
    { daemon }: Operation,
    _subject: Subject,
    inputs: Properties,
    planned: Properties,
  ): Promise<Found> {
    // Below API 1.44 Docker makes two networks of one name unless told not to.
    const body = { ...toApi(networkSchema, inputs), CheckDuplicate: true };
    const { Id: id } = await daemon
      .request<{ Id: string }>("POST", "/networks/create", { body })
      .catch(async (error: Error) => {
        throw new Error(await explainRefusal(daemon, textOf(inputs.name), error));
      });
    return daemon.request<object>("GET", `/networks/${id}`).then(
      (network) => ({ id, actual: fromApi(networkSchema, { ...network }, planned) }),
      (error: Error) => {
        throw new InitError(id, this.outputs(id, planned, {}), [error.message]);
      },
    );
  }

  protected async look({ daemon }: Operation, id: string, prior: Properties): Promise<Found | undefined> {
    const network = await daemon.find<NetworkInspectInfo>(`/networks/${encodeURIComponent(id)}`);
    return network && { id: network.Id, actual: fromApi(networkSchema, { ...network }, prior) };
  }

  async delete(operation: Operation, id: string): Promise<void> {
    try {
      await deleteWhenFree(operation, `/networks/${id}`, {}, /has active endpoints/);
    } catch (error) {
      const network = await operation.daemon
        .find<NetworkInspectInfo>(`/networks/${id}`)
        .catch(() => undefined);
      const attached = network ? `; attached: ${attachedTo(network)}` : "";
      throw new Error(`Unable to remove network: ${(error as Error).message}${attached}`);
    }
  }
}

/** A name that is taken says by what. */
async function explainRefusal(daemon: Daemon, name: string, error: Error): Promise<string> {
  const message = `Unable to create network: ${error.message}`;
  const isTaken = error instanceof DockerError && error.status === 409;
  const network =
    isTaken &&
    (await daemon.find<NetworkInspectInfo>(`/networks/${encodeURIComponent(name)}`).catch(() => undefined));
  if (!network) return message;
  const id = network.Id.slice(0, 12);
  return (
    `${message}. It is not in this stack: ${id}, driver ${network.Driver}, ${describeLabels(network.Labels)}, attached: ` +
    `${attachedTo(network)}. Remove it if nothing needs it ("docker network rm ${name}"), import it with the id ${network.Id}, ` +
    "or give this resource another name."
  );
}

const attachedTo = (network: NetworkInspectInfo): string =>
  Object.values(network.Containers ?? {})
    .map(({ Name }) => Name)
    .join(", ") || "nothing";
