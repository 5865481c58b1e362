import { badInput, OperatorError } from "../errors.js";
import { inLocale } from "./locale.js";
import { fold } from "./word.js";

/** The code of a specialty: a dotted path below one of the roots, such as `digital.encryption`. */
export type SpecialtyCode = string & { readonly __word: "specialty" };

/** What somebody trains in or accompanies with, as a SKOS concept: `broader` is skos:broader, names are labels. */
export type Specialty = {
  readonly code: SpecialtyCode;
  readonly broader: SpecialtyCode | null;
  readonly names: Readonly<Record<string, string>>;
  readonly descriptions: Readonly<Record<string, string>>;
  readonly aliases: readonly string[];
};

const CODE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:-[a-z0-9]+)*)*$/;
const LONGEST_CODE = 100;

/** The specialties a node knows, from the broadest to the narrowest (SKOS broader and narrower, one parent each). */
export class Specialties {
  readonly all: readonly Specialty[];
  readonly roots: readonly SpecialtyCode[];
  readonly #byCode: ReadonlyMap<string, Specialty>;
  readonly #narrower: ReadonlyMap<SpecialtyCode, readonly SpecialtyCode[]>;
  readonly #withNarrower = new Map<SpecialtyCode, readonly SpecialtyCode[]>();
  readonly #withBroader = new Map<SpecialtyCode, readonly SpecialtyCode[]>();
  #byName: ReadonlyMap<string, SpecialtyCode | null> | undefined;

  constructor(all: readonly Specialty[]) {
    this.all = all;
    this.roots = all.filter((one) => one.broader === null).map((one) => one.code);
    this.#byCode = new Map(all.map((one) => [one.code, one]));
    this.#narrower = childrenOf(all);
  }

  /** The code that was meant, or a refusal that says which codes are near. */
  parse(text: string, path?: readonly (string | number)[]): SpecialtyCode {
    const known = this.#byCode.get(text.trim().toLowerCase());
    if (known) return known.code;
    throw badInput(`There is no specialty "${shorten(text)}"; ${this.#hint(text)}`, path);
  }

  has(text: string): text is SpecialtyCode {
    return this.#byCode.has(text);
  }

  get(code: SpecialtyCode): Specialty {
    const known = this.#byCode.get(code);
    if (!known) throw new Error(`Not a specialty of this vocabulary: ${code}`);
    return known;
  }

  /** The specialties directly below this one. */
  narrower(code: SpecialtyCode): readonly SpecialtyCode[] {
    return this.#narrower.get(code) ?? [];
  }

  /** This one and everything below it (skos:narrowerTransitive): what a search for it finds. */
  withNarrower(code: SpecialtyCode): readonly SpecialtyCode[] {
    return remember(this.#withNarrower, code, () => [
      code,
      ...this.narrower(code).flatMap((below) => this.withNarrower(below)),
    ]);
  }

  /** This one and everything above it, up to the root (skos:broaderTransitive). */
  withBroader(code: SpecialtyCode): readonly SpecialtyCode[] {
    return remember(this.#withBroader, code, () => {
      const { broader } = this.get(code);
      return broader === null ? [code] : [code, ...this.withBroader(broader)];
    });
  }

  /** Its name in the language that fits best, English when none does. */
  name(code: SpecialtyCode, locale: string): string {
    return inLocale(this.get(code).names, locale) ?? code;
  }

  description(code: SpecialtyCode, locale: string): string | null {
    return inLocale(this.get(code).descriptions, locale);
  }

  /** Everything people call it, in every language: what full text search reads. */
  namesOf(code: SpecialtyCode): readonly string[] {
    const { names, aliases } = this.get(code);
    return [...new Set([...Object.values(names), ...aliases])];
  }

  /** The one specialty with this code, name or alias in any language; null when there is none, or more than one. */
  find(text: string): SpecialtyCode | null {
    const folded = fold(text);
    const known = this.#byCode.get(folded);
    if (known) return known.code;
    this.#byName ??= byName(this.all);
    return this.#byName.get(nameKey(folded)) ?? null;
  }

  #hint(text: string): string {
    const meant = this.find(text);
    const near = meant
      ? [meant]
      : nearest(
          text.trim().toLowerCase(),
          this.all.map((one) => one.code),
        );
    if (near.length > 0) return `did you mean ${near.join(" or ")}?`;
    const example = this.all.find((one) => one.broader !== null) ?? this.all[0];
    return `a code is a path below ${this.roots.join(", ")}, such as ${example?.code ?? "digital"}.`;
  }
}

/** Reads the shared words and those a network adds below them; every mistake is a sentence that names the code. */
export function readSpecialties(json: unknown, ownWords?: unknown): Specialties {
  const shared = readWords(json);
  const roots = new Set(shared.map((one) => one.code).filter((code) => !code.includes(".")));
  const own = ownWords === undefined ? [] : readWords(ownWords);
  for (const { code } of own) refuseRoot(code, roots);
  const all = [...shared, ...own].sort((a, b) => depth(a.code) - depth(b.code));
  const seen = new Set<string>();
  for (const one of all) {
    if (seen.has(one.code)) throw new OperatorError(`The specialty ${one.code} is there twice.`);
    if (one.broader !== null && !seen.has(one.broader)) {
      throw new OperatorError(
        `The specialty ${one.code} needs ${one.broader} above it, which does not exist.`,
      );
    }
    seen.add(one.code);
  }
  return new Specialties(inTreeOrder(all));
}

function refuseRoot(code: SpecialtyCode, roots: ReadonlySet<string>): void {
  const root = code.split(".", 1)[0] ?? code;
  if (code.includes(".") && roots.has(root)) return;
  throw new OperatorError(
    `The specialty ${code} cannot be added: a network's own words go below ${[...roots].join(", ")}.`,
  );
}

function readWords(json: unknown): readonly Specialty[] {
  const list = isRecord(json) ? json["specialties"] : json;
  if (!Array.isArray(list)) throw new OperatorError("Specialties are a list, or { specialties: a list }.");
  return list.map(readWord);
}

function readWord(entry: unknown, position: number): Specialty {
  if (!isRecord(entry) || typeof entry["code"] !== "string") {
    throw new OperatorError(`Specialty number ${position + 1} has no code.`);
  }
  const code = readCode(entry["code"]);
  const names = readTexts(code, "names", entry["names"]);
  if (Object.keys(names).length === 0)
    throw new OperatorError(`The specialty ${code} has no name in any language.`);
  return {
    code,
    broader: code.includes(".") ? (code.slice(0, code.lastIndexOf(".")) as SpecialtyCode) : null,
    names,
    descriptions: readTexts(code, "descriptions", entry["descriptions"] ?? {}),
    aliases: readAliases(code, entry["aliases"] ?? []),
  };
}

function readCode(text: string): SpecialtyCode {
  if (CODE.test(text) && text.length <= LONGEST_CODE) return text as SpecialtyCode;
  throw new OperatorError(
    `"${shorten(text)}" is not a specialty code: lower-case words joined by hyphens, in a path of dots, such as digital.data-protection.`,
  );
}

function readTexts(code: string, what: string, value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value))
    throw new OperatorError(`The ${what} of ${code} are texts by language, such as { en: "…" }.`);
  const texts: Record<string, string> = {};
  for (const [locale, text] of Object.entries(value)) {
    if (!isLocale(locale))
      throw new OperatorError(
        `The ${what} of ${code} name a language "${shorten(locale)}" that is not a BCP 47 tag.`,
      );
    if (typeof text !== "string" || text.trim() === "")
      throw new OperatorError(`The ${what} of ${code} are empty in ${locale}.`);
    texts[locale] = text.trim();
  }
  return texts;
}

function readAliases(code: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new OperatorError(`The aliases of ${code} are a list of texts.`);
  return value.map((alias: unknown) => {
    if (typeof alias === "string" && alias.trim() !== "") return alias.trim();
    throw new OperatorError(`An alias of ${code} is not a text.`);
  });
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text)[0] === text;
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function depth(code: string): number {
  return code.split(".").length;
}

function childrenOf(all: readonly Specialty[]): ReadonlyMap<SpecialtyCode, readonly SpecialtyCode[]> {
  const children = new Map<SpecialtyCode, SpecialtyCode[]>();
  for (const { code, broader } of all) {
    if (broader !== null) children.set(broader, [...(children.get(broader) ?? []), code]);
  }
  return children;
}

/** Every specialty after the one above it, with all of its own before its sisters. */
function inTreeOrder(all: readonly Specialty[]): readonly Specialty[] {
  const byParent = new Map<SpecialtyCode | null, Specialty[]>();
  for (const one of all) byParent.set(one.broader, [...(byParent.get(one.broader) ?? []), one]);
  const below = (parent: SpecialtyCode | null): Specialty[] =>
    (byParent.get(parent) ?? []).flatMap((one) => [one, ...below(one.code)]);
  return below(null);
}

/** A name counts before an alias; what two specialties share belongs to neither. */
function byName(all: readonly Specialty[]): ReadonlyMap<string, SpecialtyCode | null> {
  const names = claims(all, (one) => Object.values(one.names));
  const aliases = claims(all, (one) => one.aliases);
  return new Map([...aliases, ...names]);
}

function claims(
  all: readonly Specialty[],
  textsOf: (one: Specialty) => readonly string[],
): ReadonlyMap<string, SpecialtyCode | null> {
  const claimed = new Map<string, SpecialtyCode | null>();
  for (const one of all) {
    for (const key of textsOf(one).map((text) => nameKey(fold(text)))) {
      claimed.set(key, claimed.has(key) && claimed.get(key) !== one.code ? null : one.code);
    }
  }
  return claimed;
}

function nameKey(folded: string): string {
  return folded.replaceAll("'", "").replace(/[-–—]/g, " ");
}

function remember<K, V>(memory: Map<K, V>, key: K, make: () => V): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Up to three codes that are few keystrokes away, by the whole path or by its last word. */
function nearest(text: string, codes: readonly SpecialtyCode[]): readonly SpecialtyCode[] {
  if (text.length > LONGEST_CODE) return [];
  const last = lastWord(text);
  return codes
    .map((code) => ({ code, away: Math.min(distance(text, code), distance(last, lastWord(code)) + 0.5) }))
    .filter(({ away }) => away <= Math.max(1.5, last.length / 4))
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ code }) => code);
}

function lastWord(code: string): string {
  return code.slice(code.lastIndexOf(".") + 1);
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
