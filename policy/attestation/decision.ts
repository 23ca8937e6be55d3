/** What people sign: waivers and approvals, in DSSE envelopes as evidence is. Who decided is who signed, whatever the content claims. */
import * as z from "zod";
import { openEnvelope, parseJson, readPublicKey } from "./envelope";

export const waiverType = "application/vnd.slipway.waiver+json";
export const approvalType = "application/vnd.slipway.approval+json";

/** A waiver ends after 30 days at most: an exception that stays is a rule that is wrong. */
export const longestWaiverDays = 30;
const day = 24 * 3_600_000;
/** Between the clocks of who signs and who judges, in milliseconds. */
const clockSkew = 5 * 60_000;

const text = z.string().min(1).max(1000);
const decision = {
  /** A word of why that others understand: what is known, what is at stake. */
  reason: z.string().min(10, "10 to 1000 characters").max(1000),
  ticket: text,
  environment: text,
  signedOn: z.iso.datetime(),
  expiresOn: z.iso.datetime(),
};

export const waiverSchema = z.strictObject({
  ...decision,
  /** The rule that is waived, by name. */
  policy: text,
  /** The resources it is waived for: a name or URN, `*` for any run of characters in it. */
  resource: text,
});
export type Waiver = z.infer<typeof waiverSchema>;

export const approvalActions = ["release", "hotfix", "go-live"] as const;

export const approvalSchema = z.strictObject({
  ...decision,
  /** `hotfix` lets a version skip the soak, not staging. */
  action: z.enum(approvalActions),
  service: text,
  /** Full id. */
  commit: text,
});
export type Approval = z.infer<typeof approvalSchema>;

/** Persons by e-mail address, each with their Ed25519 public key: SPKI in PEM, or 32 bytes in base64. */
export type Approvers = Readonly<Record<string, string>>;

export interface Circumstances {
  readonly approvers: Approvers;
  readonly environment: string;
  /** Who wrote the commit, by e-mail address: never who decides about it. */
  readonly author: string;
  readonly now: Date;
}

export type Opened<D> =
  | { readonly outcome: "valid"; readonly decision: D; readonly approver: string }
  | { readonly outcome: "expired"; readonly decision: D; readonly approver: string }
  | { readonly outcome: "refused"; readonly why: string };

/** Verifies who signed a decision, that they may, and that it holds here and now. */
export function openDecision<D extends Waiver | Approval>(
  envelope: string,
  type: string,
  schema: z.ZodType<D>,
  { approvers, environment, author, now }: Circumstances,
): Opened<D> {
  const people = Object.entries(approvers).flatMap(([person, key]) => {
    const trusted = readPublicKey(key);
    return trusted === undefined ? [] : [{ person, ...trusted }];
  });
  const opened = openEnvelope(envelope, people, type);
  if (opened.outcome === "malformed-envelope") return refused(`is no DSSE envelope (${opened.detail})`);
  if (opened.outcome === "bad-signature") return refused("was changed after it was signed");
  if (opened.outcome === "unknown-key") {
    return refused(`is signed by key ${opened.keyId.slice(0, 12) || "(none)"}, which is no approver's`);
  }
  const parsed = parseJson(opened.payload.toString("utf8"), schema);
  if (!parsed.success) return refused(`says nothing that holds (${parsed.detail})`);
  const approver = people.find(({ id }) => id === opened.keyId)?.person ?? "";
  const { environment: where, signedOn, expiresOn } = parsed.data;
  if (author === "") return refused("cannot be told from the author's own: the release names no author");
  if (approver.toLowerCase() === author.toLowerCase()) {
    return refused(`is signed by ${approver}, who wrote the commit`);
  }
  if (where !== environment) return refused(`is for ${where}, and this is ${environment}`);
  const [signed, expires] = [Date.parse(signedOn), Date.parse(expiresOn)];
  if (signed > now.getTime() + clockSkew) return refused(`is signed at ${signedOn}, which is still to come`);
  if (expires > signed + longestWaiverDays * day) {
    return refused(`runs from ${signedOn} to ${expiresOn}, longer than ${longestWaiverDays} days`);
  }
  return { outcome: expires <= now.getTime() ? "expired" : "valid", decision: parsed.data, approver };
}

function refused(why: string): { outcome: "refused"; why: string } {
  return { outcome: "refused", why };
}
