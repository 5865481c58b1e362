import type { Localized } from "../src/listing/listing.js";
import { DEPTHS, LANGUAGE_USES, PROFICIENCIES, type WorkRelation } from "../src/listing/tag.js";
import { ORGANIZATION_ROLES, type Organization } from "../src/organizations/organization.js";
import {
  AVAILABILITIES,
  COMMUNITIES,
  COSTS,
  DELIVERIES,
  FORMATS,
  LEVELS,
  practitionerPolicy,
  type Practitioner,
} from "../src/practitioners/practitioner.js";
import { RESOURCE_KINDS, STAGES, type Resource } from "../src/resources/resource.js";
import { narrower, type Audience } from "../src/visibility/audience.js";
import { audienceByDefault, type Fact, type FieldPolicy } from "../src/visibility/project.js";
import { languages } from "../src/vocabulary/language.js";
import type { RegionCode } from "../src/vocabulary/region.js";
import type { Vocabulary } from "../src/vocabulary/vocabulary.js";
import { PseudoText, TEXT_LANGUAGES, type TextLanguage } from "./pseudo-text.js";
import { below, oneOf, oneOrMore, randomFor, several, shuffled, uuid, zipf, type Random } from "./random.js";

const ORGANIZATIONS = 400;
const RESOURCES = 600;
const LANGUAGES = 180;
const SPOKEN_WIDELY = ["en", "es", "fr", "ar", "pt", "ru", "sw", "hi", "id", "fa", "uk", "es-MX", "pt-BR"];

type Choose<T> = (random: Random) => T;
type WorkArea = Practitioner["facts"]["regions"][number]["value"];

/** Who is in an invented directory. Everything is drawn from the seed; record i is the same however many are made. */
export class Generator {
  readonly text: PseudoText;
  readonly #country: Choose<RegionCode>;
  readonly #specialty: Choose<string>;
  readonly #language: Choose<string>;
  readonly #homeLanguage = new Map<RegionCode, string>();
  readonly #organization: Choose<string>;
  readonly #resource: Choose<string>;
  readonly #organizationIds: readonly string[];
  readonly #resourceIds: readonly string[];

  constructor(
    readonly seed: number,
    readonly vocabulary: Vocabulary,
  ) {
    const random = randomFor(seed, "directory");
    const { regions, specialties } = vocabulary;
    this.text = new PseudoText(seed);
    const countries = shuffled(
      random,
      regions.all.filter((code) => regions.kind(code) === "COUNTRY"),
    );
    const others = shuffled(random, languages()).filter((tag) => !SPOKEN_WIDELY.includes(tag));
    this.#country = zipf(countries, 1);
    this.#specialty = zipf(
      shuffled(
        random,
        specialties.all.map(({ code }) => code),
      ),
      0.8,
    );
    this.#language = zipf([...SPOKEN_WIDELY, ...others].slice(0, LANGUAGES), 1.2);
    for (const country of countries) this.#homeLanguage.set(country, this.#language(random));
    this.#organizationIds = Array.from({ length: ORGANIZATIONS }, () => uuid(random));
    this.#resourceIds = Array.from({ length: RESOURCES }, () => uuid(random));
    this.#organization = zipf(this.#organizationIds, 0.7);
    this.#resource = zipf(this.#resourceIds, 0.7);
  }

  practitioner(number: number): Practitioner {
    const random = randomFor(this.seed, `practitioner ${number}`);
    const audience = entryAudience(random);
    const said = new Sayer(random, audience);
    const home = this.#country(random);
    return {
      id: uuid(random),
      state: "LISTED",
      audience,
      verified: random() < 0.6 ? day(random) : null,
      facts: {
        ...this.#work(random, said, home),
        ...this.#manner(random, said),
        ...this.#links(random, said),
      },
    };
  }

  organizations(): readonly Organization[] {
    const random = randomFor(this.seed, "organizations");
    return this.#organizationIds.map((id) => ({
      id,
      audience: random() < 0.8 ? "PUBLIC" : "PARTNERS",
      verified: random() < 0.5 ? day(random) : null,
      facts: {
        name: this.#name(random, 3),
        summary: this.#localized(random, oneOf(random, TEXT_LANGUAGES)),
        roles: several(random, oneOrMore(random, 0.3, 3), (from) => oneOf(from, ORGANIZATION_ROLES)),
        specialties: several(random, oneOrMore(random, 0.5), this.#specialty),
        languages: several(random, oneOrMore(random, 0.4), this.#language),
        regions: several(random, oneOrMore(random, 0.4), this.#country),
        acceptsUrgentRequests: random() < 0.5 ? random() < 0.5 : null,
        website: null,
        contact: [],
      },
    }));
  }

  resources(): readonly Resource[] {
    const random = randomFor(this.seed, "resources");
    return this.#resourceIds.map((id) => ({
      id,
      audience: random() < 0.9 ? "PUBLIC" : "MEMBERS",
      verified: null,
      facts: {
        kind: oneOf(random, RESOURCE_KINDS),
        title: { [oneOf(random, TEXT_LANGUAGES)]: this.#name(random, 4) },
        summary: this.#localized(random, oneOf(random, TEXT_LANGUAGES)),
        url: null,
        authors: [this.#name(random, 2)],
        publisher: null,
        published: null,
        license: random() < 0.7 ? "CC-BY-SA-4.0" : null,
        languages: [{ language: this.#language(random), url: null, stale: false }],
        specialties: several(random, oneOrMore(random, 0.4), this.#specialty),
        regions: [],
        stages: several(random, below(random, 3), (from) => oneOf(from, STAGES)),
        minutes: random() < 0.5 ? { min: 15 * (1 + below(random, 8)), max: null } : null,
        materials: [],
        prerequisites: [],
        partOf: [],
        status: "PUBLISHED",
      },
    }));
  }

  /** What they do, where and in which languages. */
  #work(random: Random, said: Sayer, home: RegionCode) {
    const policy = practitionerPolicy;
    const speaks = this.#languagesOf(random, home);
    return {
      alias: { value: this.#name(random, 2), audience: said.entry },
      about:
        random() < 0.85
          ? said.about(policy.about, this.#localized(random, textLanguageOf(random, speaks)))
          : null,
      pronouns: null,
      specialties: several(random, oneOrMore(random, 0.5), this.#specialty).map((specialty) =>
        said.fact(policy.specialties, {
          specialty,
          depth: random() < 0.6 ? oneOf(random, DEPTHS) : null,
        }),
      ),
      languages: speaks.map((language) =>
        said.fact(policy.languages, {
          language,
          level: oneOf(random, PROFICIENCIES),
          use:
            random() < 0.7
              ? several(random, oneOrMore(random, 0.3, 3), (from) => oneOf(from, LANGUAGE_USES))
              : [],
        }),
      ),
      regions: this.#regionsOf(random, said, home),
      communities: several(random, below(random, 3), (from) => oneOf(from, COMMUNITIES)).map((community) =>
        said.fact(policy.communities, community),
      ),
      seeks: [],
    };
  }

  #manner(random: Random, said: Sayer) {
    const policy = practitionerPolicy;
    const maybe = <T>(chance: number, of: FieldPolicy<T>, value: T): Fact<T> | null =>
      random() < chance ? said.fact(of, value) : null;
    return {
      formats: several(random, oneOrMore(random, 0.5, 4), (from) => oneOf(from, FORMATS)).map((format) =>
        said.fact(policy.formats, format),
      ),
      delivery: several(random, oneOrMore(random, 0.4, 2), (from) => oneOf(from, DELIVERIES)).map(
        (delivery) => said.fact(policy.delivery, delivery),
      ),
      level: maybe(0.7, policy.level, oneOf(random, LEVELS)),
      offersFollowUp: maybe(0.7, policy.offersFollowUp, random() < 0.6),
      coFacilitates: maybe(0.6, policy.coFacilitates, random() < 0.7),
      availability: maybe(0.5, policy.availability, {
        status: oneOf(random, AVAILABILITIES),
        from: null,
        until: null,
        asOf: day(random),
      }),
      cost: maybe(0.6, policy.cost, oneOf(random, COSTS)),
      vouches: null,
      contact: [],
      referable: maybe(0.8, policy.referable, true),
      sameAs: [],
      movedFrom: null,
    };
  }

  /** Half of those who link to somebody say so to everyone who sees them. */
  #links(random: Random, said: Sayer) {
    const link = (policy: FieldPolicy<string>, ids: readonly string[]): readonly Fact<string>[] => {
      const open = random() < 0.5;
      return ids.map((id) => (open ? { value: id, audience: said.entry } : said.fact(policy, id)));
    };
    const organizations =
      random() < 0.45 ? several(random, oneOrMore(random, 0.3, 3), this.#organization) : [];
    const resources = random() < 0.4 ? several(random, oneOrMore(random, 0.3, 3), this.#resource) : [];
    return {
      organizations: link(practitionerPolicy.organizations, organizations),
      resources: link(practitionerPolicy.resources, resources),
    };
  }

  #languagesOf(random: Random, home: RegionCode): readonly string[] {
    const own = this.#homeLanguage.get(home);
    const chosen = several(random, oneOrMore(random, 0.42, 5), this.#language);
    return own !== undefined && random() < 0.6 ? [...new Set([own, ...chosen.slice(1)])] : chosen;
  }

  /** No two of them contain each other, so that no two become one on a ladder. */
  #regionsOf(random: Random, said: Sayer, home: RegionCode): readonly Fact<WorkArea>[] {
    const more = several(random, oneOrMore(random, 0.3, 4) - 1, this.#country).filter((one) => one !== home);
    const first = this.#placeOf(random, home);
    const relations: readonly WorkRelation[] = ["WORKS_IN", "WORKS_IN", "TRAVELS_TO", "REMOTE_TO"];
    const served: readonly WorkArea[] = [
      { region: first, relation: "WORKS_IN" },
      ...more.map((region) => ({ region, relation: oneOf(random, relations) })),
    ];
    const alone = served.length === 1 && random() < 0.2;
    const based: readonly WorkArea[] = random() < 0.3 ? [{ region: home, relation: "BASED_IN" }] : [];
    return [
      ...served.map((area) =>
        alone ? this.#laddered(said, area) : said.fact(practitionerPolicy.regions, area),
      ),
      ...based.map((area) => said.fact(practitionerPolicy.regions, area)),
    ];
  }

  /** Mostly the country itself, else a part of it, an area around it, or the world. */
  #placeOf(random: Random, home: RegionCode): RegionCode {
    const { regions } = this.vocabulary;
    const draw = random();
    if (draw < 0.65) return home;
    if (draw < 0.85) return oneOf(random, [home, ...regions.contains(home)]);
    const around = regions.withSurrounding(home).filter((code) => code !== home && code !== "001");
    return draw < 0.985 && around.length > 0 ? oneOf(random, around) : ("001" as RegionCode);
  }

  /** The place itself for members, what is around it for partners, and what is around that for everybody. */
  #laddered(said: Sayer, { region, relation }: WorkArea): Fact<WorkArea> {
    const { regions } = this.vocabulary;
    const around = regions.withSurrounding(region as RegionCode).slice(1, 3);
    const audiences: readonly Audience[] = ["PARTNERS", "PUBLIC"];
    return {
      value: { region, relation },
      audience: narrower(said.entry, "MEMBERS"),
      ladder: around.map((wider, at) => ({
        value: { region: wider, relation },
        audience: audiences[at] ?? "PUBLIC",
      })),
    };
  }

  #localized(random: Random, language: TextLanguage): Localized {
    return { [language]: this.text.write(random, language) };
  }

  #name(random: Random, length: number): string {
    const language = oneOf(random, TEXT_LANGUAGES);
    const parts = Array.from({ length }, () => this.text.word(random, language));
    return parts.map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`).join(" ");
  }
}

/** Gives facts their audiences: the one the field has by default, and for one in ten a narrower one. */
class Sayer {
  constructor(
    readonly random: Random,
    readonly entry: Audience,
  ) {}

  fact<T>(policy: FieldPolicy<T>, value: T): Fact<T> {
    const audience = audienceByDefault(policy, this.entry, value);
    if (this.random() >= 0.1) return { value, audience };
    return { value, audience: narrower(audience, oneOf(this.random, ["PARTNERS", "MEMBERS", "PRIVATE"])) };
  }

  /** Texts are for partners by default; here most people let everyone read theirs, so that there is something to search. */
  about(policy: FieldPolicy<Localized>, value: Localized): Fact<Localized> {
    return this.random() < 0.75 ? { value, audience: this.entry } : this.fact(policy, value);
  }
}

function entryAudience(random: Random): Audience {
  const draw = random();
  if (draw < 0.7) return "PUBLIC";
  return draw < 0.85 ? "PARTNERS" : "MEMBERS";
}

function textLanguageOf(random: Random, speaks: readonly string[]): TextLanguage {
  return TEXT_LANGUAGES.find((language) => speaks.includes(language)) ?? oneOf(random, TEXT_LANGUAGES);
}

function day(random: Random): string {
  return new Date(Date.UTC(2024, 0, 1 + below(random, 690))).toISOString().slice(0, 10);
}
