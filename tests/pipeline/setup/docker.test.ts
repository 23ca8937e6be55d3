import assert from "node:assert/strict";
import { chooseRemedy, ensureDocker, type Situation } from "../../../pipeline/setup/docker";
import { UserError } from "../../../pipeline/user-error";

const bare: Situation = {
  dockerHost: undefined,
  reason: "connect ENOENT /var/run/docker.sock",
  denied: false,
  linux: true,
  root: true,
  installed: false,
  canInstall: true,
};
const errorOf = (change: Partial<Situation>): string => {
  const remedy = chooseRemedy({ ...bare, ...change });
  if (typeof remedy === "string") assert.fail(`no error, but ${remedy}`);
  return remedy.error;
};

describe("remedy for a Docker that does not answer", () => {
  it("installs it for root on Debian or Ubuntu", () => {
    assert.equal(chooseRemedy(bare), "install");
  });

  it("starts an installed engine, on any Linux", () => {
    assert.equal(chooseRemedy({ ...bare, installed: true, canInstall: false }), "start");
  });

  it("starts nothing in place of the engine that DOCKER_HOST names", () => {
    assert.equal(
      errorOf({ dockerHost: "tcp://build:2375", installed: true, reason: "connect ECONNREFUSED" }),
      "Docker does not answer at DOCKER_HOST=tcp://build:2375 (connect ECONNREFUSED). " +
        "Start the engine there, or unset DOCKER_HOST to use this machine's own.",
    );
  });

  it("tells a user without access to the socket how to get it", () => {
    assert.equal(
      errorOf({ denied: true, root: false, installed: true, reason: "connect EACCES /var/run/docker.sock" }),
      "Docker runs, but this user may not use it (connect EACCES /var/run/docker.sock). Run this as root with sudo, " +
        "or join the group docker (sudo usermod -aG docker $USER) and log in again.",
    );
  });

  it("tells a user who is not root what root has to do", () => {
    assert.equal(
      errorOf({ root: false, installed: true }),
      "Docker does not answer (connect ENOENT /var/run/docker.sock), and only root can start it. " +
        "Start it (sudo systemctl start docker), or run this as root.",
    );
    assert.match(
      errorOf({ root: false }),
      /Install and start it \(on Debian and Ubuntu: .*\), or run this as root\.$/,
    );
  });

  it("asks for Docker Desktop where there is no Linux", () => {
    assert.match(errorOf({ linux: false }), /Start Docker Desktop, or set DOCKER_HOST\.$/);
  });

  it("asks for an engine by other means where it cannot install one", () => {
    assert.match(
      errorOf({ canInstall: false }),
      /^Docker is not installed, and set-up installs it on Debian and Ubuntu only\./,
    );
  });
});

describe("a Docker that is not running", () => {
  const before = process.env.DOCKER_HOST;
  afterEach(() => {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
  });

  for (const [host, reason] of [
    ["unix:///nowhere/docker.sock", "connect ENOENT /nowhere/docker.sock"],
    ["tcp://127.0.0.1:1", "connect ECONNREFUSED 127.0.0.1:1"],
  ] as const) {
    it(`is one clear error for DOCKER_HOST=${host}`, async () => {
      process.env.DOCKER_HOST = host;
      const said: string[] = [];
      await assert.rejects(
        ensureDocker("/nowhere", (line) => said.push(line)),
        new UserError(
          `Docker does not answer at DOCKER_HOST=${host} (${reason}). ` +
            "Start the engine there, or unset DOCKER_HOST to use this machine's own.",
        ),
      );
      assert.deepEqual(said, []);
    });
  }
});
