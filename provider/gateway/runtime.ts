/** What HAProxy's sockets print, as data. Pure. */

/** One server's row of `show stat`. */
export interface ServerStat {
  backend: string;
  server: string;
  /** "UP", "DOWN", "DRAIN", "MAINT (resolution)", "UP 1/2" … */
  status: string;
  /** "L7OK", "L4CON" …; "" before the first check. */
  checkStatus: string;
  /** The HTTP status of the last check; 0 for a result carried over a reload. */
  checkCode: number;
  /** Requests in flight, the queued ones included. */
  inFlight: number;
  /** Requests that did not get through at the first try and were sent again, since this worker began. */
  resent: number;
}

/** The servers in the CSV of `show stat`; frontends and the sums of backends are left out. */
export function parseStat(csv: string): ServerStat[] {
  const lines = csv.split("\n").filter((line) => line.includes(","));
  const columns = (lines[0] ?? "").replace(/^# /, "").split(",");
  return lines.slice(1).flatMap((line): ServerStat[] => {
    const cells = line.split(",");
    const cell = (name: string) => cells[columns.indexOf(name)] ?? "";
    const server = cell("svname");
    if (server === "FRONTEND" || server === "BACKEND") return [];
    return [
      {
        backend: cell("pxname"),
        server,
        status: cell("status"),
        checkStatus: cell("check_status"),
        checkCode: Number(cell("check_code")),
        inFlight: Number(cell("scur")) + Number(cell("qcur")),
        resent: Number(cell("wretr")) + Number(cell("wredis")),
      },
    ];
  });
}

/** This very worker has seen the server's health check pass, whether the server has traffic yet or is in drain. */
export function isHealthy(stat: ServerStat): boolean {
  return (
    (stat.status === "UP" || stat.status === "DRAIN") && stat.checkStatus === "L7OK" && stat.checkCode > 0
  );
}

/** The worker's process id in `show info`. */
export function parsePid(info: string): number | undefined {
  const [, pid] = /^Pid: (\d+)$/m.exec(info) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

/** The gateway's workers: one serves, those that it replaced finish what they have. */
export interface Workers {
  /** Process ids, the serving worker's first. */
  pids: number[];
  /** How long the serving one has been there. */
  uptimeSeconds: number;
}

/** Reads `show proc` of the master socket. */
export function parseProc(text: string): Workers {
  const rows = [...text.matchAll(/^(\d+)\s+worker\s.*?(\d+)d(\d+)h(\d+)m(\d+)s/gm)].map((match) =>
    match.slice(1).map(Number),
  );
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = rows[0] ?? [];
  return {
    pids: rows.map(([pid = 0]) => pid),
    uptimeSeconds: ((days * 24 + hours) * 60 + minutes) * 60 + seconds,
  };
}
