import assert from "node:assert/strict";
import fc from "fast-check";
import { closedBy, type Schedule } from "../../policy/window";

const schedule = (changes: Partial<Schedule>): Schedule => ({
  ...{ timeZone: "UTC", allow: [], deny: [], freezes: [] },
  ...changes,
});
const at = (time: string): Date => new Date(time);
const moments = fc.date({
  min: at("2000-01-01T00:00:00Z"),
  max: at("2100-01-01T00:00:00Z"),
  noInvalidDate: true,
});
const zones = fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia");
const names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

describe("deploy windows", () => {
  it("are open from their first minute to before their last, in their time zone", () => {
    // 2026-11-30 is a Monday; Berlin is an hour ahead of UTC in winter, two in summer.
    const berlin = schedule({ timeZone: "Europe/Berlin", allow: ["Mon-Thu 09:00-16:00"] });
    const closed = "only Mon-Thu 09:00-16:00 (Europe/Berlin) is allowed";
    assert.equal(closedBy(berlin, at("2026-11-30T07:59:59Z")), closed);
    assert.equal(closedBy(berlin, at("2026-11-30T08:00:00Z")), undefined);
    assert.equal(closedBy(berlin, at("2026-11-30T14:59:59Z")), undefined);
    assert.equal(closedBy(berlin, at("2026-11-30T15:00:00Z")), closed);
    assert.equal(closedBy(berlin, at("2026-07-27T07:00:00Z")), undefined);
    assert.equal(closedBy(berlin, at("2026-07-27T14:00:00Z")), closed);
    assert.equal(closedBy(berlin, at("2026-11-27T10:00:00Z")), closed);
  });

  it("go on over midnight, and over the end of the week", () => {
    const night = schedule({ allow: ["Sun 22:00-02:00"] });
    assert.equal(closedBy(night, at("2026-11-29T23:00:00Z")), undefined);
    assert.equal(closedBy(night, at("2026-11-30T01:59:00Z")), undefined);
    assert.notEqual(closedBy(night, at("2026-11-30T02:00:00Z")), undefined);
    assert.notEqual(closedBy(night, at("2026-11-29T01:00:00Z")), undefined);
    const weekend = schedule({ allow: ["Sat-Mon 00:00-24:00"] });
    assert.equal(closedBy(weekend, at("2026-11-30T23:59:00Z")), undefined);
    assert.notEqual(closedBy(weekend, at("2026-12-01T00:00:00Z")), undefined);
  });

  it("are closed by whatever denies, whatever allows, at every moment in every zone", () => {
    const always = ["Mon-Sun 00:00-24:00"];
    fc.assert(
      fc.property(moments, zones, (now, timeZone) => {
        assert.equal(closedBy(schedule({ timeZone }), now), undefined);
        assert.equal(closedBy(schedule({ timeZone, allow: always }), now), undefined);
        assert.notEqual(closedBy(schedule({ timeZone, allow: always, deny: always }), now), undefined);
        const day = 86_400_000;
        const freeze = [now, new Date(now.getTime() + day)].map((time) => time.toISOString()).join("/");
        assert.equal(
          closedBy(schedule({ allow: always, freezes: [freeze] }), now),
          `the freeze ${freeze} holds`,
        );
        const over = [new Date(now.getTime() - day), now].map((time) => time.toISOString()).join("/");
        assert.equal(closedBy(schedule({ freezes: [over] }), now), undefined);
      }),
      { numRuns: 200 },
    );
  });

  it("that share out the week are open one at a time", () => {
    fc.assert(
      fc.property(moments, zones, fc.integer({ min: 1, max: 1439 }), (now, timeZone, minute) => {
        const clock = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
        const windows = names.flatMap((name) => [`${name} 00:00-${clock}`, `${name} ${clock}-24:00`]);
        const open = windows.filter(
          (window) => closedBy(schedule({ timeZone, allow: [window] }), now) === undefined,
        );
        assert.equal(open.length, 1);
      }),
      { numRuns: 200 },
    );
  });

  it("that cannot be read are closed", () => {
    const now = at("2026-11-30T10:00:00Z");
    for (const text of [
      "",
      "Mon",
      "mon 09:00-16:00",
      "Mon 25:00-26:00",
      "Mon 09:60-10:00",
      "Mon 09:00-09:00",
      "Xyz 09:00-16:00",
      "Mon 9:00-16:00",
    ]) {
      for (const changes of [{ allow: [text] }, { deny: [text] }]) {
        assert.equal(
          closedBy(schedule(changes), now),
          `the window "${text}" is not like "Mon-Thu 09:00-16:00"`,
        );
      }
    }
    for (const freeze of [
      "",
      "now/then",
      "2026-12-02T00:00:00Z/2026-12-01T00:00:00Z",
      "2026-12-02T00:00:00Z",
    ]) {
      assert.equal(
        closedBy(schedule({ freezes: [freeze] }), now),
        `the freeze "${freeze}" is not <time>/<time>`,
      );
    }
  });
});
