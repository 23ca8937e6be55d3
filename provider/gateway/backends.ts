/**
 * `backends.cfg`, the gateway's list of versions: HAProxy text written from a typed list and read back into it. Pure.
 */
import type { BackendServer } from "../schema/backend";

/** One version of a service as the gateway knows it. */
export interface Backend {
  service: string;
  version: string;
  healthPath: string;
  servers: BackendServer[];
}

/** The name of a version's backend, of its entry in versions.map, and what the access log calls the version. */
export function backendName(backend: { service: string; version: string }): string {
  return `${backend.service}-${backend.version}`;
}

const header = "# Written by the slipway provider: one backend per deployed version.\n";

/** The text of `backends.cfg`; timeouts, checks and retries come from base.cfg's `defaults slipway`. */
export function renderBackends(backends: readonly Backend[]): string {
  return header + backends.map(renderBackend).join("");
}

function renderBackend(backend: Backend): string {
  const { servers } = backend;
  // The last resort: when no server counts as up, which a busy machine or database does to all at once, one of them is tried all
  // the same. Each rule takes its share of what the ones before left.
  const anyway = servers.map(
    ({ name }, index) =>
      `    use-server ${name} if { nbsrv eq 0 } { rand(${servers.length - index}) eq 0 }\n`,
  );
  const lines = servers.map(({ name, container, port }) => `    server ${name} ${container}:${port}\n`);
  return `
backend ${backendName(backend)} from slipway
    option httpchk GET ${backend.healthPath}
    http-check expect status 200
    http-request disable-l7-retry unless METH_GET
    force-persist if { nbsrv eq 0 }
${anyway.join("")}${lines.join("")}`;
}

/**
 * The backends in a `backends.cfg`.
 * @throws when the text is not exactly what `renderBackends` writes: a change by hand would be lost with the next one.
 */
export function parseBackends(text: string): Backend[] {
  const backends = text
    .split(/^(?=backend )/m)
    .slice(1)
    .map((section): Backend => {
      // A service has no dot, so its version begins at the first dash that a "digits, dot" follows.
      const [, service = "", version = ""] = /^backend (.*?)-(\d+\..*) from slipway$/m.exec(section) ?? [];
      const [, healthPath = ""] = /^ {4}option httpchk GET (.+)$/m.exec(section) ?? [];
      const servers = [...section.matchAll(/^ {4}server (\S+) (\S+):(\d+)$/gm)].map(
        ([, name = "", container = "", port]) => ({ name, container, port: Number(port) }),
      );
      return { service, version, healthPath, servers };
    });
  if (renderBackends(backends) !== text) {
    throw new Error(
      "The gateway's backends.cfg was changed by hand, and the next change would lose that. Undo it in the gateway's " +
        "volume, then run again.",
    );
  }
  return backends;
}

/** The list with `backend` in it, in place of a version of the same name. */
export function withBackend(backends: readonly Backend[], backend: Backend): Backend[] {
  return [...withoutBackend(backends, backendName(backend)), backend];
}

export function withoutBackend(backends: readonly Backend[], name: string): Backend[] {
  return backends.filter((backend) => backendName(backend) !== name);
}
