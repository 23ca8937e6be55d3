/**
 * The mark that the pack leaves on a release it has judged, and without which the provider makes none. It is bound to the pack's version and to every input of
 * the release. It guards against what people forget, the pack's flag above all; it is no signature. Pure: the provider imports it.
 */
import { createHash } from "node:crypto";
import { version } from "./package.json";

/** `<version of the pack>:<SHA-256, hexadecimal>` for a release's inputs, as plain values. */
export function stampOf(inputs: Readonly<Record<string, unknown>>): string {
  const judged = Object.entries(inputs).filter(([key]) => key !== "stamp" && !key.startsWith("__"));
  const content = canonical({ version, inputs: Object.fromEntries(judged) });
  return `${version}:${createHash("sha256").update(content).digest("hex")}`;
}

/** Why a release may not be made; undefined when its stamp fits. */
export function stampFault(inputs: Readonly<Record<string, unknown>>): string | undefined {
  const { stamp } = inputs;
  const mend = "Update through the gates: npm run up, or pulumi up --policy-pack policy.";
  if (typeof stamp !== "string" || stamp === "") {
    return `No policy pack has judged this release, so it is not made, nor anything after it. ${mend}`;
  }
  const [pack = ""] = stamp.split(":");
  if (pack !== version) {
    return `This release was judged by version ${pack} of the policy pack, and its provider takes ${version}. Build both anew (npm run build). ${mend}`;
  }
  return stamp === stampOf(inputs)
    ? undefined
    : `This release is not the one that the policy pack has judged: its stamp is of other inputs. ${mend}`;
}

/** JSON with sorted keys, without what is not set: equal for equal values. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .filter(([, each]) => each !== null && each !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : inner,
  );
}
