import { defaultRequirements, judgeEvidence } from "../../attestation/judgement";
import { evidenceKinds } from "../../attestation/statement";
import { listOf, notKnown, objectOf, textOf } from "../../known";
import { checkResource, configuration, texts, type Rule } from "../../rule";

const config = configuration({
  requiredKinds: {
    type: "array",
    items: { type: "string", enum: [...evidenceKinds] },
    description: "What must be proved for a release.",
    default: defaultRequirements.requiredKinds,
  },
  trustedKeys: texts(
    "Ed25519 public keys that evidence may be signed with: SPKI in PEM, or 32 bytes in base64.",
    defaultRequirements.trustedKeys,
  ),
  maxAgeHours: {
    type: "number",
    exclusiveMinimum: 0,
    description: "How long before the release the checks may have finished, in hours.",
    default: defaultRequirements.maxAgeHours,
  },
});

/** Closed by default: what is missing, or not known before the update, proves nothing. */
export const requireEvidence: Rule = {
  name: "release-require-evidence",
  displayName: "A release has evidence",
  description: "Signed evidence proves that this commit passed its checks.",
  severity: "critical",
  enforcementLevel: "mandatory",
  remediationSteps:
    "Check out the commit, run the checks, and add each report: npm run evidence -- add --kind <kind> --file <report>. npm run evidence -- verify tells what is still missing.",
  url: "policy/README.md#release-require-evidence",
  seed: "Deployment direction: pipelines are gated on evidence artifacts (Vitest, Playwright, Lighthouse) before any deploy job",
  configSchema: config.schema,
  validateResource: checkResource("slipway:index:Release", function* (release, args) {
    const { commit, evidence, images, rollback } = release;
    // A version that was live has passed this gate already; age and lost files must not block the way back.
    if (rollback === true) return;
    const subject = `Release "${args.name}"`;
    if (typeof commit !== "string" || commit === "") {
      yield `${subject} ${commit === notKnown ? "does not know its commit before the update" : "names no commit"}, so nothing can be proved about it. Allowed: a commit's full id. Read it from the checkout.`;
      return;
    }
    if (evidence === notKnown) {
      yield `${subject} does not know its evidence before the update. Allowed: envelopes read from files. Read them from .slipway/evidence.`;
      return;
    }
    const envelopes = listOf(evidence).map((text, index) => ({
      name: `evidence[${index}]`,
      text: textOf(text),
    }));
    const references = Object.values(objectOf(images)).map(textOf);
    for (const { message } of judgeEvidence(
      envelopes,
      { commit, images: references },
      config.read(args),
      new Date(),
    )) {
      yield `${subject}: ${message}`;
    }
  }),
};
