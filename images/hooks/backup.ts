/** Before a new version starts: a snapshot of the database, and an end to the old ones. */
import {
  CreateDBSnapshotCommand,
  type DBSnapshot,
  DeleteDBSnapshotCommand,
  paginateDescribeDBSnapshots,
} from "@aws-sdk/client-rds";
import { log, reason } from "./log";
import { type Answer, type Ask, hook, setting } from "./run";
import { findSnapshot, rds, snapshotId } from "./snapshots";

const tag = "slipway:backup-of";

export const handler = hook(backUp);

async function backUp(ask: Ask): Promise<Answer> {
  const id = snapshotId(ask);
  const { Status: state = "creating", PercentProgress: percent } =
    (await findSnapshot(id)) ?? (await create(id));
  if (state === "available") {
    await prune(id);
    return { status: "SUCCEEDED" };
  }
  if (state === "failed") return { status: "FAILED", fault: `snapshot ${id} failed` };
  if (ask.expired) {
    const seconds = setting("TIMEOUT_SECONDS");
    return { status: "FAILED", fault: `snapshot ${id} is "${state}" (${percent ?? 0} %) after ${seconds} s` };
  }
  return { status: "IN_PROGRESS", afterSeconds: 30 };
}

async function create(id: string): Promise<DBSnapshot> {
  const { DBSnapshot: snapshot = {} } = await rds.send(
    new CreateDBSnapshotCommand({
      DBInstanceIdentifier: setting("INSTANCE"),
      DBSnapshotIdentifier: id,
      Tags: [{ Key: tag, Value: setting("SNAPSHOTS") }],
    }),
  );
  return snapshot;
}

/** Deletes what this hook made and is older than it has to be kept; what cannot be deleted now is the next deployment's. */
async function prune(newest: string): Promise<void> {
  const oldest = Date.now() - Number(setting("KEEP_DAYS")) * 86_400_000;
  const pages = paginateDescribeDBSnapshots(
    { client: rds },
    { DBInstanceIdentifier: setting("INSTANCE"), SnapshotType: "manual" },
  );
  for await (const { DBSnapshots: snapshots = [] } of pages) {
    for (const { DBSnapshotIdentifier: id, SnapshotCreateTime: at, TagList: tags = [] } of snapshots) {
      const ours = tags.some(({ Key, Value }) => Key === tag && Value === setting("SNAPSHOTS"));
      if (!ours || id === undefined || id === newest || at === undefined || at.getTime() >= oldest) continue;
      try {
        await rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id }));
        log("info", "old snapshot deleted", { id, at });
      } catch (error) {
        log("warn", "old snapshot not deleted", { id, at, reason: reason(error) });
      }
    }
  }
}
