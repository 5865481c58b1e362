import type { ContactKind, ContactPoint } from "../listing/contact-point.js";
import { fold } from "../vocabulary/word.js";
import { plainText } from "./plain-text.js";
import { ruleFor, saidFor, tell, type Reading } from "./reading.js";

/** The contact points a row names. Words the mapping knows ("ask network desk") lead to nobody and are none. */
export function contactsFor(reading: Reading): readonly ContactPoint[] {
  const words = ruleFor(reading, "contact")?.words;
  const texts = saidFor(reading, "contact").filter((text) => words?.has(fold(text)) !== true);
  return texts.flatMap(readContacts).flatMap(({ piece, points }) => {
    if (points.length === 0) tell(reading, "review", "contact", "unknown-contact", piece);
    return points;
  });
}

/** A link of a text and the words it stands on. */
export type Link = { readonly url: string; readonly text: string };

/** The web addresses of a text, Markdown links and bare ones; only http and https, `www.x` becomes https://www.x. */
export function readLinks(text: string): readonly Link[] {
  const found = [...text.matchAll(/\[([^\][]*)\]\(([^()\s]+)\)|((?:https?:\/\/|www\.)[^\s()[\]<>;,]+)/g)];
  return found.flatMap(([, words, target, bare]) => {
    const url = webAddress(target ?? bare ?? "");
    return url === null ? [] : [{ url, text: plainText(words ?? bare ?? "") }];
  });
}

/** A web address that may be shown, or null: nothing but http and https. */
export function webAddress(text: string): string | null {
  const address = /^https?:\/\//i.test(text) ? text : HOST.test(text) ? `https://${text}` : "";
  return URL.canParse(address) ? address : null;
}

const HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?:[/?#]\S*)?$/i;
const EMAIL = /[^\s()<>[\]:;,"]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+/i;
/** At least six digits; a number in parentheses belongs to it, other parentheses do not. */
const PHONE = /^(?:\(\+?\d+\)|\+?\d)(?:[\s.,/-]*(?:\(\d{1,4}\)|\d)){4,}\d/;
const ONION = /^[a-z2-7]{16,56}\.onion\b/i;
const SCHEMES: Readonly<Record<string, ContactKind>> = {
  signal: "SIGNAL",
  tel: "PHONE",
  pgp: "PGP",
  openpgp4fpr: "PGP",
};

/** The contact points of a text, one a line or parted by semicolons; null for a piece that is none. */
function readContacts(
  text: string,
): readonly { readonly piece: string; readonly points: readonly ContactPoint[] }[] {
  return text.split("\n").flatMap((line) => {
    const pieces = piecesOutsideParentheses(line.trim(), ";").filter((piece) => piece !== "");
    let label = "";
    return pieces.map((piece) => {
      if (piece.length > LONGEST_PIECE) return { piece, points: [] };
      const labelled = label !== "" && PHONE.test(piece) ? `${label}, Tel: ${piece}` : piece;
      label = /^(.*?),?\s*Tel:?\s/i.exec(labelled)?.[1] ?? "";
      return { piece, points: readPiece(labelled) };
    });
  });
}

/** No contact point is longer; what is, is asked, and no pattern is tried on it. */
const LONGEST_PIECE = 1000;

function readPiece(piece: string): readonly ContactPoint[] {
  const [, bold, rest = ""] = /^\*\*(.+?):?\*\*:?\s*(.*)$/.exec(piece) ?? [];
  if (bold !== undefined) return readPiece(rest).map((point) => ({ ...point, note: plainText(bold) }));
  return readScheme(piece) ?? readEmail(piece) ?? readOnion(piece) ?? readPhone(piece) ?? readWebsite(piece);
}

function readScheme(piece: string): readonly ContactPoint[] | null {
  const [, scheme = "", value = ""] = /^([a-z0-9]+):\s*(\S+)$/i.exec(piece) ?? [];
  const kind = SCHEMES[scheme.toLowerCase()];
  return kind === undefined ? null : [{ kind, value, note: null }];
}

function readEmail(piece: string): readonly ContactPoint[] | null {
  const value = EMAIL.exec(piece)?.[0];
  if (value === undefined) return null;
  return [{ kind: "EMAIL", value, note: remark(piece.replace(/mailto:/i, "").replace(value, "")) }];
}

function readOnion(piece: string): readonly ContactPoint[] | null {
  const value = ONION.exec(piece)?.[0];
  return value === undefined ? null : [{ kind: "OTHER", value, note: null }];
}

function readPhone(piece: string): readonly ContactPoint[] | null {
  const [, before = "", after = piece] = /^(.*?),?\s*\bTel:?\s+(.*)$/i.exec(piece) ?? [];
  const value = PHONE.exec(after)?.[0].trim();
  if (value === undefined) return null;
  const notes = [remark(before), remark(after.replace(value, ""))].filter((note) => note !== null);
  return [{ kind: "PHONE", value, note: notes.length === 0 ? null : notes.join("; ") }];
}

function readWebsite(piece: string): readonly ContactPoint[] {
  const links = readLinks(piece);
  const whole = links.length === 0 ? webAddress(piece) : null;
  if (whole !== null) return [{ kind: "WEBSITE", value: whole, note: null }];
  return links.map(({ url, text }) => ({ kind: "WEBSITE", value: url, note: remark(text) }));
}

function remark(text: string): string | null {
  const note = plainText(text).replace(/^[\s(,;:]+|[\s),;:]+$/g, "");
  return note === "" ? null : note;
}

/** The pieces of a text at a separator that stands in no parentheses. */
function piecesOutsideParentheses(text: string, separator: string): readonly string[] {
  const pieces = [""];
  let depth = 0;
  for (const sign of text) {
    if (sign === "(") depth += 1;
    if (sign === ")") depth = Math.max(0, depth - 1);
    if (sign === separator && depth === 0) pieces.push("");
    else pieces.push(`${pieces.pop() ?? ""}${sign}`);
  }
  return pieces.map((piece) => piece.trim());
}
