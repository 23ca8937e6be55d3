/** The dumps of a service on their volume: names, ages, which are kept, and the way back. Pure. */

/** Where the volume is mounted to write dumps: a folder that Postgres images have, so that a new volume takes over its owner. */
export const dumpFolder = "/var/lib/postgresql/data";

const dayMs = 86_400_000;

/** `sample-1.4.0-20260102T030405Z.dump`: UTC to the second. */
export function dumpName(service: string, version: string, at: Date): string {
  return `${service}-${version}-${at.toISOString().replace(/[-:]|\.\d+/g, "")}.dump`;
}

interface Dump {
  file: string;
  at: number;
  partial: boolean;
}

/** The dumps of a service among the files, those broken off too; of "sample-api", none when asked for "sample". */
function dumpsOf(service: string, files: readonly string[]): Dump[] {
  const name =
    /^-\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.dump(\.partial|\.sha256\.partial)?$/;
  return files.flatMap((file) => {
    if (!file.startsWith(service)) return [];
    const match = name.exec(file.slice(service.length));
    if (match === null) return [];
    const [year, month, day, hour, minute, second] = match.slice(1, 7);
    const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    return [{ file, at, partial: match[7] !== undefined }];
  });
}

/**
 * The files that go: of a service's dumps all but the newest `keepCount`, and those older than `keepDays`, each with its checksum; and
 * what was broken off so long ago that nobody is at it. Never `made`, the one just made.
 */
export function expiredDumps(
  files: readonly string[],
  options: {
    service: string;
    made: string;
    keepCount: number;
    keepDays: number;
    timeoutSeconds: number;
    now: number;
  },
): string[] {
  const { service, made, now } = options;
  const dumps = dumpsOf(service, files).filter(({ file }) => !file.startsWith(made));
  const broken = dumps.filter(({ partial, at }) => partial && now - at > options.timeoutSeconds * 1000);
  const expired = dumps
    .filter(({ partial }) => !partial)
    .sort((a, b) => b.at - a.at)
    .filter(({ at }, index) => index >= options.keepCount - 1 || now - at > options.keepDays * dayMs);
  return [...broken.map(({ file }) => file), ...expired.flatMap(({ file }) => [file, `${file}.sha256`])];
}

/**
 * The command that puts the data back. They are restored into a database beside the present one, which goes only when that has worked: a
 * `pg_restore --clean` in place would keep, or stumble over, the tables that came after the dump. Whoever is connected is thrown out.
 */
export function restoreCommand(container: string, user: string, database: string, file: string): string {
  const as = `-U ${quote(user)}`;
  const beside = quote(`${database}_restored`);
  const rename = `ALTER DATABASE ${identifier(`${database}_restored`)} RENAME TO ${identifier(database)}`;
  const steps = [
    `dropdb --if-exists ${as} ${beside}`,
    `createdb --template=template0 ${as} ${beside}`,
    `pg_restore --single-transaction --exit-on-error ${as} -d ${beside} /backups/${file}`,
    `dropdb --force ${as} ${quote(database)}`,
    `psql -q ${as} -d postgres -c ${quote(rename)}`,
  ];
  return `docker exec ${container} sh -c ${quote(steps.join(" && "))}`;
}

/** A word of a shell's command line. */
function quote(text: string): string {
  if (/^[\w./=-]+$/.test(text)) return text;
  return /^[\w ./=-]+$/.test(text) ? `"${text}"` : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function identifier(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
