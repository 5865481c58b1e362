import { setImmediate as nextTurn } from "node:timers/promises";
import { languageNames, languages, type LanguageTag } from "../vocabulary/language.js";
import type { RegionCode } from "../vocabulary/region.js";
import { words } from "../vocabulary/word.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { SortedWords } from "./sorted-words.js";

/** What a word of a name names. */
export type Named =
  | { readonly axis: "specialty"; readonly code: string }
  | { readonly axis: "language"; readonly code: string }
  | { readonly axis: "region"; readonly code: RegionCode };

/** The words in the names of specialties, regions and languages, in all languages of the pages. Public knowledge, made once. */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #words: string[] = [];
  readonly #named: Named[][] = [];
  readonly #languages = new Set<string>();
  readonly #learning: Iterator<void>;
  #sorted: SortedWords | undefined;

  constructor(vocabulary: Vocabulary) {
    this.#learning = this.#learnAll(vocabulary);
  }

  /** Learns the names of so many more words of the vocabulary; returns whether there are still others. */
  learn(most: number): boolean {
    for (let learned = 0; learned < most; learned++) if (this.#learning.next().done === true) return false;
    return true;
  }

  *#learnAll({ specialties, regions }: Vocabulary): Generator<void> {
    for (const { code } of specialties.all) {
      yield this.#learn({ axis: "specialty", code }, specialties.namesOf(code));
    }
    for (const code of regions.all) yield this.#learn({ axis: "region", code }, regions.namesOf(code));
    for (const tag of languages()) yield this.knowLanguage(tag);
  }

  /** Languages are too many to name them all beforehand: those that anybody speaks are added when they are met. */
  knowLanguage(tag: string): void {
    if (this.#languages.has(tag)) return;
    this.#languages.add(tag);
    // The index keeps canonical tags; of anything else there are no names, and none are made up.
    this.#learn({ axis: "language", code: tag }, namesOfLanguage(tag as LanguageTag));
  }

  withWord(word: string): readonly Named[] {
    return this.#namedBy(this.#numbers.get(word));
  }

  startingWith(beginning: string): readonly Named[] {
    return this.#upToDate()
      .startingWith(beginning)
      .flatMap((number) => this.#namedBy(number));
  }

  oneTypoFrom(word: string): readonly Named[] {
    return this.#upToDate()
      .oneTypoFrom(word)
      .flatMap((number) => this.#namedBy(number));
  }

  #namedBy(number: number | undefined): readonly Named[] {
    return number === undefined ? [] : (this.#named[number] ?? []);
  }

  #learn(named: Named, names: readonly string[]): void {
    for (const word of new Set(names.flatMap(words))) this.#numberOf(word).push(named);
  }

  #numberOf(word: string): Named[] {
    const known = this.#numbers.get(word);
    if (known !== undefined) return this.#named[known] ?? [];
    const named: Named[] = [];
    this.#numbers.set(word, this.#words.push(word) - 1);
    this.#named.push(named);
    return named;
  }

  #upToDate(): SortedWords {
    if (this.#sorted?.length !== this.#words.length) this.#sorted = new SortedWords(this.#words.slice());
    return this.#sorted;
  }
}

function namesOfLanguage(tag: LanguageTag): readonly string[] {
  try {
    return languageNames(tag);
  } catch {
    return [];
  }
}

const known = new WeakMap<Vocabulary, Names>();

/** All names of a vocabulary, learned when the first search needs them if they have not been before. */
export function namesIn(vocabulary: Vocabulary): Names {
  const names = namesBegun(vocabulary);
  names.learn(Infinity);
  return names;
}

/** Learns the names in short turns, so that nothing else has to wait for it, until all are known or it is told to stop. */
export async function learnNames(vocabulary: Vocabulary, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted && namesBegun(vocabulary).learn(100)) await nextTurn();
}

function namesBegun(vocabulary: Vocabulary): Names {
  const names = known.get(vocabulary) ?? new Names(vocabulary);
  known.set(vocabulary, names);
  return names;
}
