const { readFileSync } = require("node:fs");
const docker = require("@pulumi/docker");

// The same file that docker-compose reads: one description of the trio, two tools.
const { networks, services } = JSON.parse(readFileSync("docker-compose.json", "utf8"));
const [network] = Object.values(networks);
const mesh = new docker.Network("mesh", { name: network.name });

for (const [name, service] of Object.entries(services)) {
  new docker.Container(name, {
    name: service.container_name,
    image: service.image,
    user: service.user,
    entrypoints: service.entrypoint,
    command: service.command,
    envs: Object.entries(service.environment ?? {}).map(([key, value]) => `${key}=${value}`),
    tmpfs: Object.fromEntries((service.tmpfs ?? []).map((path) => [path, "mode=1777"])),
    networksAdvanced: [{ name: mesh.name, aliases: [name] }],
    healthcheck: {
      tests: service.healthcheck.test,
      interval: service.healthcheck.interval,
      timeout: service.healthcheck.timeout,
      retries: service.healthcheck.retries,
    },
    wait: true,
  });
}
