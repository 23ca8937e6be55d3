/** Credentials for image registries: the provider's `registryAuth`, else Docker's own config file. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { DockerConfig, RegistryAuth } from "./endpoint";

/** As the daemon takes them in X-Registry-Auth. */
export interface Credentials {
  username?: string;
  password?: string;
  identitytoken?: string;
  serveraddress: string;
}

interface ConfigFile {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
}

/** Docker Hub's name in config files. */
const DOCKER_HUB = "https://index.docker.io/v1/";
const HUB_NAMES = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/** The registry's host in an image reference; Docker Hub's is registry-1.docker.io. */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "registry-1.docker.io";
}

/** Undefined where there are none. Throws when a configured file cannot be read. */
export async function credentialsFor(
  registry: string,
  config: DockerConfig,
): Promise<Credentials | undefined> {
  const configured = config.registryAuth?.find(({ address }) => hostOf(address) === hostOf(registry));
  if (configured?.authDisabled) return undefined;
  if (configured?.username) {
    const { username, password = "" } = configured;
    return { username, password, serveraddress: registry };
  }
  return fromConfigFile(registry, readConfigFile(configured));
}

/** Every registry's credentials that the config file itself holds, for builds. */
export function storedCredentials(): Record<string, Credentials> {
  const entries = Object.entries(readConfigFile(undefined).auths ?? {});
  return Object.fromEntries(entries.map(([address, entry]) => [address, decode(address, entry)]));
}

function hostOf(address: string): string {
  const host = address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return HUB_NAMES.has(host) ? "registry-1.docker.io" : host;
}

function readConfigFile(configured: RegistryAuth | undefined): ConfigFile {
  if (configured?.configFileContent) return parseConfig(configured.configFileContent, "configFileContent");
  const named = configured?.configFile ?? process.env.DOCKER_CONFIG ?? join(homedir(), ".docker");
  const file = existsSync(named) && statSync(named).isDirectory() ? join(named, "config.json") : named;
  if (existsSync(file)) return parseConfig(readFileSync(file, "utf8"), file);
  if (configured?.configFile) throw new Error(`registryAuth: there is no config file ${file}`);
  return {};
}

/** What is wrong with the text is not told: it has passwords in it. */
function parseConfig(text: string, where: string): ConfigFile {
  try {
    return JSON.parse(text) as ConfigFile;
  } catch {
    throw new Error(`the registry credentials in ${where} are not valid JSON: correct or remove them`);
  }
}

async function fromConfigFile(registry: string, file: ConfigFile): Promise<Credentials | undefined> {
  const isWanted = (address: string): boolean => hostOf(address) === hostOf(registry);
  const helper = Object.entries(file.credHelpers ?? {}).find(([address]) => isWanted(address))?.[1];
  const [address, entry] = Object.entries(file.auths ?? {}).find(([each]) => isWanted(each)) ?? [];
  if (address && entry && (entry.auth || entry.username)) return decode(address, entry);
  const program = helper ?? file.credsStore;
  const server = HUB_NAMES.has(hostOf(registry)) ? DOCKER_HUB : registry;
  return program ? askHelper(`docker-credential-${program}`, server) : undefined;
}

function decode(address: string, entry: NonNullable<ConfigFile["auths"]>[string]): Credentials {
  const { auth, identitytoken } = entry;
  const [, user = "", word = ""] =
    /^([^:]*):([^]*)$/.exec(Buffer.from(auth ?? "", "base64").toString()) ?? [];
  const { username = user, password = word } = entry;
  return { username, password, ...(identitytoken && { identitytoken }), serveraddress: address };
}

/** The protocol of Docker's credential helpers: the server's address in, JSON out; a failure means it has none. */
function askHelper(program: string, server: string): Promise<Credentials | undefined> {
  return new Promise((resolve) => {
    const child = execFile(program, ["get"], (error, stdout) => {
      if (error) return resolve(undefined);
      const { Username, Secret } = JSON.parse(stdout) as { Username: string; Secret: string };
      const identity =
        Username === "<token>" ? { identitytoken: Secret } : { username: Username, password: Secret };
      resolve({ ...identity, serveraddress: server });
    });
    child.stdin?.on("error", () => undefined).end(server);
  });
}
