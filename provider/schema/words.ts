/**
 * The words that the resources' inputs are made of. Each schema carries one message, which says what is allowed; `check`
 * puts the property and the value in front of it.
 */
import * as z from "zod";

function text(pattern: RegExp, allowed: string) {
  return z.string({ error: allowed }).regex(pattern, { error: allowed });
}

/** A service: no dots, so that `<service>-<version>` splits in one way only. */
export const serviceName = text(
  /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
  "1 to 40 lower-case letters, digits and dashes, beginning with a letter and not ending with a dash",
);

/** A semantic version without build metadata: HAProxy and Docker names have no "+". */
export const version = text(
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/,
  'a semantic version without build metadata, such as "1.4.0" or "1.4.0-rc.1"',
);

/** Docker's rule for container names; the name is looked up through Docker's DNS. */
export const containerName = text(
  /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/,
  "a container's name: letters, digits, dots, dashes and underscores, at most 128",
);

export const serverName = text(
  /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/,
  "letters, digits, dots, dashes and underscores, at most 63",
);

export const port = z
  .int({ error: "a whole number from 1 to 65535" })
  .min(1, { error: "a whole number from 1 to 65535" })
  .max(65535, { error: "a whole number from 1 to 65535" });

export function seconds(least: number, most: number) {
  const error = `a whole number of seconds from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** The path of a request; no query, nothing that would need escaping. */
export const requestPath = text(
  /^\/[A-Za-z0-9._~/-]{0,255}$/,
  'a path such as "/healthz": a slash, then letters, digits and . _ ~ - /',
);

/** Where a service answers: "/" or "/api" (and all below it). */
export const pathPrefix = text(
  /^\/(?:[A-Za-z0-9._~-]+(?:\/[A-Za-z0-9._~-]+)*\/?)?$/,
  '"/" or a path prefix such as "/api"',
);

export const pinnedImage = text(
  /^(?:[a-z0-9][a-z0-9._/:-]*@)?sha256:[0-9a-f]{64}$/,
  'a pinned image: "sha256:<64 hex>" or "name@sha256:<64 hex>"',
);

export const commit = text(/^[0-9a-f]{40}$/, "a full commit id, 40 hexadecimal digits");

export const environmentName = text(/^[a-z][a-z0-9-]{0,39}$/, 'an environment\'s name, such as "staging"');

export function list<Element extends z.ZodType>(element: Element, allowed: string) {
  return z.array(element, { error: allowed }).min(1, { error: allowed });
}

export const resourceId = z
  .string({ error: "the id of a resource" })
  .min(1, { error: "the id of a resource" });
