/** The functions of @pulumi/docker: what is there already. */
import type { NetworkInspectInfo } from "dockerode";
import type { Properties } from "../../values";
import { credentialsFor, registryOf } from "./credentials";
import { attempt } from "./daemon";
import { findImage } from "./image-pull";
import { fromApi } from "./mapping";
import { networkSchema } from "./network";
import { repoDigestOf } from "./remote-image";
import type { Operation } from "./resource";

type Invoke = (operation: Operation, name: string) => Promise<Properties>;

/** By token; each takes `name`. */
export const INVOKES: Record<string, Invoke> = {
  "docker:index/getNetwork:getNetwork": getNetwork,
  "docker:index/getRemoteImage:getRemoteImage": getRemoteImage,
  "docker:index/getRegistryImage:getRegistryImage": getRegistryImage,
};

async function getNetwork({ daemon }: Operation, name: string): Promise<Properties> {
  const network = await attempt("Could not find docker network", () =>
    daemon.request<NetworkInspectInfo>("GET", `/networks/${encodeURIComponent(name)}`),
  );
  const outputs = fromApi(networkSchema, { ...network }, {});
  const containers = Object.entries(network.Containers ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([containerId, container]) => ({
      containerId,
      name: container.Name,
      endpointId: container.EndpointID,
      macAddress: container.MacAddress,
      ipv4Address: container.IPv4Address,
      ipv6Address: container.IPv6Address,
    }));
  const names = ["name", "driver", "internal", "options", "scope", "ipamConfigs"];
  const shown = Object.entries(outputs).filter(([key]) => names.includes(key));
  return { id: network.Id, ...Object.fromEntries(shown), containers };
}

async function getRemoteImage(operation: Operation, name: string): Promise<Properties> {
  const image = await findImage(operation, name);
  if (!image) throw new Error(`did not find docker image '${name}'`);
  return { id: image.Id, name, repoDigest: repoDigestOf(name, image) };
}

/** The daemon asks the registry. */
async function getRegistryImage({ daemon, config }: Operation, name: string): Promise<Properties> {
  const auth = await credentialsFor(registryOf(name), config);
  const { Descriptor } = await attempt(`Error when attempting to fetch the digest of ${name}`, () =>
    daemon.request<{ Descriptor: { digest: string } }>("GET", `/distribution/${name}/json`, {
      ...(auth && { auth }),
    }),
  );
  return { id: Descriptor.digest, name, sha256Digest: Descriptor.digest };
}
