import assert from "node:assert/strict";
import type { Redis } from "../../../images/sample/redis";
import { sessionsIn, tokenIn } from "../../../images/sample/sessions";

describe("sessions", () => {
  const stored = new Map<string, { seconds: number; name: string }>();
  const sessions = sessionsIn({
    setEx: async (key: string, seconds: number, name: string) => {
      stored.set(key, { seconds, name });
      return "OK";
    },
    get: async (key: string) => stored.get(key)?.name ?? null,
  } as unknown as Redis);

  it("know who signed in, for a day, by a token that Redis does not have", async () => {
    const token = await sessions.open("Ada");
    assert.match(token, /^[\w-]{43}$/);
    assert.equal(await sessions.nameOf(token), "Ada");
    const [[key, { seconds }] = ["", { seconds: 0 }]] = stored;
    assert.equal(seconds, 86_400);
    assert.ok(!key.includes(token));
    assert.equal(await sessions.nameOf(key), null);
  });

  it("gives everyone another token", async () => {
    assert.notEqual(await sessions.open("Ada"), await sessions.open("Ada"));
  });

  it("finds the token among other cookies", () => {
    assert.equal(tokenIn("a=b; session=x; c=d"), "x");
    assert.equal(tokenIn("sessions=x"), undefined);
    assert.equal(tokenIn(undefined), undefined);
  });
});
