/** IAM, KMS, Secrets Manager and S3: names, and policy documents. */
import { isObject, type Properties, type Value } from "../../../values";
import type { Fault } from "../fault";
import { isGiven, numberAt, pattern, range, textAt, type Asked, type Rule } from "./rule";

const GRAMMAR = "IAM user guide, Grammar of the IAM JSON policy language";
const QUOTAS = "IAM user guide, IAM and STS character limits";

type Kind = "identity" | "resource" | "trust";

/** @param most characters without white space, which IAM does not count. */
const document = (path: string, kind: Kind, most: number): Rule =>
  function* ({ inputs }) {
    const given = inputs[path];
    const text = isObject(given) ? JSON.stringify(given) : textAt(inputs, path);
    if (text === undefined || text === "") return;
    let parsed: Value;
    try {
      parsed = JSON.parse(text) as Value;
    } catch {
      parsed = null;
    }
    if (!isObject(parsed)) {
      yield { path, allowed: "it must be a JSON policy document", source: GRAMMAR };
      return;
    }
    const length = text.replace(/\s/g, "").length;
    if (length > most) {
      yield {
        path,
        allowed: `it has ${length} characters without white space; it must have ${most} at most`,
        source: QUOTAS,
      };
    }
    yield* statements(path, kind, parsed);
  };

function* statements(
  path: string,
  kind: Kind,
  { Version: version, Statement: statement }: Properties,
): Iterable<Fault> {
  const fault = (allowed: string): Fault => ({ path, allowed, source: GRAMMAR });
  if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17") {
    yield fault("its Version must be 2012-10-17");
  }
  const list = Array.isArray(statement) ? statement : statement === undefined ? [] : [statement];
  if (list.length === 0) yield fault("it must have at least one Statement");
  const ids = new Set<string>();
  for (const [index, each] of list.entries()) {
    const at = `Statement[${index}]`;
    if (!isObject(each)) {
      yield fault(`${at} must be an object`);
      continue;
    }
    const has = (...keys: string[]): boolean => keys.filter((key) => each[key] !== undefined).length === 1;
    if (each["Effect"] !== "Allow" && each["Effect"] !== "Deny")
      yield fault(`${at}.Effect must be Allow or Deny`);
    if (!has("Action", "NotAction")) yield fault(`${at} must have one of Action and NotAction`);
    if (kind !== "trust" && !has("Resource", "NotResource")) {
      yield fault(`${at} must have one of Resource and NotResource`);
    }
    if (kind === "trust" && each["Resource"] !== undefined) yield fault(`${at} cannot have a Resource`);
    if (kind === "identity" && has("Principal", "NotPrincipal")) yield fault(`${at} cannot have a Principal`);
    if (kind !== "identity" && !has("Principal", "NotPrincipal")) yield fault(`${at} must have a Principal`);
    const unknown = Object.keys(each).find((key) => !ELEMENTS.includes(key));
    if (unknown !== undefined) yield fault(`${at}.${unknown}: there is no such element`);
    const sid = each["Sid"];
    if (typeof sid !== "string") continue;
    if (kind === "identity" && !/^[A-Za-z0-9]*$/.test(sid))
      yield fault(`${at}.Sid must be of letters and digits`);
    if (ids.has(sid)) yield fault(`${at}.Sid must not be that of another statement`);
    ids.add(sid);
  }
}

const ELEMENTS = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

const iamName = (most: number): Rule =>
  function* ({ inputs }) {
    const form = new RegExp(`^[\\w+=,.@-]{1,${most}}$`);
    yield* pattern(inputs, "name", form, `at most ${most} of letters, digits and _+=,.@-`, QUOTAS);
  };

function* role({ inputs }: Asked): Iterable<Fault> {
  yield* range(inputs, "maxSessionDuration", [3600, 43200], "IAM API, CreateRole");
  // Letters with accents are taken, arrows and the quotes of typography are not.
  const form = /^[\t\n\r -~¡-ÿ]{0,1000}$/;
  yield* pattern(
    inputs,
    "description",
    form,
    "at most 1000 characters of Latin-1",
    "IAM API, CreateRole, Description",
  );
}

function* key({ inputs }: Asked): Iterable<Fault> {
  yield* range(inputs, "deletionWindowInDays", [7, 30], "KMS API, ScheduleKeyDeletion, PendingWindowInDays");
  yield* range(
    inputs,
    "rotationPeriodInDays",
    [90, 2560],
    "KMS API, EnableKeyRotation, RotationPeriodInDays",
  );
  const text = textAt(inputs, "policy");
  if (text === undefined || inputs["bypassPolicyLockoutSafetyCheck"] === true) return;
  const allows = /"Allow"/.test(text) && /"kms:(\*|Put\*|PutKeyPolicy)"/i.test(text);
  if (allows) return;
  const allowed =
    "it must let somebody change it (kms:PutKeyPolicy), or the key could never be managed again";
  yield { path: "policy", allowed, source: "KMS API, CreateKey, BypassPolicyLockoutSafetyCheck" };
}

function* alias({ inputs }: Asked): Iterable<Fault> {
  const form = /^alias\/(?!aws\/)[A-Za-z0-9/_-]{1,250}$/;
  yield* pattern(
    inputs,
    "name",
    form,
    "alias/ and letters, digits, /, _ and -, not alias/aws/",
    "KMS API, CreateAlias",
  );
}

function* secret({ inputs }: Asked): Iterable<Fault> {
  const source = "Secrets Manager API, CreateSecret";
  yield* pattern(inputs, "name", /^[\w/+=.@-]{1,512}$/, "at most 512 of letters, digits and /_+=.@-", source);
  const days = numberAt(inputs, "recoveryWindowInDays");
  if (days !== undefined && days !== 0 && (days < 7 || days > 30)) {
    const allowed = "it must be 0, or from 7 to 30";
    yield { path: "recoveryWindowInDays", allowed, source: "Secrets Manager API, DeleteSecret" };
  }
}

function* secretRotation({ inputs }: Asked): Iterable<Fault> {
  const source = "Secrets Manager API, RotateSecret, RotationRules";
  yield* range(inputs, "rotationRules.automaticallyAfterDays", [1, 1000], source);
}

function* bucket({ inputs }: Asked): Iterable<Fault> {
  const source = "S3 user guide, Bucket naming rules";
  const form =
    /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
  const allowed =
    "3 to 63 of a-z, 0-9, . and -, from a letter or digit to one, without two dots in a row, no IP address";
  yield* pattern(inputs, "bucket", form, allowed, source);
  yield* pattern(
    inputs,
    "bucket",
    /(?<!-s3alias|--ol-s3|--x-s3|\.mrap)$/,
    "a name without a reserved ending",
    source,
  );
}

function* oneContent({ inputs }: Asked): Iterable<Fault> {
  if (!isGiven(inputs, "secretString") || !isGiven(inputs, "secretBinary")) return;
  const source = "Secrets Manager API, PutSecretValue";
  yield { path: "secretBinary", allowed: "it cannot be given with secretString", source };
}

export const policyRules: Readonly<Record<string, readonly Rule[]>> = {
  "aws:iam/role:Role": [iamName(64), role, document("assumeRolePolicy", "trust", 2048)],
  "aws:iam/rolePolicy:RolePolicy": [iamName(128), document("policy", "identity", 10240)],
  "aws:iam/policy:Policy": [iamName(128), document("policy", "identity", 6144)],
  "aws:kms/key:Key": [key, document("policy", "resource", 32768)],
  "aws:kms/alias:Alias": [alias],
  "aws:secretsmanager/secret:Secret": [secret, document("policy", "resource", 20480)],
  "aws:secretsmanager/secretVersion:SecretVersion": [oneContent],
  "aws:secretsmanager/secretRotation:SecretRotation": [secretRotation],
  "aws:s3/bucket:Bucket": [bucket],
  "aws:s3/bucketPolicy:BucketPolicy": [document("policy", "resource", 20480)],
  "aws:sns/topic:Topic": [document("policy", "resource", 30720)],
  "aws:sns/topicPolicy:TopicPolicy": [document("policy", "resource", 30720)],
};
