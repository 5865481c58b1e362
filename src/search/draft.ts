import type { FindableBytes } from "../listing/listing.store.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { Lists } from "./column.js";
import { Packing } from "./packing.js";
import { Postings } from "./posting.js";
import { TagReader, type ToldTag } from "./tag-reader.js";
import { TextTable } from "./text-table.js";
import { IN_NAME, IN_TEXT } from "./word-list.js";

/** While everything is read, every text is read once for all audiences. It holds texts and not who has them, and is then thrown away. */
export class Book {
  readonly words = new TextTable();
  readonly tags = new TextTable();
  /** Names of records, audiences with kinds of records, and ids of networks. */
  readonly names = new TextTable();
  readonly #tags: TagReader;
  readonly #told: ToldTag[] = [];

  constructor(vocabulary: Vocabulary) {
    this.#tags = new TagReader(vocabulary);
  }

  told(tag: number): ToldTag {
    return (this.#told[tag] ??= this.#tags.read(this.tags.texts[tag] ?? ""));
  }
}

/** By ordinal, the tags and words of the records of one index as numbers of a book, until they are packed. */
export class Draft {
  readonly tags = new Lists();
  readonly #inNames = new Lists();
  readonly #inTexts = new Lists();

  constructor(readonly book: Book) {}

  /** `words` as listings have them: those of names before the bar, those of texts behind it. */
  append({ bytes, tags, words }: FindableBytes): void {
    const { book } = this;
    const bar = bytes.indexOf(BAR, words.start);
    const namesEnd = bar < 0 || bar > words.end ? words.end : bar;
    book.tags.readWords(bytes, tags.start, tags.end, this.tags.values);
    book.words.readWords(bytes, words.start, namesEnd, this.#inNames.values);
    book.words.readWords(bytes, namesEnd + 1, words.end, this.#inTexts.values);
    for (const list of [this.tags, this.#inNames, this.#inTexts]) list.end();
  }

  packedWords(): Postings {
    const { texts } = this.book.words;
    const packing = new Packing<"word">(texts.length);
    const define = (word: number): void => packing.define(word, "word", [texts[word] ?? ""], 0);
    packing.defineAll(this.#inNames, define);
    packing.defineAll(this.#inTexts, define);
    const packed = packing.packed([
      { keys: this.#inNames, mark: IN_NAME },
      { keys: this.#inTexts, mark: IN_TEXT },
    ]);
    return packed.get("word") ?? new Postings();
  }
}

const BAR = "|".charCodeAt(0);
