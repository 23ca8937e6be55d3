import { defaultRequirements, judgeEvidence } from "../../attestation/judgement";
import { evidenceKinds } from "../../attestation/statement";
import { listOf, notKnown, objectOf, textOf } from "../../known";
import { amount, resourceRule, texts } from "../../rule";

const options = {
  requiredKinds: {
    ...texts("What must be proved for a release.", defaultRequirements.requiredKinds),
    items: { type: "string" as const, enum: [...evidenceKinds] },
  },
  trustedKeys: texts(
    "Ed25519 public keys that evidence may be signed with: SPKI in PEM, or 32 bytes in base64.",
    defaultRequirements.trustedKeys,
  ),
  maxAgeHours: amount(
    "How long before the release the checks may have finished, in hours.",
    0,
    defaultRequirements.maxAgeHours,
  ),
  maxAgeHoursByKind: {
    type: "object" as const,
    additionalProperties: { type: "number" as const, minimum: 0 },
    description: "The same for single kinds.",
    default: defaultRequirements.maxAgeHoursByKind,
  },
};

/** Closed by default: what is missing, or not known before the update, proves nothing. */
export const requireEvidence = resourceRule({
  name: "release-require-evidence",
  displayName: "A release has evidence",
  description: "Signed evidence proves that this commit passed its checks.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Check out the commit, run the checks, and add each report: npm run evidence -- add --kind <kind> --file <report>. npm run evidence -- verify tells what is still missing.",
  seed: "Deployment direction: pipelines are gated on evidence artifacts (Vitest, Playwright, Lighthouse) before any deploy job",
  unknown: "closed",
  waivable: false,
  options,
  types: ["slipway:index:Release"],
  *check(release, { name, options, now }) {
    const { commit, evidence, images, rollback } = release;
    // A version that was live has passed this gate already; age and lost files must not block the way back.
    if (rollback === true) return;
    const subject = `Release "${name}"`;
    if (textOf(commit) === "") {
      if (commit !== notKnown)
        yield `${subject} names no commit, so nothing can be proved about it. Allowed: a commit's full id. Read it from the checkout.`;
      return;
    }
    if (evidence === notKnown) return;
    const envelopes = listOf(evidence).map((text, index) => ({
      name: `evidence[${index}]`,
      text: textOf(text),
    }));
    const references = Object.values(objectOf(images)).map(textOf);
    for (const { message } of judgeEvidence(
      envelopes,
      { commit: textOf(commit), images: references },
      options,
      now,
    )) {
      yield `${subject}: ${message}`;
    }
  },
});
