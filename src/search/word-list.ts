import { ownCopy } from "../vocabulary/word.js";
import type { Postings } from "./posting.js";
import { SortedWords } from "./sorted-words.js";

/** So many words may come before all are sorted again; until then they are looked through one by one. */
const UNSORTED = 2000;
export const IN_TEXT = 0;
export const IN_NAME = 1;

/** The words of an index: who has them in a name or in a text, and which words begin or are spelled almost like another. */
export class WordList {
  readonly postings: Postings;
  #sorted = new SortedWords([]);
  #recent = new SortedWords([]);

  constructor(postings: Postings) {
    this.postings = postings;
  }

  /** `words` as listings have them: those of names before the bar, those of texts behind it. */
  append(words: string, ordinal: number): void {
    const bar = words.indexOf("|");
    const namesEnd = bar < 0 ? words.length : bar;
    this.#appendAll(words.slice(0, namesEnd), ordinal, IN_NAME);
    this.#appendAll(words.slice(namesEnd + 1), ordinal, IN_TEXT);
  }

  #appendAll(words: string, ordinal: number, mark: number): void {
    for (const word of words.split(" ")) {
      if (word === "") continue;
      const term = this.postings.find(word) ?? this.postings.termOf(ownCopy(word));
      this.postings.append(term, ordinal, mark);
    }
  }

  /** The numbers of the words that begin so, longer than the beginning itself. */
  startingWith(beginning: string): readonly number[] {
    return [...this.#upToDate().startingWith(beginning), ...this.#unsorted().startingWith(beginning)];
  }

  /** The numbers of the words that one typo makes of this one. */
  oneTypoFrom(word: string): readonly number[] {
    return [...this.#upToDate().oneTypoFrom(word), ...this.#unsorted().oneTypoFrom(word)];
  }

  #upToDate(): SortedWords {
    const { codes } = this.postings;
    if (codes.length - this.#sorted.length > UNSORTED || this.#sorted.length === 0) {
      this.#sorted = new SortedWords(codes.slice());
    }
    return this.#sorted;
  }

  /** Those that came since; words only ever come to the end. */
  #unsorted(): SortedWords {
    const { codes } = this.postings;
    const from = this.#sorted.length;
    if (this.#recent.offset !== from || from + this.#recent.length !== codes.length) {
      this.#recent = new SortedWords(codes.slice(from), from);
    }
    return this.#recent;
  }
}
