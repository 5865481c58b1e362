import { fold } from "../vocabulary/word.js";
import { cut } from "./sound-text.js";

/**
 * The small words without which nobody writes a paragraph in a language. No word stands in two lists, so what is counted
 * in one language says nothing for another. A language without a list is never recognised, and so never claimed.
 */
const SMALL_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: setOf(
    "the and of to is that are for with be this as or from by an it they you your will their can which have has at if should may these any what how not",
  ),
  fr: setOf(
    "le la les l de des du d et en un une est sont que qui qu pour dans avec sur par au aux ce cette ces il elle ils vous votre vos leur leurs peut etre ou ne pas plus afin si",
  ),
};

/** Fewer than this prove nothing. */
const ENOUGH = 3;
/** More characters tell no more. */
const ENOUGH_TO_TELL = 100_000;
/** How many times more frequent than those of any other language. A translation keeps English names and quotations. */
const AHEAD = 3;

/** The language a text is really in, whatever folder it was found in; null when its small words do not tell. */
export function languageOf(text: string, candidates: readonly string[]): string | null {
  const words = fold(cut(text, ENOUGH_TO_TELL)).match(/\p{L}+/gu) ?? [];
  const counts = candidates.map((language) => ({ language, count: countOf(words, language) }));
  const [first, second] = counts.sort((one, other) => other.count - one.count);
  if (first === undefined || first.count < ENOUGH) return null;
  return first.count >= AHEAD * (second?.count ?? 0) ? first.language : null;
}

function countOf(words: readonly string[], language: string): number {
  const small = SMALL_WORDS[language];
  return small === undefined ? 0 : words.filter((word) => small.has(word)).length;
}

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}
