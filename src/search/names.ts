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
  #sorted: SortedWords | undefined;

  constructor(vocabulary: Vocabulary) {
    const { specialties, regions } = vocabulary;
    for (const { code } of specialties.all) {
      this.#learn({ axis: "specialty", code }, specialties.namesOf(code));
    }
    for (const code of regions.all) this.#learn({ axis: "region", code }, regions.namesOf(code));
    for (const tag of languages()) this.knowLanguage(tag);
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

/** The names of a vocabulary, worked out when the first search needs them. */
export function namesIn(vocabulary: Vocabulary): Names {
  const names = known.get(vocabulary) ?? new Names(vocabulary);
  known.set(vocabulary, names);
  return names;
}
