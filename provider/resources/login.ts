import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { NotRunning, unlessGone } from "../docker";
import { lastLines } from "../one-off";
import type { Context, ResourceKind } from "../resource";
import { type LoginInputs, loginSchema } from "../schema/login";

/** A password that a store takes, beside others. */
export const login: ResourceKind<LoginInputs, object> = {
  schema: loginSchema,
  identity: ["store", "user", "owner"],
  id: ({ store, user }) => `${store}/${user}`,
  create: async (inputs, context) => {
    await allow(inputs, context);
    return {};
  },
  async update(inputs, old, context) {
    await allow(inputs, context);
    if (inputs.store === "redis" && inputs.password !== old.password) await forbid(old, context);
    return {};
  },
  // A store that is gone takes no password.
  delete: async (old, context) => void (await unlessGone(() => forbid(old, context))),
  async read(old, context) {
    try {
      return (await unlessGone(() => isAllowed(old, context))) === true ? {} : undefined;
    } catch (error) {
      // Nothing can be asked of it, and its container tells that it is stopped.
      if (error instanceof NotRunning) return {};
      throw error;
    }
  },
};

async function allow(inputs: LoginInputs, context: Context): Promise<void> {
  const { store, user, owner, password } = inputs;
  if (store === "redis") {
    await redis(inputs, [`ACL SETUSER ${user} #${sha256(password)}`, "ACL SAVE"], context);
    return;
  }
  const role = [
    `SELECT 'CREATE ROLE "${user}"' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${user}') \\gexec`,
    `GRANT "${owner}" TO "${user}";`,
    // What it makes is the owner's, and stays when the role goes.
    `ALTER ROLE "${user}" SET role = '${owner}';`,
  ];
  const secret = `ALTER ROLE "${user}" LOGIN PASSWORD '${scramVerifier(password)}';`;
  await postgres(inputs, [...(user === owner ? [] : role), secret], context);
}

async function forbid(old: LoginInputs, context: Context): Promise<void> {
  const { store, user, owner, password } = old;
  if (store === "redis") {
    await redis(old, [`ACL SETUSER ${user} !${sha256(password)}`, "ACL SAVE"], context);
    return;
  }
  if (user !== owner && !(await isAllowed(old, context))) return;
  const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${user}' AND client_addr IS NOT NULL;`;
  const [before, after] =
    user === owner
      ? [`ALTER ROLE "${user}" PASSWORD NULL;`, []]
      : [`ALTER ROLE "${user}" NOLOGIN;`, [`DROP ROLE "${user}";`]];
  await postgres(old, [before, end, ...after], context);
}

async function isAllowed(login: LoginInputs, context: Context): Promise<boolean> {
  const { store, user, password } = login;
  if (store === "redis") {
    return (await redis(login, [`ACL GETUSER ${user}`], context)).includes(sha256(password));
  }
  const found = `SELECT 'found' FROM pg_authid WHERE rolname = '${user}' AND rolcanlogin AND rolpassword IS NOT NULL;`;
  return (await postgres(login, [found], context)).includes("found");
}

/** As the owner by the socket in the container, which asks for no password. Nothing of it is logged: an error would quote the statement. */
async function postgres(
  login: LoginInputs,
  statements: readonly string[],
  context: Context,
): Promise<string> {
  const command = ["psql", "-XqtA", "-v", "ON_ERROR_STOP=1", "-U", login.owner, "-d", "postgres"];
  const quiet = ["SET log_min_error_statement = panic;", "SET log_min_duration_statement = -1;"];
  return run(login, command, [...quiet, ...statements], context);
}

/** As the administrator, whose password the container makes at its start and keeps to itself. */
async function redis(login: LoginInputs, commands: readonly string[], context: Context): Promise<string> {
  const command = ["sh", "-c", "REDISCLI_AUTH=$(cat /tmp/admin) exec redis-cli --user admin"];
  const output = await run(login, command, commands, context);
  // It ends with 0 after errors, too. A password that is not there is as good as removed.
  const error = output.split("\n").find((line) => /^[A-Z]+ /.test(line) && !/does not exist/.test(line));
  if (error !== undefined) throw refused(login, error);
  return output;
}

async function run(
  login: LoginInputs,
  command: string[],
  lines: readonly string[],
  context: Context,
): Promise<string> {
  const stdin = `${lines.join("\n")}\n`;
  const { exitCode, stdout, stderr } = await context.exec(login.container, command, {
    stdin,
    deadlineMs: 30_000,
  });
  if (exitCode !== 0) throw refused(login, stderr);
  return stdout;
}

function refused({ store, container, user }: LoginInputs, said: string): Error {
  return new Error(
    `The login ${user} of ${store} in container ${container} was not changed.\n${lastLines(said)}`,
  );
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** What Postgres keeps of a password (RFC 5803): it never sees the password itself. */
function scramVerifier(password: string): string {
  const iterations = 4096;
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const key = (name: string): Buffer => createHmac("sha256", salted).update(name).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${key("Server Key").toString("base64")}`;
}
