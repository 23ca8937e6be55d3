/** `login`, `logout`, `whoami`: of file backends only. */
import os from "node:os";
import { findProject, loadProject, type Project } from "../project/project";
import { FileBackend } from "../state/backend";
import { backendUrl, readCredentials, writeCredentials } from "./session";
import { json } from "./text-table";

export function login(named: string | undefined): void {
  const url = new FileBackend(named ?? backendUrl(project())).url;
  const { accessTokens, ...rest } = readCredentials();
  const tokens = typeof accessTokens === "object" ? accessTokens : {};
  writeCredentials({ ...rest, current: url, accessTokens: { ...tokens, [url]: "" } });
  process.stdout.write(`Logged in to ${os.hostname()} as ${os.userInfo().username} (${url})\n`);
}

export function logout(): void {
  const { current, ...rest } = readCredentials();
  if (current === undefined) return void process.stdout.write("Not logged in\n");
  writeCredentials(rest);
  process.stdout.write(`Logged out of ${current}\n`);
}

export function whoami(asJson: boolean): void {
  const { url } = new FileBackend(backendUrl(project()));
  const user = os.userInfo().username;
  process.stdout.write(asJson ? json({ user, url }) : `${user}\n`);
}

/** Its backend counts, if there is one around. */
function project(): Project | undefined {
  let file: string;
  try {
    file = findProject(process.cwd());
  } catch {
    return undefined;
  }
  return loadProject(file);
}
