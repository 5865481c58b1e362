import { badInput } from "../errors.js";
import { words } from "../vocabulary/word.js";
import { membersOf, put, type Bits } from "./bits.js";
import type { Index } from "./index.js";
import { SERVING } from "./tag-reader.js";
import { TOLD } from "./posting.js";
import { namesIn, type Named, type Names } from "./names.js";
import { IN_NAME, IN_TEXT } from "./word-list.js";

/** Who a text finds, and how well: the points of each ordinal. */
export type Hits = { readonly found: Bits; readonly points: Uint16Array };

const LONGEST = 200;
const MOST_WORDS = 10;
/** Shorter words have too many neighbours to forgive a typo. */
const LONG_ENOUGH = 5;

/** Words of scripts without spaces are shorter than this. */
const LONGEST_PIECE = 24;

/** What a word brings, by where it stands. A beginning is worth half, a typo a quarter, so whole points are four times these. */
type Worth = { readonly name: number; readonly vocabulary: number; readonly text: number };
const EXACT: Worth = { name: 32, vocabulary: 24, text: 16 };
const BEGINNING: Worth = { name: 16, vocabulary: 12, text: 8 };
const TYPO: Worth = { name: 8, vocabulary: 6, text: 4 };

/** The words of a search, folded; null when there are none, which asks for nothing. */
export function readSearch(search: string | null): readonly string[] | null {
  if (search === null) return null;
  if (search.length > LONGEST) {
    throw badInput(`A search can be ${LONGEST} characters long at most.`, ["search"]);
  }
  const parts = search.split(/\s+/).map((part) => words(part));
  if (parts.flat().length > MOST_WORDS) {
    throw badInput(`A search can have ${MOST_WORDS} words at most.`, ["search"]);
  }
  const asked = parts.flatMap(inRuns);
  return asked.length === 0 ? null : asked;
}

/** Where one word ends in Thai or Chinese depends on what stands around it, so what was written in one stays in one. */
function inRuns(parts: readonly string[]): readonly string[] {
  const runs: string[] = [];
  for (const word of parts) {
    const before = runs.at(-1);
    if (before !== undefined && isUnspaced(before) && isUnspaced(word)) runs[runs.length - 1] = before + word;
    else runs.push(word);
  }
  return runs;
}

function isUnspaced(word: string): boolean {
  return UNSPACED.test(word);
}

/** Scripts that put no space between words. */
const UNSPACED =
  /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** Everyone living who has all the words, each in a name, in a text, or by what the word names. */
export function findText(index: Index, asked: readonly string[]): Hits {
  const each = asked.map((word, at) => bestOf(index, word, at === asked.length - 1));
  const found = whoHasAll(index, each);
  const points = new Uint16Array(index.length);
  const members = membersOf(found);
  for (const best of each) for (const ordinal of members) points[ordinal]! += best[ordinal]!;
  return { found, points };
}

/** The best that one word brings to each ordinal. A typo is forgiven only when nobody is found without. */
function bestOf(index: Index, word: string, last: boolean): Uint8Array {
  const search = new WordSearch(index);
  if (isUnspaced(word)) search.inPieces(word, last);
  else search.whole(word, last);
  if (!search.anyone && [...word].length >= LONG_ENOUGH) search.withTypo(word);
  return search.best;
}

class WordSearch {
  readonly best: Uint8Array;
  anyone = false;
  readonly #alive: Bits;
  readonly #names: Names;

  constructor(readonly index: Index) {
    this.best = new Uint8Array(index.length);
    this.#alive = index.alive;
    this.#names = namesIn(index.vocabulary);
    for (const tag of index.on("language").codes) if (tag !== TOLD) this.#names.knowLanguage(tag);
  }

  whole(word: string, last: boolean): void {
    this.exactly(word);
    if (last) this.asBeginning(word);
  }

  /** Whoever has words that, one behind the other, make up the run; it is worth what the least of them is worth. */
  inPieces(run: string, last: boolean): void {
    const upTo: (Uint8Array | undefined)[] = [new Uint8Array(this.index.length).fill(255)];
    for (let end = 1; end <= run.length; end++) {
      for (let start = Math.max(0, end - LONGEST_PIECE); start < end; start++) {
        const before = upTo[start];
        if (before === undefined) continue;
        const piece = this.#piece(run.slice(start, end), last && end === run.length);
        if (piece !== null) upTo[end] = bestOfBoth(upTo[end], leastOfBoth(before, piece));
      }
    }
    this.best.set(upTo[run.length] ?? this.best);
    this.anyone = this.best.some((points) => points > 0);
  }

  #piece(word: string, last: boolean): Uint8Array | null {
    const known = this.index.words.postings.find(word) !== undefined || this.#names.withWord(word).length > 0;
    if (!known && !last) return null;
    const search = new WordSearch(this.index);
    search.whole(word, last);
    return search.anyone ? search.best : null;
  }

  exactly(word: string): void {
    const term = this.index.words.postings.find(word);
    if (term !== undefined) this.#inWords([term], EXACT);
    this.#inVocabulary(this.#names.withWord(word), EXACT);
  }

  asBeginning(word: string): void {
    // A single letter of an alphabet begins a good part of all words; a single sign of Chinese does not.
    if (/^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Greek}\d]$/u.test(word)) return;
    this.#inWords(this.index.words.startingWith(word), BEGINNING);
    this.#inVocabulary(this.#names.startingWith(word), BEGINNING);
  }

  withTypo(word: string): void {
    this.#inWords(this.index.words.oneTypoFrom(word), TYPO);
    this.#inVocabulary(this.#names.oneTypoFrom(word), TYPO);
  }

  #inWords(terms: readonly number[], worth: Worth): void {
    const points = new Uint8Array(256);
    points[IN_NAME] = worth.name;
    points[IN_TEXT] = worth.text;
    for (const term of terms)
      this.#raise(() => this.index.words.postings.raise(term, points, this.#alive, this.best));
  }

  /** Codes are found as filters find them: specialties and languages with what is narrower, regions by who serves them. */
  #inVocabulary(named: readonly Named[], worth: Worth): void {
    const anyMark = new Uint8Array(256).fill(worth.vocabulary);
    const serving = anyMark.map((points, mark) => ((mark & SERVING) === 0 ? 0 : points));
    for (const [axis, codes] of this.#codesOf(named)) {
      const postings = this.index.on(axis);
      for (const code of codes) {
        const term = postings.find(code);
        if (term === undefined) continue;
        this.#raise(() =>
          postings.raise(term, axis === "region" ? serving : anyMark, this.#alive, this.best),
        );
      }
    }
  }

  #codesOf(named: readonly Named[]): ReadonlyMap<Named["axis"], ReadonlySet<string>> {
    const codes = { specialty: new Set<string>(), language: new Set<string>(), region: new Set<string>() };
    const { regions } = this.index.vocabulary;
    for (const one of named) {
      if (one.axis !== "region") codes[one.axis].add(one.code);
      else for (const around of regions.withSurrounding(one.code)) codes.region.add(around);
    }
    return new Map([
      ["specialty", codes.specialty],
      ["language", codes.language],
      ["region", codes.region],
    ]);
  }

  #raise(raise: () => boolean): void {
    this.anyone = raise() || this.anyone;
  }
}

function leastOfBoth(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((points, at) => Math.min(points, other[at]!));
}

function bestOfBoth(one: Uint8Array | undefined, other: Uint8Array): Uint8Array {
  return one === undefined ? other : one.map((points, at) => Math.max(points, other[at]!));
}

/** Most words are in few texts, so four ordinals are passed over at a time. */
function whoHasAll(index: Index, [first, ...others]: readonly Uint8Array[]): Bits {
  const found = index.none();
  if (first === undefined) return found;
  const fours = new Uint32Array(first.buffer, first.byteOffset, first.length >>> 2);
  const look = (ordinal: number): void => {
    if (first[ordinal] !== 0 && others.every((best) => best[ordinal] !== 0)) put(found, ordinal);
  };
  fours.forEach((four, at) => {
    if (four !== 0) for (let ordinal = at * 4; ordinal < at * 4 + 4; ordinal++) look(ordinal);
  });
  for (let ordinal = fours.length * 4; ordinal < first.length; ordinal++) look(ordinal);
  return found;
}
