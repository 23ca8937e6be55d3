/** Moto, which answers as AWS does, as a server of its own on this machine. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { execa } from "execa";

const version = "5.2.5";
const packages = [`moto==${version}`, "flask==3.1.3", "flask-cors==6.0.5"];
const home = resolve(`.slipway/moto-${version}`);

/**
 * Its address, and how to stop it. The first call on a machine installs it, from PyPI, into `.slipway/`.
 *
 * @throws Error when there is no Python that can, and none may be installed
 */
export async function startMoto(): Promise<{ url: string; stop: () => Promise<void> }> {
  if (!existsSync(home)) await install();
  // Port 0: the system picks one that is free.
  const server = spawn(`${home}/bin/python`, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((end) => server.once("close", () => end()));
  const kill = () => server.kill();
  process.once("exit", kill);
  const url = await new Promise<string>((found, fail) => {
    let said = "";
    server.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const address = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (address !== undefined) found(address);
    });
    server.once("error", fail);
    void ended.then(() => fail(new Error(`moto ended before it listened:\n${said}`)));
  });
  const stop = () => {
    process.removeListener("exit", kill);
    kill();
    return ended;
  };
  return { url, stop };
}

/** Beside, then in place: of two suites that start at once, one comes too late and takes what the other made. */
async function install(): Promise<void> {
  const draft = `${home}.${process.pid}`;
  mkdirSync(resolve(".slipway"), { recursive: true });
  try {
    await makeEnvironment(draft);
    // Run as a module: scripts in it name the place where they were made.
    await execa(`${draft}/bin/python`, [
      ...["-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"],
      ...packages,
    ]);
    renameSync(draft, home);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}

async function makeEnvironment(folder: string): Promise<void> {
  const make = () => execa("python3", ["-m", "venv", folder]);
  try {
    await make();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
      throw new Error(
        "The tests of the hooks need Python 3 with venv, and cannot install it here. Install both (Debian, Ubuntu: " +
          `\`apt-get install python3 python3-venv\`), and run them again. Python said: ${String(error)}`,
        { cause: error },
      );
    }
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await execa("apt-get", ["update", "-qq"], { env });
    await execa("apt-get", ["install", "-qq", "--no-install-recommends", "python3", "python3-venv"], { env });
    await make();
  }
}
