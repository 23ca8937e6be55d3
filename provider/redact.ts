/** Keeps secrets out of what is shown of a container's logs. Pure. */

const secretName = /pass(?:word|wd|phrase)?|secret|token|api[-_]?key|private[-_]?key|credential|auth/i;

/** What a value after a telling name, in an address, or of a telling form is replaced by. */
const mask = "***";

/** The values of environment variables (`NAME=value`) whose names say that they are secret. */
export function secretValues(environment: readonly string[]): string[] {
  return environment.flatMap((entry) => {
    const [name = "", ...rest] = entry.split("=");
    const value = rest.join("=");
    return secretName.test(name) && value.length >= 4 ? [value] : [];
  });
}

/** The text without the given values and without anything that looks like a secret. */
export function redact(text: string, values: readonly string[] = []): string {
  let clean = text;
  for (const value of [...values].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(value, mask);
  return clean
    .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, mask)
    .replace(/(:\/\/[^\s:/@]*:)[^\s@]+(?=@)/g, `$1${mask}`)
    .replace(/\b(bearer|basic)\s+[A-Za-z0-9+/._~=-]{8,}/gi, `$1 ${mask}`)
    .replace(
      /([\w-]*(?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|private[-_]?key|credential)s?["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&"'}]+)/gi,
      `$1${mask}`,
    )
    .replace(/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g, mask);
}
