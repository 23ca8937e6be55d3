/** How the CLI reads an unquoted YAML scalar: YAML 1.2 with the older number forms (gopkg.in/yaml.v3, resolve.go). */

const NULLS = new Set(["", "~", "null", "Null", "NULL"]);
const BOOLEANS = new Map([
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
]);

/**
 * The value of the scalar: null, a boolean, a number (a bigint where a number would lose digits), or the text itself.
 * @throws Error for what no configuration can hold (infinity, not-a-number) and for dates, which the CLI would rewrite.
 */
export function resolvePlain(text: string): null | boolean | number | bigint | string {
  if (NULLS.has(text)) return null;
  const boolean = BOOLEANS.get(text);
  if (boolean !== undefined) return boolean;
  if (!/^[-+.\d]/.test(text)) return text;
  const digits = text.replaceAll("_", "");
  const integer = /^([-+]?)(0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9]\d*)$/.exec(digits);
  if (integer) {
    const magnitude = BigInt((integer[2] ?? "").replace(/^0(?=\d)/, "0o"));
    const exact = integer[1] === "-" ? -magnitude : magnitude;
    // Beyond 64 bits the CLI goes on with a floating-point number.
    const fits = exact >= -(2n ** 63n) && exact < 2n ** 64n;
    return fits && !Number.isSafeInteger(Number(exact)) ? exact : Number(exact);
  }
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(digits)) {
    const number = Number(digits);
    if (Number.isFinite(number)) return number;
  }
  if (/^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$|^[-+]?\d[\d_.]*[eE]\+?\d+$/.test(text)) {
    throw new Error(`${text} is no number that a configuration can hold; put it in quotes to keep the text`);
  }
  if (/^\d{4}-\d{1,2}-\d{1,2}([Tt\s]|$)/.test(text)) {
    throw new Error(`${text} is a date, which would be rewritten; put it in quotes to keep the text`);
  }
  return text;
}
