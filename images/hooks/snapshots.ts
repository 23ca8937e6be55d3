/** The snapshot of a deployment: made by the backup, waited for by the migrations. */
import {
  type DBSnapshot,
  DBSnapshotNotFoundFault,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { type Ask, setting } from "./run";

export const rds = new RDSClient({});

/** Its id, by which a call that is repeated finds it: the service's revision, or the task definition's. */
export function snapshotId({ revision, taskDefinition }: Ask): string {
  return `${setting("SNAPSHOTS")}-${revision?.split("/").at(-1) ?? taskDefinition?.split(":").at(-1)}`;
}

export async function findSnapshot(id: string): Promise<DBSnapshot | undefined> {
  try {
    const { DBSnapshots = [] } = await rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }));
    return DBSnapshots[0];
  } catch (error) {
    if (error instanceof DBSnapshotNotFoundFault) return undefined;
    throw error;
  }
}
