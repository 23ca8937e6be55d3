/** Where the Docker daemon listens, from the provider's inputs and the environment. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { DockerOptions } from "dockerode";

/** The provider's own inputs, decoded. */
export interface DockerConfig {
  host?: string;
  context?: string;
  caMaterial?: string;
  certMaterial?: string;
  keyMaterial?: string;
  certPath?: string;
  registryAuth?: RegistryAuth[];
}
export interface RegistryAuth {
  address: string;
  username?: string;
  password?: string;
  configFile?: string;
  configFileContent?: string;
  authDisabled?: boolean;
}

export interface Endpoint {
  /** As a user would write it: `unix:///var/run/docker.sock`. */
  url: string;
  options: DockerOptions;
}

type Environment = Record<string, string | undefined>;

/**
 * By order: the `context` input or DOCKER_CONTEXT, the `host` input, DOCKER_HOST, the usual sockets. Throws for what it
 * cannot speak (ssh) or read.
 */
export function resolveEndpoint(config: DockerConfig, environment: Environment, home = homedir()): Endpoint {
  const context = config.context ?? environment.DOCKER_CONTEXT;
  if (context && context !== "default") return contextEndpoint(context, config, environment, home);
  const url = config.host ?? environment.DOCKER_HOST;
  return hostEndpoint(url || `unix://${usualSocket(home)}`, tlsOptions(config, environment));
}

function usualSocket(home: string): string {
  const standard = "/var/run/docker.sock";
  const candidates = [
    standard,
    join(home, ".docker/run/docker.sock"),
    join(home, ".docker/desktop/docker.sock"),
  ];
  return candidates.find((path) => existsSync(path)) ?? standard;
}

/** Docker keeps a context under the SHA-256 of its name. */
function contextEndpoint(
  name: string,
  config: DockerConfig,
  environment: Environment,
  home: string,
): Endpoint {
  const digest = createHash("sha256").update(name).digest("hex");
  const file = join(environment.DOCKER_CONFIG ?? join(home, ".docker"), "contexts/meta", digest, "meta.json");
  if (!existsSync(file)) {
    throw new Error(`there is no Docker context "${name}" (looked for ${file}): see "docker context ls"`);
  }
  const meta = JSON.parse(readFileSync(file, "utf8")) as { Endpoints?: { docker?: { Host?: string } } };
  const certPath = join(file, "../../../tls", digest, "docker");
  const tls = existsSync(certPath) ? { ...config, certPath } : config;
  return hostEndpoint(meta.Endpoints?.docker?.Host ?? "", tlsOptions(tls, environment));
}

type Tls = Pick<DockerOptions, "ca" | "cert" | "key">;

function tlsOptions(config: DockerConfig, environment: Environment): Tls | undefined {
  const { caMaterial: ca, certMaterial: cert, keyMaterial: key } = config;
  if (ca && cert && key) return { ca, cert, key };
  const directory = config.certPath ?? environment.DOCKER_CERT_PATH;
  if (!directory) return undefined;
  const read = (name: string): string => readFileSync(join(directory, name), "utf8");
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}

function hostEndpoint(url: string, tls: Tls | undefined): Endpoint {
  const [, scheme = "", rest = ""] = /^(\w+):\/\/(.*)$/.exec(url) ?? [];
  // `host: undefined` keeps the client from mixing in its own reading of DOCKER_HOST.
  if (scheme === "unix" || scheme === "npipe") return { url, options: { host: undefined, socketPath: rest } };
  if (scheme === "tcp" || scheme === "http" || scheme === "https") {
    const { hostname, port } = new URL(`http://${rest}`);
    const isSecure = scheme === "https" || tls !== undefined;
    const options: DockerOptions = {
      protocol: isSecure ? "https" : "http",
      host: hostname,
      port: port || (isSecure ? 2376 : 2375),
      ...tls,
    };
    return { url, options };
  }
  throw new Error(
    `Docker host "${url}" is not supported: give unix://<socket>, npipe://<pipe>, tcp://<host>:<port> or https://<host>:<port>` +
      (scheme === "ssh" ? ' (for a host behind SSH: "ssh -NL <socket>:/var/run/docker.sock <host>")' : ""),
  );
}
