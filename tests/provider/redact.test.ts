import assert from "node:assert/strict";
import fc from "fast-check";
import { redact, secretValues } from "../../provider/redact";

describe("redact", () => {
  it("masks what looks like a secret", () => {
    const cases = {
      "connecting to postgres://app:hunter2@db:5432/app": "connecting to postgres://app:***@db:5432/app",
      "redis://:pw@redis:6379": "redis://:***@redis:6379",
      "PGPASSWORD=hunter2 PGHOST=db": "PGPASSWORD=*** PGHOST=db",
      '{"api_key": "abc def", "port": 1}': '{"api_key": ***, "port": 1}',
      "Authorization: Bearer abcdefgh12345": "Authorization: Bearer ***",
      "session eyJhbGciOiJI.eyJzdWIiOiIx.sflKxwRJ ok": "session *** ok",
      "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nup": "***\nup",
    };
    for (const [text, masked] of Object.entries(cases)) assert.equal(redact(text), masked);
  });

  it("leaves what is none", () => {
    const text = "GET /tokens 200, listening on http://0.0.0.0:8080, 3 passwords checked";
    assert.equal(redact(text), text);
  });

  it("masks the container's own secrets wherever they are", () => {
    const environment = ["DB_PASSWORD=hunter22", "TOKEN=a=b=c", "PORT=8080", "EMPTY_SECRET=", "HOME"];
    assert.deepEqual(secretValues(environment), ["hunter22", "a=b=c"]);
    assert.equal(redact("dial hunter22: a=b=c at 8080", secretValues(environment)), "dial ***: *** at 8080");
  });

  it("never shows a given secret", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.stringMatching(/^[a-zA-Z0-9]{6,20}$/),
        fc.string(),
        (before, secret, after) => {
          assert.ok(!redact(before + secret + after, [secret]).includes(secret));
        },
      ),
    );
  });
});
