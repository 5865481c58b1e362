import { readTag, workMark, type Axis } from "../listing/tag.js";
import { parseLanguage, withBroaderLanguages, type LanguageTag } from "../vocabulary/language.js";
import type { SpecialtyCode } from "../vocabulary/specialty.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";

/** The relations to a region in which somebody serves it. */
export const SERVING = workMark("WORKS_IN") | workMark("TRAVELS_TO") | workMark("REMOTE_TO");

/** The axes whose codes are counted for every record. */
export type CountedAxis = "specialty" | "language";

/** What a tag says, whoever has it. */
export type ToldTag = {
  readonly axis: Axis;
  /** The codes under which somebody with this tag is found: its own and, where that is so, what is broader. */
  readonly codes: readonly string[];
  readonly mark: number;
  readonly counted: { readonly as: CountedAxis; readonly codes: readonly string[] } | null;
  readonly served: string | null;
  readonly day: number;
};

type Counted = { readonly codes: readonly string[]; readonly known: readonly string[] };

/** So many languages are remembered at most. */
const REMEMBERED = 10_000;

/** Reads tags with the help of the vocabulary. What a language tag comes to is remembered: to find out takes long. */
export class TagReader {
  readonly #languages = new Map<string, Counted>();

  constructor(readonly vocabulary: Vocabulary) {}

  read(text: string): ToldTag {
    const { axis, code, mark } = readTag(text);
    const counted = this.#counted(axis, code);
    return {
      axis,
      codes: counted?.codes ?? [code],
      mark,
      counted: counted === null ? null : { as: counted.as, codes: counted.known },
      served: axis === "region" && (mark & SERVING) !== 0 ? code : null,
      day: axis === "verified" ? dayNumber(code) : 0,
    };
  }

  #counted(axis: Axis, code: string): (Counted & { readonly as: CountedAxis }) | null {
    if (axis === "specialty") return { as: axis, ...this.#specialty(code) };
    return axis === "language" ? { as: axis, ...this.#language(code) } : null;
  }

  /** A peer's specialty that this node does not know is found by those above it that it does know. */
  #specialty(code: string): Counted {
    const { specialties } = this.vocabulary;
    const path = code.split(".");
    const above = path.map((_, dropped) => path.slice(0, path.length - dropped).join("."));
    const nearest = above.find((one) => specialties.has(one));
    // `has` has just said that it is a code of the vocabulary.
    const broader = nearest === undefined ? [] : specialties.withBroader(nearest as SpecialtyCode);
    const codes = [...new Set([code, ...broader])];
    return { codes, known: codes.filter((one) => specialties.has(one)) };
  }

  #language(code: string): Counted {
    const remembered = this.#languages.get(code);
    if (remembered !== undefined) return remembered;
    if (this.#languages.size >= REMEMBERED) this.#languages.clear();
    // What is no tag is still split like one, and found by nothing but itself and its parts.
    const codes = withBroaderLanguages(code as LanguageTag);
    const read = { codes, known: codes.filter(isLanguage) };
    this.#languages.set(code, read);
    return read;
  }
}

/** Whether it is a language that can be asked for; a peer may write what is none. */
function isLanguage(tag: string): boolean {
  try {
    return parseLanguage(tag) === tag;
  } catch {
    return false;
  }
}

/** 2026-11-21 as 20261121. */
function dayNumber(day: string): number {
  return Number(day.slice(0, 10).replaceAll("-", "")) || 0;
}
