import fc from "fast-check";
import type { Backend } from "../../../provider/gateway/backends";

const plain = { noNullPrototype: true } as const;

/** Any backend that the schema lets through. */
export const anyBackend: fc.Arbitrary<Backend> = fc.record(
  {
    service: fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,10}[a-z0-9])?$/),
    version: fc.stringMatching(
      /^(0|[1-9]\d?)\.(0|[1-9]\d?)\.(0|[1-9]\d?)(-[0-9A-Za-z-]{1,5}(\.[0-9A-Za-z-]{1,5})?)?$/,
    ),
    healthPath: fc.stringMatching(/^\/[A-Za-z0-9._~/-]{0,20}$/),
    servers: fc.uniqueArray(
      fc.record(
        {
          name: fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,8}$/),
          container: fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,20}$/),
          port: fc.integer({ min: 1, max: 65535 }),
        },
        plain,
      ),
      { minLength: 1, maxLength: 3, selector: (server) => server.name },
    ),
  },
  plain,
);
