import { cut, sound } from "./sound-text.js";

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  ndash: "–",
  mdash: "—",
  rsquo: "’",
  hellip: "…",
};

/** Markdown and HTML as the words a reader sees, on one line. */
export function plainText(text: string): string {
  return withoutMarkup(text).replace(/\s+/g, " ").trim();
}

/** The first words of a text, cut after a sentence or a word, at most `longest` characters. */
export function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const room = cut(text, longest);
  const sentence = Math.max(room.lastIndexOf(". "), room.lastIndexOf("? "), room.lastIndexOf("! "));
  if (sentence > longest / 2) return room.slice(0, sentence + 1);
  return `${cut(room, Math.max(room.lastIndexOf(" "), longest / 2)).trimEnd()}…`;
}

/** The first paragraph of running text: neither a heading nor a list nor a picture. */
export function firstParagraph(text: string): string {
  const paragraphs = text.split(/\n\s*\n/);
  const running = paragraphs.filter((paragraph) => !/^\s*(#|[-*•]\s|\d+\.\s|\||<|```|!\[)/.test(paragraph));
  return running.map(plainText).find((paragraph) => paragraph.length > 40) ?? "";
}

/** The words of a Markdown heading; null when the line is none. */
export function headingText(line: string): string | null {
  if (line.length > LONGEST_HEADING) return null;
  const text = /^#{1,6}\s+(.*)$/.exec(line.trim())?.[1];
  return text === undefined ? null : plainText(text.replace(/#+\s*$/, "")).replace(/\s*:\s*$/, "");
}

const LONGEST_HEADING = 300;

/** No pattern runs past the sign that would begin it anew, so that a text takes no longer than its length, however odd. */
function withoutMarkup(text: string): string {
  return text
    .replace(/<(script|style)\b[\s\S]*?(<\/\1\s*>|$)/gi, " ")
    .replace(/<!--[\s\S]*?(-->|$)/g, " ")
    .replace(/<\/?[a-z][^<>]*>/gi, " ")
    .replace(/\[\^[^\][]*\](\^,\^)?/g, "")
    .replace(/!\[[^\][]*\]\([^()]*\)/g, " ")
    .replace(/\[([^\][]*)\]\([^()]*\)/g, "$1")
    .replace(/^[ \t]{0,20}#{1,6}[ \t]+/gm, "")
    .replace(/^[ \t]{0,20}[-*•][ \t]+/gm, "")
    .replace(/(\*\*|__|`)/g, "")
    .replace(/(^|[\s(“"])[*_](\S(?:[^*_\n]*\S)?)[*_](?=$|[\s.,;:!?)”"])/gm, "$1$2")
    .replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]+);/gi, (whole, name: string) => entity(name) ?? whole);
}

function entity(name: string): string | undefined {
  if (!name.startsWith("#")) return ENTITIES[name.toLowerCase()];
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code >= 32 && code <= 0x10ffff ? sound(String.fromCodePoint(code)) : " ";
}
