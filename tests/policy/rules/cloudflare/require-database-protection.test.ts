import { cloudflare } from "../../../../policy/cloudflare";
import { requireDatabaseProtection as rule } from "../../../../policy/rules/cloudflare/require-database-protection";
import { itJudges } from "../../infrastructure";

describe("cloudflare-require-database-protection", () => {
  itJudges(rule, [
    [
      cloudflare.database,
      { protect: false },
      'D1 database "edge-database" can be deleted by an update, with all that it holds (protect: false). Allowed: true. Set protect: true among the resource\'s options.',
    ],
  ]);
});
