/**
 * HAProxy's server state file, by which a new worker starts from what the old one knew. A server takes its health over; one that is
 * new, or is not the one it was, starts in drain: HAProxy would take it to be up from the moment its name is known until a check
 * fails. Pure.
 */
import type { Backend } from "./backends";
import { backendName } from "./backends";

const columns =
  "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change " +
  "srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn " +
  "srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";

/** @param shown what `show servers state` prints */
export function nextServerState(
  shown: string,
  before: readonly Backend[],
  after: readonly Backend[],
): string {
  const known = new Set(before.flatMap(fingerprints));
  const fresh = after.flatMap((backend) =>
    backend.servers
      .filter((_, index) => !known.has(fingerprints(backend)[index] ?? ""))
      .map((server) => ({ backend: backendName(backend), ...server })),
  );
  const carried = shown.split("\n").filter((line) => {
    const [, backend, , server] = line.split(" ");
    return /^\d+ /.test(line) && !fresh.some((each) => each.backend === backend && each.name === server);
  });
  const drained = fresh.map(
    ({ backend, name, container, port }) =>
      `0 ${backend} 0 ${name} - 0 8 1 1 0 1 0 0 6 0 0 0 ${container} ${port} - 0 0 - - 0`,
  );
  return ["1", columns, ...carried, ...drained, ""].join("\n");
}

function fingerprints(backend: Backend): string[] {
  return backend.servers.map((server) =>
    [backendName(backend), backend.healthPath, server.name, server.container, server.port].join(" "),
  );
}
