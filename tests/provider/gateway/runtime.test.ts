import assert from "node:assert/strict";
import { isHealthy, parsePid, parseProc, parseStat } from "../../../provider/gateway/runtime";

const stat = `# pxname,svname,qcur,qmax,scur,smax,wretr,wredis,status,check_status,check_code,last_chk,
gateway,FRONTEND,,,3,9,,,OPEN,,,,
sample-1.0.0,s1,2,0,1,4,5,2,UP,L7OK,200,"Layer7 check passed, all well",
sample-1.0.0,s2,0,0,0,0,0,0,MAINT (resolution),,,,
sample-1.0.0,BACKEND,2,0,1,4,5,2,UP,,,,
`;

describe("what HAProxy's sockets print", () => {
  it("gives the servers of `show stat`, wherever the columns are", () => {
    assert.deepEqual(parseStat(stat), [
      {
        ...{ backend: "sample-1.0.0", server: "s1", status: "UP" },
        ...{ checkStatus: "L7OK", checkCode: 200, inFlight: 3, resent: 7 },
      },
      {
        ...{ backend: "sample-1.0.0", server: "s2", status: "MAINT (resolution)" },
        ...{ checkStatus: "", checkCode: 0, inFlight: 0, resent: 0 },
      },
    ]);
    assert.deepEqual(parseStat(""), []);
  });

  it("takes a server for healthy only by a check of this worker", () => {
    const [up] = parseStat(stat);
    assert.ok(up);
    assert.equal(isHealthy(up), true);
    assert.equal(isHealthy({ ...up, checkCode: 0 }), false); // Carried over a reload.
    assert.equal(isHealthy({ ...up, status: "UP 1/2" }), false);
    assert.equal(isHealthy({ ...up, status: "DRAIN" }), true);
    assert.equal(isHealthy({ ...up, status: "DOWN" }), false);
    assert.equal(isHealthy({ ...up, checkStatus: "L7STS" }), false);
  });

  it("gives the worker's process id", () => {
    assert.equal(parsePid("Name: HAProxy\nPid: 765\nUptime: 0d\n"), 765);
    assert.equal(parsePid(""), undefined);
  });

  it("gives the workers of `show proc`, the serving one first, programs and master left out", () => {
    const proc = `#<PID>          <type>          <reloads>       <uptime>        <version>
1               master          2 [failed: 0]   0d00h02m18s     2.6.12-1+deb12u3
# workers
765             worker          0               1d02h03m04s     2.6.12-1+deb12u3
# old workers
24              worker          1               2d00h02m17s     2.6.12-1+deb12u3
# programs
`;
    assert.deepEqual(parseProc(proc), { pids: [765, 24], uptimeSeconds: 26 * 3600 + 3 * 60 + 4 });
  });
});
