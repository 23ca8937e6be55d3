/** The container's health check: exit 0 when the service is ready, 1 when it is not or does not answer. */
import { get } from "node:http";

const request = get(
  { host: "127.0.0.1", port: process.env.PORT || 8080, path: "/readyz", timeout: 2_000, agent: false },
  (response) => process.exit(response.statusCode === 200 ? 0 : 1),
);
request.on("timeout", () => process.exit(1));
request.on("error", () => process.exit(1));
