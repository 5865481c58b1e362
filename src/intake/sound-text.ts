/** What a text may hold to be kept and shown: PostgreSQL takes no NUL and no half of a sign, a terminal obeys control signs. */

/** Without NUL and without halves of signs, which escapes of YAML can write. */
export function sound(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, "");
}

/** At most this many characters from the beginning of a text; a sign that would be cut in two is left out. */
export function cut(text: string, longest: number): string {
  return text.slice(0, longest).replace(/[\ud800-\udbff]$/, "");
}

/** Text of a stranger for a terminal: nothing that moves the cursor, colours, or turns the reading direction around. */
export function harmless(text: string): string {
  return text.replace(UNSAFE, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);
}

const UNSAFE = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/gu;
