import { createRequire } from "node:module";
import { iso6393 } from "iso-639-3";
import { badInput } from "../errors.js";
import { displayNames, PAGE_LOCALES } from "./locale.js";
import { macrolanguageOf } from "./macrolanguage.js";
import { fold } from "./word.js";

/** A canonical BCP 47 tag (RFC 5646): es, quc, fa-AF. Two ways to write one language are one tag. */
export type LanguageTag = string & { readonly __word: "language" };

const LONGEST_TAG = 35;
/** What Intl leaves apart although CLDR and ISO 639-3 call it one language, and sign languages by their older tags (RFC 5646). */
const SAME: ReadonlyMap<string, string> = new Map([
  ["tw", "ak"],
  ["sgn-be-fr", "sfb"],
  ["sgn-be-nl", "vgt"],
  ["sgn-ch-de", "sgg"],
  ["zh-min-nan", "nan"],
]);
/** Not languages: uncoded, several, undetermined, none. */
const SPECIAL = new Set(["mis", "mul", "und", "zxx"]);
/** Registered variant subtags (IANA Language Subtag Registry, file date 2025-08-25); Intl takes any word of the right length for one. */
const VARIANTS = new Set(
  [
    "1606nict 1694acad 1901 1959acad 1994 1996 abl1943 akhmimic akuapem alalc97 aluku anpezo ao1990",
    "aranes arkaika asante auvern baku1926 balanka barla basiceng bauddha bciav bcizbl biscayan biske",
    "blasl bohairic bohoric boont bornholm cisaup colb1945 cornu creiss dajnko ekavsk emodeng fascia",
    "fayyumic fodom fonipa fonkirsh fonnapa fonupa fonxsamp gallo gascon gherd grclass grital grmistr",
    "hanoi hepburn hognorsk hsistemo huett ijekavsk itihasa ivanchov jauer jyutping kkcor kleinsch",
    "kociewie kscor leidentr lemosin lengadoc lipaw ltg1929 ltg2007 luna1918 lycopol mdcegyp mdctrans",
    "mesokem metelko monoton ndyuka nedis newfound nicard njiva nulik osojs oxendict pahawh2 pahawh3",
    "pahawh4 pamaka peano pehoeji petr1708 pinyin polyton provenc puter rigik rozaj rumgr sahidic",
    "saigon scotland scouse simple solba sotav spanglis surmiran sursilv sutsilv synnejyl tailo",
    "tarask tongyong tunumiit uccor ucrcor ulster unifon valbadia valencia vallader vecdruka viennese",
    "vivaraup wadegile xsistemo",
  ].flatMap((line) => line.split(" ")),
);
const VARIANT = /^(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3})$/;
const SINGLETON = /-[a-z0-9]-/i;
const EXTENDED = /^([a-z]{2,3})-([a-z]{3})(-.*)?$/i;

const KNOWN = new Set<string>(
  iso6393.flatMap(({ iso6393: long, iso6391: short }) => (short ? [long, short] : [long])),
);

/** The canonical tag that was meant (tl for fil, prs for fa-AF), or a refusal that says what a tag looks like. */
export function parseLanguage(text: string, path?: readonly (string | number)[]): LanguageTag {
  const tag = canonical(text.trim());
  if (tag !== null) return tag;
  throw badInput(refusal(text), path);
}

function refusal(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const meant = findLanguage(text);
  if (meant) return `"${shown}" is not a language tag; did you mean ${meant}?`;
  return `There is no language "${shown}"; name a BCP 47 tag such as es, quc or fa-AF, without extensions.`;
}

/** What a text comes to as a tag takes long to find out, and the same few are asked for again and again. */
function canonical(text: string): LanguageTag | null {
  if (text.length > LONGEST_TAG) return null;
  const known = canonicalTags.get(text);
  if (known !== undefined) return known;
  if (canonicalTags.size >= REMEMBERED) canonicalTags.clear();
  const tag = findCanonical(text);
  canonicalTags.set(text, tag);
  return tag;
}

const REMEMBERED = 10_000;
const canonicalTags = new Map<string, LanguageTag | null>();

function findCanonical(text: string): LanguageTag | null {
  const written = text.replaceAll("_", "-");
  const same = SAME.get(written.toLowerCase());
  const tag = same ?? canonicalLocale(withoutMacrolanguage(written));
  if (tag === null || SINGLETON.test(tag)) return null;
  return partsExist(tag) ? (tag as LanguageTag) : null;
}

function canonicalLocale(text: string): string | null {
  try {
    const tag = Intl.getCanonicalLocales(text)[0];
    if (tag === undefined) return null;
    return tag === "tw" || tag.startsWith("tw-") ? tag.replace("tw", "ak") : tag;
  } catch {
    return null;
  }
}

/** RFC 5646, 4.5: zh-yue and sgn-ase are written yue and ase. */
function withoutMacrolanguage(text: string): string {
  const [, broad = "", exact = "", rest = ""] = EXTENDED.exec(text) ?? [];
  if (exact === "") return text;
  const belongs =
    broad.toLowerCase() === "sgn" || macrolanguageOf(exact.toLowerCase()) === broad.toLowerCase();
  return belongs || canonicalLocale(exact) === broad.toLowerCase() ? exact + rest : text;
}

function partsExist(tag: string): boolean {
  const { language, script, region } = new Intl.Locale(tag);
  if (SPECIAL.has(language)) return false;
  if (language === "sgn" ? region === undefined : !KNOWN.has(language)) return false;
  if (tag.split("-").some((part) => VARIANT.test(part) && !VARIANTS.has(part))) return false;
  if (script !== undefined && displayNames("script", "en").of(script) === undefined) return false;
  return region === undefined || displayNames("region", "en").of(region) !== undefined;
}

/** Its name in the language that fits best, then in English by CLDR or ISO 639-3, then the tag. */
export function languageName(tag: LanguageTag, locale: string): string {
  return cldrName(tag, locale) ?? cldrName(tag, "en") ?? isoName(tag) ?? tag;
}

/** What its speakers call it; null when CLDR does not know. */
export function ownName(tag: LanguageTag): string | null {
  if (Intl.DisplayNames.supportedLocalesOf([tag]).length === 0) return null;
  return new Intl.DisplayNames([tag], { type: "language", fallback: "none" }).of(tag) ?? null;
}

/** Intl makes up names such as "mam (Guatemala)"; a name counts only when CLDR knows the language itself. */
function cldrName(tag: string, locale: string): string | null {
  const names = displayNames("language", locale);
  const primary = primaryOf(tag);
  if (primary !== tag && names.of(primary) === undefined) return null;
  return names.of(tag) ?? null;
}

function isoName(tag: LanguageTag): string | null {
  const primary = primaryOf(tag);
  const name = primary === "sgn" ? "Sign language" : isoNames().get(primary);
  if (name === undefined) return null;
  const { region } = new Intl.Locale(tag);
  return region === undefined ? name : `${name} (${displayNames("region", "en").of(region) ?? region})`;
}

function primaryOf(tag: string): string {
  const end = tag.indexOf("-");
  return end < 0 ? tag : tag.slice(0, end);
}

/** The next broader tag: es for es-MX, and for a language on its own its macrolanguage, ku for ckb; null at the top. */
export function broaderLanguage(tag: LanguageTag): LanguageTag | null {
  const shorter = withBroaderLanguages(tag)[1];
  return shorter ?? (macrolanguageOf(tag) as LanguageTag | null);
}

/** The tags it answers to by RFC 4647 basic filtering: es-MX to es-MX and es, but ckb never to ku. */
export function withBroaderLanguages(tag: LanguageTag): readonly LanguageTag[] {
  const parts = tag.split("-");
  const lengths = parts.map((_, dropped) => parts.length - dropped);
  const tags = lengths.map((length) => parts.slice(0, length).join("-")) as LanguageTag[];
  return tags.filter((one) => one !== "sgn");
}

/** What it is called in the languages of the pages, by its speakers and otherwise: what full text search reads. */
export function languageNames(tag: LanguageTag): readonly string[] {
  const own = ownName(tag);
  const names = PAGE_LOCALES.map((locale) => languageName(tag, locale));
  return [...new Set([...names, ...(own === null ? [] : [own]), ...(OTHER_NAMES[tag] ?? [])])];
}

/** The one language with this tag or name; null when there is none or several, because a guess is worse than that. */
export function findLanguage(text: string): LanguageTag | null {
  const tag = canonical(text.trim());
  if (tag !== null && tag === text) return tag;
  byName ??= readNames();
  const named = byName.get(nameKey(text));
  if (tag === null || named === undefined) return named ?? tag;
  return named === tag ? tag : null;
}

/** The languages CLDR has a name for, by tag. */
export function languages(): readonly LanguageTag[] {
  listed ??= readListed();
  return listed;
}

let listed: readonly LanguageTag[] | undefined;
let byName: ReadonlyMap<string, LanguageTag | null> | undefined;
let namesInIso: ReadonlyMap<string, string> | undefined;

/** Region tags that people name as a language of its own. */
const NAMED_VARIETIES = [
  "ar-001",
  "en-AU",
  "en-CA",
  "en-GB",
  "en-US",
  "es-419",
  "es-ES",
  "es-MX",
  "fa-AF",
  "fr-CA",
  "fr-CH",
  "nl-BE",
  "pt-BR",
  "pt-PT",
  "ro-MD",
  "sw-CD",
  "zh-Hans",
  "zh-Hant",
];

function readListed(): readonly LanguageTag[] {
  const english = displayNames("language", "en");
  const tags = new Set<LanguageTag>();
  for (const { tag } of isoLanguages()) if (english.of(tag) !== undefined) tags.add(tag);
  return [...tags].sort();
}

function isoNames(): ReadonlyMap<string, string> {
  namesInIso ??= new Map(
    iso6393.map(({ name, iso6393: long, iso6391: short }) => [
      short ?? long,
      name.replace(/ \(macrolanguage\)$/, ""),
    ]),
  );
  return namesInIso;
}

/** Every language of ISO 639-3. Asking Intl for each canonical tag takes half a second, so only those that CLDR renames are asked. */
function isoLanguages(): readonly { readonly name: string; readonly tag: LanguageTag }[] {
  const renamed = renamedCodes();
  return iso6393.flatMap(({ name, iso6393: long, iso6391: short }) => {
    const code = short ?? long;
    const tag = renamed.has(code) || SPECIAL.has(code) ? canonical(code) : (code as LanguageTag);
    return tag === null ? [] : [{ name, tag }];
  });
}

function renamedCodes(): ReadonlySet<string> {
  const file = createRequire(import.meta.url)("cldr-core/supplemental/aliases.json") as {
    supplemental: { metadata: { alias: { languageAlias: Readonly<Record<string, unknown>> } } };
  };
  return new Set(Object.keys(file.supplemental.metadata.alias.languageAlias));
}

type Claims = Map<string, Set<LanguageTag>>;

/** A full name counts before a shortened one; a name that several languages share is that of none of them. */
function readNames(): ReadonlyMap<string, LanguageTag | null> {
  const full: Claims = new Map();
  const short: Claims = new Map();
  for (const { name, tag } of isoLanguages()) claim(name, tag, full, short);
  for (const tag of [...languages(), ...(NAMED_VARIETIES as LanguageTag[])]) {
    for (const name of languageNames(tag)) claim(name, tag, full, short);
  }
  return new Map([...settle(short), ...settle(full)]);
}

function claim(name: string, tag: LanguageTag, full: Claims, short: Claims): void {
  add(full, nameKey(name), tag);
  const [, before = "", inside = ""] = /^([^(]+)\(([^)]*)\)$/.exec(name) ?? [];
  if (before !== "" && inside !== "") add(short, nameKey(before), tag);
}

function add(claims: Claims, key: string, tag: LanguageTag): void {
  const tags = claims.get(key);
  if (tags) tags.add(tag);
  else claims.set(key, new Set([tag]));
}

function settle(claims: Claims): [string, LanguageTag | null][] {
  return [...claims].map(([key, tags]) => [key, onlyOne([...tags])]);
}

/** A macrolanguage and its own members may share a name; then it is the macrolanguage that was meant. */
function onlyOne(tags: readonly LanguageTag[]): LanguageTag | null {
  return tags.find((tag) => tags.every((other) => other === tag || broaderLanguage(other) === tag)) ?? null;
}

function nameKey(text: string): string {
  return fold(text)
    .replaceAll("'", "")
    .replace(/[-–—,.]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Names in wide use that CLDR and ISO 639-3 do not list. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  ckb: ["Sorani"],
  es: ["Castellano", "Castilian"],
  fa: ["Farsi"],
  ff: ["Fulani", "Peul"],
  fil: ["Tagalog"],
  ht: ["Kreyòl", "Kreyòl Ayisyen"],
  id: ["Bahasa Indonesia"],
  kek: ["Q'eqchi'", "Kekchi"],
  ku: ["Kurmanji", "Kurmancî"],
  ms: ["Bahasa Melayu", "Bahasa Malaysia"],
  my: ["Burmese", "Myanmar language"],
  nan: ["Hokkien", "Taiwanese Hokkien"],
  om: ["Afaan Oromoo", "Afaan Oromo"],
  quc: ["K'iche'", "Quiché"],
  rhg: ["Ruáingga"],
  so: ["Af-Soomaali"],
  ti: ["Tigrigna"],
  uk: ["Українська мова"],
  ur: ["Urdu"],
  yue: ["Cantonese"],
  zh: ["Mandarin", "Mandarin Chinese", "Putonghua"],
};
