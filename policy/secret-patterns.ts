/**
 * Recognises secrets in texts by their names, their formats and their randomness. What it answers never holds any part of the text, so it can be
 * shown. Patterns are bounded: the time is linear in the text.
 */

/** Names whose value is a secret: PGPASSWORD, API_KEY, --token, secretKeyBase. PASSWORD_FILE or TOKEN_TTL are none. */
const secretName =
  /(passw(or)?d|pwd|passphrase|(^|[_-])pass|secret|token|credentials?|cli_?auth|requirepass|masterauth|(api|access|private|secret|encryption|signing|master|account)[_-]?key)([_-]?(base|base64|\d{1,2}))?$/i;

/** Formats that say what they are; from the issuers' own documentation. */
const formats: readonly [what: string, pattern: RegExp][] = [
  ["a private key", /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/],
  ["an AWS access key", /\b(AKIA|ASIA)[A-Z2-7]{16}\b/],
  ["a GitHub token", /\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})/],
  ["a GitLab token", /\bgl(pat|dt|rt)-[A-Za-z0-9_-]{20}/],
  ["a Slack token", /\bxox[abeoprs]-[A-Za-z0-9-]{10}/],
  ["a Stripe key", /\b[rs]k_(live|test)_[A-Za-z0-9]{16}/],
  ["a Google API key", /\bAIza[A-Za-z0-9_-]{35}/],
  ["an npm token", /\bnpm_[A-Za-z0-9]{36}/],
  ["a Docker Hub token", /\bdckr_(pat|oat)_[A-Za-z0-9_-]{20}/],
  ["a Pulumi token", /\bpul-[0-9a-f]{40}/],
  ["a JSON Web Token", /\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\./],
  ["a bearer token", /\bBearer\s{1,4}[A-Za-z0-9._~+/-]{16}/i],
  ["a password in an address", /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,100}:(?![$%{<])[^\s/@]{1,200}@/i],
];

/** `name=value`, `name: value`, `"name": "value"`, up to where the value begins. */
const assignment = /([A-Za-z][\w.-]{1,63})["']?\s{0,4}[=:]\s{0,4}(?=(\S{1,200}))/g;
/** `--name value`, and Redis's two settings that hold a password. */
const option = /(?<![\w-])(--[A-Za-z][\w-]{1,63}|requirepass|masterauth)\s{1,4}(?=(\S{1,200}))/g;
/** Names a secret, and is none. */
const arn = /\barn:aws[\w-]{0,10}:[^\s"',]{1,500}/g;
/** Not secret, though random to look at. */
const certificate = /-----BEGIN (CERTIFICATE|PUBLIC KEY)-----[A-Za-z0-9+/=\s]{0,20000}/g;

/** True when a thing of this name is a secret by its name alone. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** True for a value that holds no secret whatever its name: empty, a switch, when it was made, or a reference to a variable that the container resolves. */
export function isHarmlessValue(value: string): boolean {
  return /^["'`\\]{0,4}($|[$%<]|\{\{|(true|false|yes|no|on|off|null)["'`,;]{0,2}$|\d{4}-\d\d-\d\d(T[\d:]{8}Z)?(["'`,;}]|$))/i.test(
    value,
  );
}

/** What `findSecrets` answers where nothing but a text's randomness gives it away. */
export const randomKey = "what looks like a random key";

/** What secrets a text holds: "a GitHub token", "a value for PGPASSWORD"; each once. */
export function findSecrets(text: string): string[] {
  const found = formats.filter(([, pattern]) => pattern.test(text)).map(([what]) => what);
  const rest = text.replace(arn, "$");
  for (const pattern of [assignment, option]) {
    for (const [, name = "", value = ""] of rest.matchAll(pattern)) {
      if (isSecretName(name) && !isHarmlessValue(value)) found.push(`a value for ${name}`);
    }
  }
  if (found.length === 0 && hasRandomWord(rest.replace(certificate, ""))) found.push(randomKey);
  return [...new Set(found)];
}

/**
 * True when a word looks drawn at random: 32 or more hexadecimal digits (but not a digest, nor a commit's 40), or 20 or more letters and digits of all
 * three kinds, with 3.5 bits of entropy a character (20 random ones have less in one case of 1,000) and two changes of kind in five characters
 * (words written together change less often).
 */
function hasRandomWord(text: string): boolean {
  for (const { 0: word, index } of text.matchAll(/[A-Za-z0-9+]{20,}/g)) {
    if (/^[0-9a-f]{32,}$/.test(word)) {
      if (
        word.length !== 40 &&
        entropy(word) >= 3 &&
        !/sha\d{1,3}[:-]$/.test(text.slice(Math.max(0, index - 8), index))
      )
        return true;
    } else if (/[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word)) {
      const changes = word.match(/[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|\d(?=[A-Za-z])/g)?.length ?? 0;
      if (entropy(word) >= 3.5 && changes * 5 >= word.length * 2) return true;
    }
  }
  return false;
}

/** Shannon's entropy, in bits a character. */
function entropy(word: string): number {
  const counts = new Map<string, number>();
  for (const character of word) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / word.length) * Math.log2(count / word.length),
    0,
  );
}
