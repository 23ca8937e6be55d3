/** Keeps what a container was given in its environment out of what is shown of it. Pure. */

/** Shorter values are words like "1" or "on": replacing those would make a log unreadable and hide nothing. */
const SHORTEST_MASKED = 4;

/**
 * A function that replaces every value of `envs` ("NAME=value") by `[env NAME]`, and the password of every URL among them. The
 * provider is not told which values are secret, so all of them are taken to be.
 */
export function maskerOf(envs: readonly string[]): (text: string) => string {
  const masked: { value: string; name: string }[] = [];
  for (const env of envs) {
    const [, name = "", value = ""] = /^([^=]*)=([^]*)$/.exec(env) ?? [];
    const password = /^\w[\w+.-]*:\/\/[^/@]*?:([^/]*)@/.exec(value)?.[1] ?? "";
    for (const secret of [value, password, ...value.split("\n")]) {
      if (secret.length >= SHORTEST_MASKED) masked.push({ value: secret, name });
    }
  }
  masked.sort((a, b) => b.value.length - a.value.length);
  return (text) =>
    masked.reduce((shown, { value, name }) => shown.replaceAll(value, () => `[env ${name}]`), text);
}
