/** What providers answer, in the words of the core. */
import type { ServiceError } from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { InitError } from "../deploy/context";
import type { CheckFailure, CheckResult, DiffKind, DiffResult } from "../model";
import { ARCHIVE, ASSET, isObject, mapProperties, signatureOf, someValue } from "../values";
import type { Properties, Value } from "../values";
import { errorText } from "./grpc";
import { fromStruct } from "./wire";

const DIFF_KINDS: Record<proto.PropertyDiff.Kind, DiffKind> = {
  [proto.PropertyDiff.Kind.ADD]: "add",
  [proto.PropertyDiff.Kind.ADD_REPLACE]: "add-replace",
  [proto.PropertyDiff.Kind.DELETE]: "delete",
  [proto.PropertyDiff.Kind.DELETE_REPLACE]: "delete-replace",
  [proto.PropertyDiff.Kind.UPDATE]: "update",
  [proto.PropertyDiff.Kind.UPDATE_REPLACE]: "update-replace",
};

export const failuresOf = (failures: proto.CheckFailure[]): CheckFailure[] =>
  failures.map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));

export const checkResult = (response: proto.CheckResponse): CheckResult => ({
  inputs: fromStruct(response.getInputs()),
  failures: failuresOf(response.getFailuresList()),
});

export function diffResult(response: proto.DiffResponse): DiffResult {
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  const changes = response.getChanges();
  const result: DiffResult = {
    changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
    replaces: response.getReplacesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
    diffs: response.getDiffsList(),
  };
  if (!response.getHasdetaileddiff()) return result;
  const detailedDiff: DiffResult["detailedDiff"] = {};
  response.getDetaileddiffMap().forEach((diff, path) => {
    detailedDiff[path] = { kind: DIFF_KINDS[diff.getKind()] ?? "update", inputDiff: diff.getInputdiff() };
  });
  return { ...result, detailedDiff };
}

/** The error behind gRPC's. */
export const providerError = (error: ServiceError): Error => initError(error) ?? plainError(error);

/** The message that an error carries in its details, if it carries one of this kind. */
function detail<Message>(error: ServiceError, name: string, read: (bytes: Uint8Array) => Message) {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(bytes)) return undefined;
  const details = Status.deserializeBinary(bytes).getDetailsList();
  const found = details.find((any) => any.getTypeName() === `pulumirpc.${name}`);
  return found && read(found.getValue_asU8());
}

function initError(error: ServiceError): InitError | undefined {
  const failed = detail(error, "ErrorResourceInitFailed", (bytes) =>
    proto.ErrorResourceInitFailed.deserializeBinary(bytes),
  );
  if (!failed) return undefined;
  const inputs = failed.hasInputs() ? fromStruct(failed.getInputs()) : undefined;
  return new InitError(failed.getId(), fromStruct(failed.getProperties()), failed.getReasonsList(), inputs);
}

/** What the plugin says went wrong, or which configuration it misses. */
function plainError(error: ServiceError): Error {
  const missing = detail(error, "ConfigureErrorMissingKeys", (bytes) =>
    proto.ConfigureErrorMissingKeys.deserializeBinary(bytes),
  );
  if (!missing) return new Error(errorText(error));
  const keys = missing
    .getMissingkeysList()
    .map(
      (key) =>
        `missing required configuration key "${key.getName()}": ${key.getDescription()}\n` +
        `Set a value using the command \`pulumi config set ${key.getName()} <value>\`.`,
    );
  return new Error(keys.join("\n"));
}

const isElided = (asset: Properties): boolean =>
  ["text", "path", "uri", "assets"].every((field) => asset[field] === undefined);

/** Assets that come back as they were sent, as a hash alone, get their contents back from what was asked. */
export function restoreAssets(answer: Properties, asked: Properties): Properties {
  const known = new Map<Value | undefined, Properties>();
  const isAsset = (value: Value): value is Properties =>
    isObject(value) && (signatureOf(value) === ASSET || signatureOf(value) === ARCHIVE);
  someValue(asked, (value) => {
    if (isAsset(value)) known.set(value["hash"], value);
    return false;
  });
  if (known.size === 0) return answer;
  return mapProperties(answer, (value) =>
    isAsset(value) && isElided(value) ? known.get(value["hash"]) : undefined,
  );
}
