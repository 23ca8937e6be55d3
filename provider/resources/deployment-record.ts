import type { Entry } from "../history/entry";
import { append, readHistory, readJournal } from "../history/journal";
import type { ResourceKind } from "../resource";
import { type DeploymentRecordInputs, deploymentRecordSchema } from "../schema/deployment-record";

type Place = Pick<Entry, "sequence" | "hash" | "previousHash" | "at" | "by" | "reason">;

export interface DeploymentRecordOutputs extends Place {
  /** Why the journal cannot be trusted, as the last refresh found it; undefined while it can. */
  journalFault?: string | undefined;
}

/** A deployment in the journal. The state keeps the entry's hash: from then on a journal without that entry is told of. */
export const deploymentRecord: ResourceKind<DeploymentRecordInputs, DeploymentRecordOutputs> = {
  schema: deploymentRecordSchema,
  identity: ["environment", "service"],
  id: ({ environment, service }) => `${environment}/${service}`,
  create: record,
  async update(inputs, old) {
    const same = inputs.shiftedAt === old.shiftedAt && inputs.version === old.version;
    return same ? verify({ ...placeOf(old), history: inputs.history }) : record(inputs);
  },
  // What happened stays in the journal.
  delete: async () => undefined,
  read: verify,
  drift: (_, old) => (old["journalFault"] === undefined ? [] : ["journalFault"]),
};

/** Adds the deployment to the journal; one that a crash kept out of the state is there already. */
async function record({ history, ...entry }: DeploymentRecordInputs): Promise<DeploymentRecordOutputs> {
  const isThis = (each: Entry) =>
    each.shiftedAt === entry.shiftedAt &&
    (["environment", "service", "version"] as const).every((key) => each[key] === entry[key]);
  return placeOf((await readHistory(history)).findLast(isThis) ?? (await append(history, entry)));
}

async function verify(
  old: Place & Pick<DeploymentRecordInputs, "history">,
): Promise<DeploymentRecordOutputs> {
  const { entries, fault } = await readJournal(old.history);
  const journalFault = entries.some(({ hash }) => hash === old.hash)
    ? fault?.message
    : `Entry ${old.sequence} of ${old.history} is gone, or is not the one that was written (hash ${old.hash}).`;
  return { ...placeOf(old), journalFault };
}

function placeOf({ sequence, hash, previousHash, at, by, reason }: Place): Place {
  return { sequence, hash, previousHash, at, by, reason };
}
