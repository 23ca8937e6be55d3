/** What people sign on this machine: approvals in `.slipway/approvals`, waivers in `.slipway/waivers`; one DSSE envelope a file. */
import { join } from "node:path";
import {
  approvalActions,
  approvalSchema,
  approvalType,
  longestWaiverDays,
  waiverSchema,
  waiverType,
  type Approval,
  type Waiver,
} from "../../policy/attestation/decision";
import { UserError } from "../user-error";
import { readCheckout } from "./checkout";
import { seal, writeWhole } from "./envelopes";
import { readSigningKey } from "./keys";

/** What both take. */
export interface DecisionOptions {
  readonly stack: string;
  readonly reason: string;
  readonly ticket: string;
  /** How long it holds. */
  readonly days: string;
}

/**
 * Signs an approval of the checked-out commit with this machine's approver key, and answers its file. Who approves is whose key that is, by `approvers` of
 * the rules.
 *
 * @throws UserError when an option says nothing that holds, or there is no key
 */
export async function approve(
  root: string,
  options: DecisionOptions & { action: string; service: string },
  now: Date,
): Promise<string> {
  const { commit } = await readCheckout(root);
  const { action, service } = options;
  const approval = parse(approvalSchema, { action, service, commit, ...shared(options, now) }, [
    `--action one of ${approvalActions.join(", ")}`,
  ]) satisfies Approval;
  const name = `${options.stack}-${approval.action}-${commit.slice(0, 12)}`;
  return write(root, join("approvals", name), approvalType, approval);
}

/**
 * Signs a waiver of a rule with this machine's approver key, and answers its file.
 *
 * @throws UserError when an option says nothing that holds, or there is no key
 */
export async function waive(
  root: string,
  options: DecisionOptions & { policy: string; resource: string },
  now: Date,
): Promise<string> {
  const { policy, resource } = options;
  const waiver = parse(waiverSchema, { policy, resource, ...shared(options, now) }, [
    "--policy the name of a rule",
    "--resource a name or URN, * for any characters",
  ]) satisfies Waiver;
  const name = `${options.stack}-${policy}-${options.ticket}`.replace(/[^\w.-]+/g, "-");
  return write(root, join("waivers", name), waiverType, waiver);
}

function shared({ stack, reason, ticket, days }: DecisionOptions, now: Date) {
  const count = Number(days);
  if (!(count > 0 && count <= longestWaiverDays)) {
    throw new UserError(`--days is "${days}"; it can be more than 0, up to ${longestWaiverDays}.`);
  }
  const expiresOn = new Date(now.getTime() + count * 86_400_000).toISOString();
  return { environment: stack, reason, ticket, signedOn: now.toISOString(), expiresOn };
}

function parse<D>(schema: { safeParse(value: unknown): Parsed<D> }, value: object, also: string[]): D {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(
    `${String(issue?.path[0])} says nothing that holds: ${issue?.message}. Allowed: ${[...also, "--reason of 10 to 1000 characters", "--ticket an id"].join("; ")}.`,
  );
}

type Parsed<D> =
  | { success: true; data: D }
  | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };

function write(root: string, name: string, type: string, content: object): string {
  const file = join(root, ".slipway", `${name}.json`);
  writeWhole(file, `${JSON.stringify(seal(content, type, readSigningKey(root, "approver")))}\n`);
  return file;
}
