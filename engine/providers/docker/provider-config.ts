/** The provider's own inputs. Pure. */
import type { CheckResult } from "../../model";
import type { Properties, Value } from "../../values";
import { isUnknown, unwrapSecrets } from "../../values";
import type { DockerConfig } from "./endpoint";

const KNOWN = new Set([
  ...["host", "context", "caMaterial", "certMaterial", "keyMaterial", "certPath", "registryAuth"],
  // Nothing is checked before the first use in any case.
  "disableDockerDaemonCheck",
  // The engine's.
  ...["version", "pluginDownloadURL", "__internal", "__defaults"],
]);

export function checkProviderConfig(name: string, news: Properties): CheckResult {
  const failures = Object.keys(news)
    .filter((key) => !KNOWN.has(key))
    .map((key) => {
      const reason =
        key === "sshOpts" ? '"sshOpts" is not supported: hosts behind SSH are not' : "Invalid or unknown key";
      return {
        property: "",
        reason: `could not validate provider configuration: ${reason}. Examine values at '${name}.${key}'.`,
      };
    });
  return { inputs: news, failures };
}

/** Lists and flags come as JSON text, as the SDK sends a provider's inputs. */
export function decodeProviderConfig(inputs: Properties): DockerConfig {
  const decode = (value: Value): Value => (typeof value === "string" ? (JSON.parse(value) as Value) : value);
  const { registryAuth, ...plain } = unwrapSecrets(inputs);
  const known = Object.entries(plain).filter(([, value]) => value !== null && !isUnknown(value));
  const config: Properties = {
    ...Object.fromEntries(known),
    ...(registryAuth && !isUnknown(registryAuth) && { registryAuth: decode(registryAuth) }),
  };
  return config;
}
