import { Arg, Field, ObjectType, Query, Resolver } from "type-graphql";
import { enumOf } from "./enum.api.js";
import { fold } from "./word.js";
import {
  languageName,
  languageNames,
  languages,
  ownName,
  parseLanguage,
  type LanguageTag,
} from "./language.js";
import { REGION_KINDS, type RegionCode, type RegionKind } from "./region.js";
import { LanguageTagScalar, RegionCodeScalar, SpecialtyCodeScalar } from "./scalars.api.js";
import type { SpecialtyCode } from "./specialty.js";
import type { Vocabulary } from "./vocabulary.js";

export const RegionKindEnum = enumOf("RegionKind", REGION_KINDS, "What kind of place a region code names.", {
  WORLD: "The whole world, 001.",
  AREA: "A continent or a part of one, as the United Nations divide the world (M49).",
  GROUPING: "Countries and areas that a network speaks of as one, such as x-sahel.",
  COUNTRY: "A country or territory with an ISO 3166-1 code; this says nothing about its status.",
  SUBDIVISION: "A state, province or other part of a country (ISO 3166-2).",
});

const localeHelp = "The language to answer in; without one, or where there is no text in it, English.";

@ObjectType("Specialty", {
  description:
    "A kind of work, SKOS-style: a code below one of four roots, with names in several languages. Everybody sees it.",
})
export class SpecialtyObject {
  constructor(
    private readonly words: Words,
    code: string,
  ) {
    this.code = code as SpecialtyCode;
  }

  @Field(() => SpecialtyCodeScalar, {
    simple: true,
    description: "The dotted path that names it in filters; stays the same in every language.",
  })
  readonly code: SpecialtyCode;

  @Field(() => String, { description: "What it is called; the code itself where nobody has named it." })
  name(
    @Arg("in", () => LanguageTagScalar, { nullable: true, description: localeHelp }) locale?: string,
  ): string {
    return locale === undefined ? (this.#english ??= this.#nameIn("en")) : this.#nameIn(locale);
  }

  #english: string | undefined;

  #nameIn(locale: string): string {
    return this.words.specialties.has(this.code) ? this.words.specialties.name(this.code, locale) : this.code;
  }

  @Field(() => String, {
    nullable: true,
    description: "What belongs to it, in a sentence; null when nobody has written one.",
  })
  description(
    @Arg("in", () => LanguageTagScalar, { nullable: true, description: localeHelp }) locale?: string,
  ): string | null {
    return this.words.specialties.has(this.code)
      ? this.words.specialties.description(this.code, locale ?? "en")
      : null;
  }

  @Field(() => SpecialtyObject, {
    nullable: true,
    description: "The kind of work this is a part of (skos:broader); null for a root.",
  })
  broader(): SpecialtyObject | null {
    const broader = this.words.specialties.has(this.code)
      ? this.words.specialties.get(this.code).broader
      : null;
    return broader === null ? null : this.words.specialty(broader);
  }

  @Field(() => [SpecialtyObject], {
    description: "The kinds of work directly below it (skos:narrower); empty when there are none.",
  })
  narrower(): readonly SpecialtyObject[] {
    if (!this.words.specialties.has(this.code)) return [];
    return this.words.specialties.narrower(this.code).map((code) => this.words.specialty(code));
  }
}

@ObjectType("Region", {
  description:
    "A place: a UN M49 area, an ISO 3166-1 country, an ISO 3166-2 subdivision or a network's own grouping. Everybody sees it.",
})
export class RegionObject {
  constructor(
    private readonly words: Words,
    code: string,
  ) {
    this.code = code as RegionCode;
  }

  @Field(() => RegionCodeScalar, { simple: true, description: "The code that names it in filters." })
  readonly code: RegionCode;

  @Field(() => String, {
    description: "What it is called (Unicode CLDR); the code itself where it has no name there.",
  })
  name(
    @Arg("in", () => LanguageTagScalar, { nullable: true, description: localeHelp }) locale?: string,
  ): string {
    return locale === undefined ? (this.#english ??= this.#nameIn("en")) : this.#nameIn(locale);
  }

  #english: string | undefined;

  #nameIn(locale: string): string {
    return this.words.regions.has(this.code) ? this.words.regions.name(this.code, locale) : this.code;
  }

  @Field(() => RegionKindEnum, {
    description: "What kind of place it is. A code of another network's own making is a GROUPING.",
  })
  kind(): RegionKind {
    return this.words.regions.has(this.code) ? this.words.regions.kind(this.code) : "GROUPING";
  }

  @Field(() => [RegionObject], {
    description:
      "The regions that directly contain it; empty for the world. Often several, because containment is a graph: Mexico is in 013, 419 and 003.",
  })
  within(): readonly RegionObject[] {
    return this.words.regions.has(this.code)
      ? this.words.regions.within(this.code).map((code) => this.words.region(code))
      : [];
  }

  @Field(() => [RegionObject], {
    description: "The regions directly inside it; empty when none smaller is known.",
  })
  contains(): readonly RegionObject[] {
    return this.words.regions.has(this.code)
      ? this.words.regions.contains(this.code).map((code) => this.words.region(code))
      : [];
  }
}

@ObjectType("Language", {
  description: "A language by its BCP 47 tag, with ISO 639-3 behind it. Everybody sees it.",
})
export class LanguageObject {
  constructor(tag: string) {
    this.tag = tag as LanguageTag;
  }

  @Field(() => LanguageTagScalar, { simple: true, description: "The tag that names it in filters." })
  readonly tag: LanguageTag;

  @Field(() => String, { description: "What it is called (Unicode CLDR, else ISO 639-3 in English)." })
  name(
    @Arg("in", () => LanguageTagScalar, { nullable: true, description: localeHelp }) locale?: string,
  ): string {
    return locale === undefined
      ? (this.#english ??= languageName(this.tag, "en"))
      : languageName(this.tag, locale);
  }

  #english: string | undefined;

  @Field(() => String, {
    nullable: true,
    description: "What its speakers call it; null when CLDR does not know.",
  })
  ownName(): string | null {
    return ownName(this.tag);
  }
}

/** The node's words as GraphQL objects, one object to a word: a page of people names the same few hundred again and again. */
export class Words {
  readonly specialties: Vocabulary["specialties"];
  readonly regions: Vocabulary["regions"];
  readonly #specialties = new Map<string, SpecialtyObject>();
  readonly #regions = new Map<string, RegionObject>();
  readonly #languages = new Map<string, LanguageObject>();

  constructor(vocabulary: Vocabulary) {
    this.specialties = vocabulary.specialties;
    this.regions = vocabulary.regions;
  }

  specialty(code: string): SpecialtyObject {
    return kept(this.#specialties, code, () => new SpecialtyObject(this, code));
  }

  region(code: string): RegionObject {
    return kept(this.#regions, code, () => new RegionObject(this, code));
  }

  language(tag: string): LanguageObject {
    return kept(this.#languages, tag, () => new LanguageObject(tag));
  }
}

function kept<T>(objects: Map<string, T>, code: string, make: () => T): T {
  const held = objects.get(code);
  if (held !== undefined) return held;
  const made = make();
  objects.set(code, made);
  return made;
}

@Resolver()
export class VocabularyResolver {
  constructor(private readonly words: Words) {}

  @Query(() => [SpecialtyObject], {
    description:
      "The kinds of work that people can be looked up by: the four roots, or everything directly below `root`. Everybody sees them.",
  })
  specialties(
    @Arg("root", () => SpecialtyCodeScalar, {
      nullable: true,
      description: "Answer what is directly below this one; the four roots when not given.",
    })
    root?: string,
  ): readonly SpecialtyObject[] {
    const { specialties } = this.words;
    const codes = root == null ? specialties.roots : specialties.narrower(specialties.parse(root, ["root"]));
    return codes.map((code) => this.words.specialty(code));
  }

  @Query(() => [RegionObject], {
    description:
      "Regions of one kind, or inside another, to choose from when filtering; with neither, the areas of the world. Everybody sees them.",
  })
  regions(
    @Arg("kind", () => RegionKindEnum, {
      nullable: true,
      description: "Only regions of this kind; any kind when only `within` is given.",
    })
    kind?: RegionKind,
    @Arg("within", () => RegionCodeScalar, {
      nullable: true,
      description: "Only regions inside this one, at any depth; the whole world when not given.",
    })
    within?: string,
  ): readonly RegionObject[] {
    const { regions } = this.words;
    const inside =
      within == null ? regions.all : regions.withInside(regions.parse(within, ["within"])).slice(1);
    const wanted = kind ?? (within == null ? "AREA" : null);
    return inside
      .filter((code) => wanted === null || regions.kind(code) === wanted)
      .map((code) => this.words.region(code));
  }

  @Query(() => [LanguageObject], {
    description:
      "Languages to choose from when filtering: all that have a name in CLDR, or those whose name or tag begins with `search`, in any language of the pages. Everybody sees them.",
  })
  languages(
    @Arg("search", () => String, {
      nullable: true,
      description: "The beginning of a name, or a tag; all when not given.",
    })
    search?: string,
  ): readonly LanguageObject[] {
    const beginning = fold(search ?? "").trim();
    if (beginning === "") return languages().map((tag) => this.words.language(tag));
    return this.#named(beginning).map((tag) => this.words.language(tag));
  }

  #named(beginning: string): readonly LanguageTag[] {
    const begins = (tag: LanguageTag) => languageNames(tag).some((name) => fold(name).startsWith(beginning));
    const named = languages().filter((tag) => tag === beginning || begins(tag));
    return named.length > 0 ? named : exactly(beginning);
  }
}

/** ISO 639-3 knows thousands of languages that CLDR has no names for: they answer to their tag. */
function exactly(text: string): readonly LanguageTag[] {
  try {
    return [parseLanguage(text)];
  } catch {
    return [];
  }
}
