/**
 * No secret in the clear, in any property of any resource but Docker's containers, which have a rule of their own. What is marked secret is encrypted in the state,
 * and passes; but not in the places that the cloud itself shows in the clear: there no mark helps. What only the update will know is no literal: it is judged then.
 */
import { containerType } from "../../container";
import type { Properties } from "../../known";
import { resourceRule } from "../../rule";
import { noteSecrets, takeSecrets } from "../../secret-marks";
import { containersOf } from "../../task-definition";
import { settingsOf } from "../../settings";
import { findSecrets, isHarmlessValue, isSecretName, randomKey } from "../../secret-patterns";

/** Keys whose values are random to look at, and no secret: ids, digests, code, policy documents. */
const publicKey =
  /(^|[a-z_.])(id|ids|hash|digest|etag|checksum|fingerprint|thumbprints?|fqdns|arn|arns|stamp|uuid|contentbase64|script|policy|dashboardbody|version|key)$/i;
/** Where the cloud shows a value to everyone who may look at the resource. */
const openPlaces =
  /^(containerDefinitions|userData|userDataBase64|tags|tagsAll|labels|description|alarmDescription|environment\.variables|runConfig\.environmentVariables|bindings\.\d+\.(text|json))(\.|$)/;

/** Our own resources, whose digests are many; and what anybody may look up, such as the random name that proves a domain's owner. */
const publicType = /^(slipway|pulumi):|:DnsRecord$/;

/** Code, which names secrets and assigns them without holding any. */
const codePlaces = /^(modules|source|code|content)\b/;

export const disallowPlaintextSecretsAnywhere = resourceRule({
  name: "configuration-disallow-plaintext-secrets",
  displayName: "No secret stands in the clear",
  description:
    "No property holds a secret that is not marked as one, and none that the cloud shows holds one at all: environment, user data, tags, descriptions.",
  severity: "critical",
  enforcementLevel: "remediate",
  remediationSteps:
    "Take the value out of the source (and change it, for it is known now); keep it in the vault or the secrets matrix, and refer to it: secrets of ECS, secret_text bindings of Workers.",
  seed: "DevOps engineer, quality gate: all secrets in secure variables or vaults, none in code",
  equivalents: [
    ...["CKV_AWS_41", "CKV_AWS_45", "CKV_AWS_46", "AWS-0029", "AWS-0036", "AWS-0129", "DS-0031"],
    ...["KICS-d40210ea", "KICS-443488f5"],
  ],
  unknown: "fits",
  waivable: false,
  types: "all",
  remediate: noteSecrets,
  *check(properties, { type, name, urn, opts }) {
    if (type === containerType) return;
    const marked = takeSecrets(urn) ?? new Set(opts.additionalSecretOutputs);
    const subject = `${type.split(":").at(-1)} "${name}"`;
    for (const text of [...textsOf(properties, "", ""), ...nestedTexts(type, properties)]) {
      const place = show(text.path);
      if (isUnder(text.path, marked)) {
        if (openPlaces.test(text.path))
          yield `${subject} is given a secret in ${place}, which the cloud shows to whoever may look. Allowed: a reference to the vault. Pass its ARN or binding, not its value.`;
        continue;
      }
      for (const what of secretsIn(text, publicType.test(type)))
        yield `${subject} has ${what} in ${place}, in the clear. Allowed: a secret output, or a reference to the vault. Take it out of the source, change it, and pass it by the matrix (stacks/secrets.ts).`;
    }
  },
});

function secretsIn({ path, key, text }: Text, isPublicType: boolean): string[] {
  // Read in parts: names and values are apart in it.
  if (path === "containerDefinitions" || /^bindings\.\d+\.text$/.test(path)) return [];
  const plain = /base64$/i.test(key) ? Buffer.from(text, "base64").toString("utf8") : text;
  // What code assigns to a name is no literal of a secret by the name alone.
  // Prose has colons, too.
  if (codePlaces.test(path) || /(description|comment)$/i.test(path))
    return findSecrets(plain).filter((what) => !what.startsWith("a value") && what !== randomKey);
  const isPublic = isPublicType || publicKey.test(key);
  const found = findSecrets(plain).filter((what) => !isPublic || what !== randomKey);
  const named = isSecretName(key) && !isHarmlessValue(text) && !isReference(text);
  return named && found.length === 0 ? [`a value for ${key}`] : found;
}

/** Texts whose name stands beside them, and those within JSON text. */
function nestedTexts(type: string, properties: Properties): Text[] {
  const settings = settingsOf(type, properties)
    .filter(({ place }) => !/^[\w.]+$/.test(place))
    .map(({ name, value, place }) => ({ path: `${name} of ${place}`, key: name, text: value }));
  const rest = containersOf(properties).map((container) => ({
    ...container,
    environment: undefined,
    secrets: undefined,
  }));
  return [...settings, ...textsOf(rest, "containerDefinitions", "")];
}

/** An ARN, a path or an address of the vault, and how ECS and SSM name what they resolve themselves. */
function isReference(text: string): boolean {
  return /^(arn:|\/|https:\/\/|ssm:|\{\{resolve:)/.test(text);
}

interface Text {
  readonly path: string;
  readonly key: string;
  readonly text: string;
}

/** Every known text. What is not known is passed by without being read, so that it is not noted. */
function* textsOf(value: Properties | readonly unknown[], path: string, key: string): Generator<Text> {
  for (const [own, { value: inner }] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (Array.isArray(value) && own === "length") continue;
    const innerPath = path === "" ? own : `${path}.${own}`;
    const innerKey = Array.isArray(value) ? key : own;
    if (typeof inner === "string") yield { path: innerPath, key: innerKey, text: inner };
    else if (typeof inner === "object" && inner !== null)
      yield* textsOf(inner as Properties, innerPath, innerKey);
  }
}

function isUnder(path: string, marked: ReadonlySet<string>): boolean {
  if (marked.size === 0) return false;
  for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
    if (marked.has(path.slice(0, end))) return true;
  }
  return false;
}

/** A path, without what may be a value that somebody used as a key. */
function show(path: string): string {
  return path
    .split(".")
    .map((key) => (/^[\w:/" -]{1,80}$/.test(key) && findSecrets(key).length === 0 ? key : "…"))
    .join(".");
}
