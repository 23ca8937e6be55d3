/** What is wrong with a policy document of AWS IAM. Pure. */
import { listOf, objectOf, textOf } from "./known";

/** Whose document: what a role may do, who may take it, who may use a key, or who may use any other resource. */
export type DocumentKind = "identity" | "trust" | "key" | "resource";

export interface DocumentLimits {
  readonly actionsWithoutResource: readonly string[];
  readonly actionWildcards: readonly string[];
}

/**
 * Yields what follows the subject of a message: `allows every action … . Allowed: … . Name them.`
 *
 * @param text the document as JSON text
 */
export function* faultsOfDocument(
  text: string,
  kind: DocumentKind,
  limits: DocumentLimits,
): Generator<string> {
  const document = parse(text);
  if (document === undefined) {
    yield "holds a policy document that is no JSON. Allowed: JSON text. Write it with JSON.stringify.";
    return;
  }
  const statements = many(objectOf(document)["Statement"]);
  for (const [index, statement] of statements.entries()) {
    const { Sid, Effect, ...rest } = objectOf(statement);
    if (Effect !== "Allow") continue;
    const where = `in statement ${textOf(Sid) || `${index + 1} of ${statements.length}`}`;
    for (const [fault, mend] of faultsOfStatement(rest, kind, limits)) yield `${fault} ${where}. ${mend}`;
  }
}

type Fault = [fault: string, mend: string];

function* faultsOfStatement(
  statement: Readonly<Record<string, unknown>>,
  kind: DocumentKind,
  { actionsWithoutResource, actionWildcards }: DocumentLimits,
): Generator<Fault> {
  const { Action, Resource, Principal, Condition } = statement;
  for (const negation of ["NotAction", "NotResource", "NotPrincipal"]) {
    if (statement[negation] !== undefined)
      yield [`allows all but what ${negation} names`, `Allowed: ${negation.slice(3)}. Name what is allowed.`];
  }
  const actions = many(Action).map(textOf);
  const principals = principalsOf(Principal);
  // Whoever is the account itself delegates by roles' policies: without it nobody could change the key's policy again.
  const isOwnAccount =
    kind === "key" &&
    principals.length > 0 &&
    principals.every((one) => /^arn:aws[\w-]*:iam::\d{12}:root$/.test(one));
  const broad = actions.filter((action) => action.includes("*") && !actionWildcards.includes(action));
  if (broad.length > 0 && !isOwnAccount) {
    yield [
      `allows ${broad.join(", ")}`,
      `Allowed: actions by name${actionWildcards.length > 0 ? `, and ${actionWildcards.join(", ")}` : ""}. Name them.`,
    ];
  }
  if (kind === "identity") {
    const unbound = actions.filter(
      (action) => !actionsWithoutResource.includes(action) && !action.includes("*"),
    );
    if (
      many(Resource).some((resource) => textOf(resource) === "*") &&
      (unbound.length > 0 || actions.length === 0)
    ) {
      yield [
        `allows ${unbound.join(", ")} on every resource`,
        "Allowed: ARNs; * only for actions that know no resource. Name the ARNs.",
      ];
    }
    if (
      actions.includes("iam:PassRole") &&
      !JSON.stringify(Condition ?? {}).includes("iam:PassedToService")
    ) {
      yield [
        "hands roles over to any service (iam:PassRole)",
        'Allowed: with a condition on "iam:PassedToService". Add it.',
      ];
    }
    return;
  }
  if (
    principals.some((one) => one === "*" || /^arn:aws[\w-]*:iam::\*:/.test(one)) &&
    Condition === undefined
  ) {
    yield ["is open to everyone (Principal *)", "Allowed: services, accounts or roles by name. Name them."];
  }
  if (kind === "trust" && objectOf(Principal)["Federated"] !== undefined)
    yield* faultsOfFederation(Condition);
}

/** A token of GitHub's says in `sub` for which repository and environment it was made; without a look at it every repository gets in. */
function* faultsOfFederation(condition: unknown): Generator<Fault> {
  const subjects = Object.values(objectOf(condition)).flatMap((test) =>
    Object.entries(objectOf(test))
      .filter(([key]) => key.endsWith(":sub"))
      .flatMap(([, value]) => many(value).map(textOf)),
  );
  if (subjects.length > 0 && !subjects.some((subject) => /^\*|^repo:[^/]*\*/.test(subject))) return;
  yield [
    "trusts every token of its identity provider",
    'Allowed: with a condition on ":sub" that names repository and environment. Add it.',
  ];
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal === "string") return [principal];
  return Object.values(objectOf(principal)).flatMap((value) => many(value).map(textOf));
}

/** IAM takes one for a list of one. */
function many(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? listOf(value) : [value];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
