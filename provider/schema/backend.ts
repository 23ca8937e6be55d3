import * as z from "zod";
import { containerName, list, port, requestPath, seconds, serverName, serviceName, version } from "./words";

export const backendServerSchema = z.strictObject({
  /** Unique within the backend; what the access log shows. */
  name: serverName,
  /** The container's name, resolved by Docker's DNS on a network that the gateway shares. */
  container: containerName,
  port,
});
export type BackendServer = z.infer<typeof backendServerSchema>;

/** Inputs of `slipway:index:Backend`: a version in the gateway, warm, without traffic. */
export const backendSchema = z.strictObject({
  gateway: containerName,
  service: serviceName,
  version,
  servers: list(backendServerSchema, "a list of at least one server {name, container, port}").refine(
    (servers) => new Set(servers.map((server) => server.name)).size === servers.length,
    { error: "servers with different names" },
  ),
  /** Answers 200 when a server may have traffic. */
  healthPath: requestPath,
  readyTimeoutSeconds: seconds(1, 1800),
  /** How long a delete waits for requests in flight; what is left then is cut. */
  drainSeconds: seconds(0, 3600),
});
export type BackendInputs = z.infer<typeof backendSchema>;
