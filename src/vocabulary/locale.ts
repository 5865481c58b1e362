/** Which language of a page a name is shown in. */

/** The languages the pages of a node speak, in which every word of the vocabulary has a name. */
export const PAGE_LOCALES = ["en", "es", "fr", "ar", "ru", "pt"] as const;

export type PageLocale = (typeof PAGE_LOCALES)[number];

/** The language of the pages that fits best: es for es-GT; else English. */
export function pageLocale(locale: string): PageLocale {
  const fits = fallbacksOf(locale).find((one) => (PAGE_LOCALES as readonly string[]).includes(one));
  return (fits ?? "en") as PageLocale;
}

/** A locale and what it falls back to, by RFC 4647 lookup: es-MX, es. */
export function fallbacksOf(locale: string): readonly string[] {
  const parts = locale.split("-");
  return parts.map((_, dropped) => parts.slice(0, parts.length - dropped).join("-"));
}

/** The value for the locale that fits best, then the English one, then any; null when there is none. */
export function inLocale(values: Readonly<Record<string, string>>, locale: string): string | null {
  for (const candidate of fallbacksOf(locale)) {
    if (Object.hasOwn(values, candidate)) return values[candidate] ?? null;
  }
  return values["en"] ?? Object.values(values)[0] ?? null;
}

const remembered = new Map<string, Intl.DisplayNames>();

/** CLDR's names of regions or languages in a locale; English when the locale is unknown. */
export function displayNames(
  type: "region" | "language" | "script",
  locale: string,
  style: "long" | "short" = "long",
): Intl.DisplayNames {
  const written = knownLocale(locale);
  const key = `${type} ${style} ${written}`;
  const known = remembered.get(key);
  if (known) return known;
  const names = new Intl.DisplayNames([written, "en"], { type, style, fallback: "none" });
  remembered.set(key, names);
  return names;
}

const rememberedNumbers = new Map<string, Intl.NumberFormat>();

/** Writes numbers with two digits that count, and noughts, as a locale does; as English when the locale is unknown. */
export function roundNumbers(locale: string): Intl.NumberFormat {
  const written = knownLocale(locale);
  const known =
    rememberedNumbers.get(written) ?? new Intl.NumberFormat([written, "en"], { maximumSignificantDigits: 2 });
  rememberedNumbers.set(written, known);
  return known;
}

/** Any caller may name any locale, so what is remembered of them is bounded. */
const REMEMBERED = 1000;
const locales = new Map<string, string>();

/** The locale itself when CLDR writes in it, else English. */
function knownLocale(locale: string): string {
  const known = locales.get(locale) ?? supported(locale);
  if (locales.size >= REMEMBERED) locales.clear();
  locales.set(locale, known);
  return known;
}

/** es-ZZ is written as es is: what CLDR resolves a locale to is one of a few hundred. */
function supported(locale: string): string {
  try {
    return new Intl.DisplayNames([locale, "en"], { type: "language" }).resolvedOptions().locale;
  } catch {
    return "en";
  }
}
