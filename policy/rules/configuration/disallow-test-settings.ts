import { resourceRule, texts } from "../../rule";
import { settingsOf, settingTypes } from "../../settings";

/** For production; the configuration of other stacks switches it off. */
export const disallowTestSettings = resourceRule({
  name: "configuration-disallow-test-settings",
  displayName: "Production runs nothing of a test",
  description:
    "No debug switch, no stand-in for a real service and no address of another environment is set in production.",
  severity: "high",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Set toggles to live, take the debug switch away, and name production's own addresses, in Pulumi.production.yaml.",
  seed: "Production promotion, review of the diff: no hard-coded release addresses, no debug or test code",
  unknown: "later",
  waivable: true,
  types: settingTypes,
  options: {
    otherHosts: texts("Parts of host names that belong to other environments or to one machine.", [
      "staging",
      "localhost",
      "127.0.0.1",
    ]),
    debugNames: texts("Settings that are debug switches, whatever their value but off.", [
      "DEBUG",
      "NODE_DEBUG",
      "VERBOSE",
      "TRACE",
    ]),
  },
  *check(resource, { type, name, options: { otherHosts, debugNames } }) {
    const subject = `${type.split(":").at(-1)} "${name}"`;
    for (const { name: setting, value, place } of settingsOf(type, resource)) {
      const where = `${setting} of ${place}`;
      if (debugNames.includes(setting) && !/^(|0|false|off|no)$/i.test(value))
        yield `${subject} debugs in production (${where}). Allowed: none. Remove it.`;
      if (/^log_?level$/i.test(setting) && /^(debug|trace|silly|verbose)$/i.test(value))
        yield `${subject} logs everything in production (${where}: ${value}). Allowed: info, warn or error. Change it.`;
      if (/^NODE_ENV$/.test(setting) && value !== "production")
        yield `${subject} does not run as in production (${where}). Allowed: production. Set it.`;
      if (/mock/i.test(setting) && !/^(|0|false|off|no)$/i.test(value))
        yield `${subject} uses a stand-in in production (${where}). Allowed: none. Remove it.`;
      for (const [toggle, kind] of Object.entries(parseObject(value)))
        if (kind === "mock")
          yield `${subject} uses a stand-in for ${toggle} in production (${where}). Allowed: live. Set slipway:toggles to live.`;
      const host = otherHosts.find((part) => hostsOf(value).some((one) => one.includes(part)));
      if (host !== undefined)
        yield `${subject} names a host of another environment (${where}: one with "${host}"). Allowed: production's own. Change it.`;
    }
  },
});

/** The host names in a text: of addresses, or a whole text that is one. */
function hostsOf(text: string): string[] {
  const ofAddresses = [
    ...text.matchAll(/[a-z][a-z0-9+.-]{0,20}:\/\/(?:[^\s/@]{0,200}@)?([^\s/:"']{1,253})/gi),
  ].map(([, host = ""]) => host);
  return /^[\w-]+(\.[\w-]+)+(:\d+)?$|^localhost(:\d+)?$/.test(text) ? [...ofAddresses, text] : ofAddresses;
}

function parseObject(text: string): Record<string, unknown> {
  if (!text.startsWith("{")) return {};
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
