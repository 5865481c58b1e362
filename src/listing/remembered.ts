import { LRUCache } from "lru-cache";
import { ownCopy } from "../vocabulary/word.js";
import type { ListedDoc, ListedKind } from "./listing.js";

/** A listing with its document read. `own` when it is this node's; `length` is that of the document's text. */
export type ReadListing = {
  readonly own: boolean;
  readonly version: string;
  readonly kind: ListedKind;
  readonly doc: ListedDoc;
  readonly length: number;
};

/** So much text is remembered for an audience, in characters. */
const MOST_TEXT = 6_000_000;
/** What remembering costs beside the text; for an id under which nothing is listed it is all. */
const BESIDE = 500;
/** And for so long, in milliseconds: what was taken out of the directory goes out of memory as well. */
const LONGEST = 10 * 60 * 1000;

/**
 * Listings of one audience that were read, so that their documents are not sent and parsed again. What is remembered is never
 * taken for what stands: the database confirms it at every question, or says what does. What was changed or withdrawn is so for the next
 * question, and without the database there is no answer.
 */
export class Remembered {
  readonly #read = new LRUCache<string, readonly ReadListing[]>({
    maxSize: MOST_TEXT,
    ttl: LONGEST,
    ttlResolution: 1000,
    ttlAutopurge: true,
  });

  /** What was read under this id, which may be nothing; undefined when it was not read. */
  of(id: string): readonly ReadListing[] | undefined {
    return this.#read.get(id);
  }

  /** Remembers what stands under this id now. */
  keep(id: string, now: readonly ReadListing[]): void {
    const before = this.of(id);
    if (before?.length === now.length && now.every((one, at) => one === before[at])) return;
    this.#read.set(ownCopy(id), now, { size: now.reduce((sum, { length }) => sum + length, BESIDE) });
  }
}
