/**
 * No secret in the clear. What can be seen, and what cannot:
 *
 * - A rule is given plain values: the SDK takes the mark of a secret off before it validates. Only a remediation sees the mark, so this rule has one
 *   that changes nothing and notes, for the validation that follows it, whose values are secret. It runs at the level "remediate", at which
 *   violations count as mandatory; at any other level the mark is not seen, and `additionalSecretOutputs` alone decides.
 * - The docker provider takes no secrets, so the engine marks the whole of `envs` when one element is secret. A literal beside a real secret is
 *   therefore not told apart: it is encrypted in the state, but it is in the source.
 * - What only the update will know is no literal: it passes in preview and is judged in the update.
 */
import { Secret, type ResourceRemediation } from "@pulumi/policy";
import { containerType } from "../../container";
import { listOf, objectOf, textOf, type Properties } from "../../known";
import { resourceRule, texts } from "../../rule";
import { unwrap } from "../../secret-marks";
import { findSecrets, isHarmlessValue, isSecretName } from "../../secret-patterns";

const options = {
  matrixNames: texts(
    "Environment variables through which containers are given the secrets of the secrets matrix.",
    ["PGPASSWORD", "POSTGRES_PASSWORD", "REDIS_PASSWORD"],
  ),
};

export const disallowPlaintextSecrets = resourceRule({
  name: "containers-disallow-plaintext-secrets",
  displayName: "Secrets come from the matrix, and stay secret",
  description:
    "No secret stands in the clear in a container's environment, command, entrypoint, health check, labels or files; those of the secrets matrix come in secret environment variables.",
  severity: "critical",
  enforcementLevel: "remediate",
  remediationSteps:
    'Take the value out of the source (and change it, for it is known now), add a row to the matrix in stacks/secrets.ts, pass its output in envs, and set additionalSecretOutputs: ["envs"]. In a command, refer to the variable.',
  seed: "DevOps engineer, quality gate: all secrets in secure variables or vaults, none in code",
  unknown: "later",
  waivable: false,
  options,
  remediate: noteSecrets,
  types: [containerType],
  *check(container, args) {
    const { matrixNames } = args.options;
    const subject = `Container "${args.name}"`;
    const secretNames = takeNote(args.urn);
    const declared = args.opts.additionalSecretOutputs.includes("envs");
    const mend = `Allowed: the secrets of the matrix, in ${matrixNames.join(", ")}. Take it out of the source, change it, and pass it by the matrix (stacks/secrets.ts).`;

    for (const [index, entry] of listOf(container["envs"]).entries()) {
      const { name, value } = splitEntry(textOf(entry));
      const shown = /^[A-Za-z_]\w{0,63}$/.test(name) && value !== undefined ? name : `envs[${index}]`;
      if (matrixNames.includes(name) && !isHarmlessValue(value ?? "")) {
        if (!declared) {
          yield `${subject} is given ${shown}, but its envs are not secret, so the state shows it. Allowed: additionalSecretOutputs: ["envs"]. Add it to the container's options.`;
        } else if (secretNames?.has(name) === false) {
          yield `${subject} is given ${shown} as plain text, not as a secret. Allowed: a secret output, such as the matrix's own. Pass that on.`;
        }
      } else if (isSecretName(name) && !isHarmlessValue(value ?? "")) {
        yield `${subject} is given a value for ${shown} in envs, from outside the secrets matrix. ${mend}`;
      } else {
        for (const what of findSecrets(value ?? name))
          yield `${subject} has ${what} in ${shown} of its envs. ${mend}`;
      }
    }
    for (const [place, text] of placesOf(container)) {
      for (const what of findSecrets(text)) yield `${subject} has ${what} in its ${place}. ${mend}`;
    }
  },
});

function splitEntry(entry: string): { name: string; value: string | undefined } {
  const end = entry.indexOf("=");
  return end < 0
    ? { name: entry, value: undefined }
    : { name: entry.slice(0, end), value: entry.slice(end + 1) };
}

/** Every other place for text, by the name that a message gives it. */
function placesOf(container: Properties): [place: string, text: string][] {
  // A part that is not known yet reads like a reference: what it will be is judged in the update.
  const words = (value: unknown): string =>
    listOf(value)
      .map((word) => (typeof word === "string" ? word : "$"))
      .join(" ");
  const labels = listOf(container["labels"]).map((label, index): [string, string] => {
    const { label: name, value } = objectOf(label);
    return [`labels[${index}]`, `${textOf(name)}=${typeof value === "string" ? value : "$"}`];
  });
  const uploads = listOf(container["uploads"]).map((upload, index): [string, string] => {
    const { content, contentBase64 } = objectOf(upload);
    return [
      `uploads[${index}]`,
      textOf(content) || Buffer.from(textOf(contentBase64), "base64").toString("utf8"),
    ];
  });
  return [
    ["command", words(container["command"])],
    ["entrypoints", words(container["entrypoints"])],
    ["health check", words(objectOf(container["healthcheck"])["tests"])],
    ...labels,
    ...uploads,
  ];
}

/** By URN, the environment variables whose values are marked secret: from a resource's remediation to its validation. Names only. */
const notes = new Map<string, ReadonlySet<string>>();

/** Notes which environment variables are secret, and changes nothing. */
function noteSecrets({ urn, props }: Parameters<ResourceRemediation>[0]): void {
  notes.delete(urn);
  const envs = unwrap(props)?.["envs"];
  if (envs === undefined) return;
  const all = envs instanceof Secret;
  const entries = listOf(all ? envs.value : envs).map((entry: unknown) => ({
    secret: all || entry instanceof Secret,
    text: textOf(entry instanceof Secret ? entry.value : entry),
  }));
  notes.set(urn, new Set(entries.filter(({ secret }) => secret).map(({ text }) => splitEntry(text).name)));
}

function takeNote(urn: string): ReadonlySet<string> | undefined {
  const names = notes.get(urn);
  notes.delete(urn);
  return names;
}
