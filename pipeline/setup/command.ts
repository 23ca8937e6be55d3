/** Programs of this machine that the set-up runs, and what kind of machine it is. */
import { accessSync, appendFileSync, constants, mkdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { lastLines } from "./step";
import { UserError } from "../user-error";

/** Root on a Debian or a descendant of it, where apt-get can install what is missing. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && hasProgram("apt-get") && isDebianLike(readOsRelease());
}

/** Debian itself, or a system that says it is like it (Ubuntu, Mint), by the text of /etc/os-release. */
export function isDebianLike(osRelease: string): boolean {
  return /^ID(_LIKE)?="?([^"\n]* )?debian\b/m.test(osRelease);
}

function readOsRelease(): string {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch {
    return "";
  }
}

/** Whether a program of that name is on PATH. */
export function hasProgram(name: string): boolean {
  // Root's own folders are not on every root's PATH (`su` keeps the user's).
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The environment of programs that the set-up starts: no questions asked, root's folders on PATH. */
export const commandEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  DEBIAN_FRONTEND: "noninteractive",
  LC_ALL: "C",
  PATH: `${process.env.PATH ?? ""}${delimiter}/usr/sbin${delimiter}/sbin`,
});

/** Runs a program to its end, its output in `log`. Throws UserError with the output's last lines when it fails. */
export async function runLogged(log: string, program: string, args: readonly string[]): Promise<void> {
  mkdirSync(dirname(log), { recursive: true });
  const command = [program, ...args].join(" ");
  const result = await execa(program, args, {
    env: commandEnvironment(),
    all: true,
    stdin: "ignore",
    reject: false,
  });
  const output = result.all || result.shortMessage || "";
  appendFileSync(log, `$ ${command}\n${output}\n`);
  if (result.failed) {
    throw new UserError(`${command} failed; all of it is in ${log}, its end is:\n${lastLines(output)}`);
  }
}

/** Installs packages with apt-get. Waits for another package manager to finish, up to five minutes. */
export async function installPackages(log: string, packages: readonly string[]): Promise<void> {
  const lock = ["-o", "DPkg::Lock::Timeout=300"];
  // One broken third-party list fails the update; what is wanted here may be there all the same.
  const update = await runLogged(log, "apt-get", [...lock, "update"]).catch((error: unknown) => error);
  try {
    await runLogged(log, "apt-get", [...lock, "install", "--yes", ...packages]);
  } catch (error) {
    throw update ?? error;
  }
}
