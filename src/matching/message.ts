import { IntlMessageFormat } from "intl-messageformat";
import { z } from "zod";
import { OperatorError } from "../errors.js";
import { languageName, type LanguageTag } from "../vocabulary/language.js";
import { fallbacksOf, PAGE_LOCALES } from "../vocabulary/locale.js";
import type { RegionCode } from "../vocabulary/region.js";
import type { SpecialtyCode } from "../vocabulary/specialty.js";
import { readSeed, type Vocabulary } from "../vocabulary/vocabulary.js";

/** The sentences in which reasons are told; `seeds/messages/` has them in the languages of the pages. */
const MESSAGES = [
  "specialty",
  "basedThere",
  "worksThere",
  "worksAround",
  "travelsThere",
  "helpsFromAfar",
  "language",
  "followUp",
  "community",
  "format",
  "available",
  "partlyAvailable",
  "assessesFirst",
  "rapidResponse",
  "confirmedLately",
  "confirmedThisYear",
  "vouched",
] as const;
export type MessageName = (typeof MESSAGES)[number];

/** The codes a sentence names. What they are called is looked up in the reader's language, or stands in the sentence itself. */
export type Names = Readonly<
  Partial<
    Record<
      "specialty" | "region" | "language" | "depth" | "level" | "community" | "format" | "when" | "band",
      string
    >
  >
>;

type Locale = (typeof PAGE_LOCALES)[number];
const catalogue = z.record(z.enum(MESSAGES), z.string().min(1));

/** The sentences of a node, in ICU MessageFormat. */
export class Messages {
  readonly #sentences = new Map<string, IntlMessageFormat>();
  readonly #catalogues: Readonly<Record<Locale, Readonly<Record<MessageName, string>>>>;

  constructor(private readonly vocabulary: Vocabulary) {
    const read = PAGE_LOCALES.map((locale) => [locale, readCatalogue(locale)] as const);
    // Each of the locales has just been read.
    this.#catalogues = Object.fromEntries(read) as Record<Locale, Record<MessageName, string>>;
  }

  /** The sentence in the language wanted, or the nearest to it there is; in English where there is none, or none was wanted. */
  tell(message: MessageName, names: Names, wanted: string | null): string {
    const locale = nearest(wanted ?? "en");
    const sentence = this.#sentence(message, locale).format(this.#named(names, locale));
    const text = String(sentence);
    return text.slice(0, 1).toLocaleUpperCase(locale) + text.slice(1);
  }

  #sentence(message: MessageName, locale: Locale): IntlMessageFormat {
    const key = `${locale} ${message}`;
    const known = this.#sentences.get(key);
    if (known !== undefined) return known;
    const made = new IntlMessageFormat(this.#catalogues[locale][message], locale, undefined, {
      ignoreTag: true,
    });
    this.#sentences.set(key, made);
    return made;
  }

  /** The codes come from a need that was read, so that each is a word of the vocabulary. */
  #named({ specialty, region, language, ...others }: Names, locale: Locale): Record<string, string> {
    const { specialties, regions } = this.vocabulary;
    return {
      ...others,
      ...(specialty === undefined ? {} : { specialty: specialties.name(specialty as SpecialtyCode, locale) }),
      ...(region === undefined ? {} : { region: regions.name(region as RegionCode, locale) }),
      ...(language === undefined ? {} : { language: languageName(language as LanguageTag, locale) }),
    };
  }
}

function nearest(wanted: string): Locale {
  const named = fallbacksOf(wanted);
  return PAGE_LOCALES.find((locale) => named.includes(locale)) ?? "en";
}

function readCatalogue(locale: Locale): Readonly<Record<MessageName, string>> {
  const read = catalogue.safeParse(readSeed(`messages/${locale}.json`));
  if (read.success) return read.data;
  throw new OperatorError(`seeds/messages/${locale}.json cannot be used:\n${z.prettifyError(read.error)}`);
}
