import { Arg, Field, Float, InputType, Int, ObjectType, Query, Resolver } from "type-graphql";
import { badInput } from "../errors.js";
import type { Band } from "../practitioners/practitioner.js";
import { BandEnum } from "../practitioners/practitioner.api.js";
import { enumOf } from "../vocabulary/enum.api.js";
import type { RegionKind } from "../vocabulary/region.js";
import {
  DateScalar,
  LanguageTagScalar,
  RegionCodeScalar,
  SpecialtyCodeScalar,
} from "../vocabulary/scalars.api.js";
import {
  LanguageObject,
  RegionKindEnum,
  RegionObject,
  SpecialtyObject,
  type Words,
} from "../vocabulary/vocabulary.api.js";
import { COVERAGE_AXES, cellsAsked, nothingYet, type Asked, type CoverageAxis } from "./asked.js";
import type { Epochs } from "./coverage.store.js";
import { ALL } from "./cube.js";
import { gapsAmong, whyOf, type Gap } from "./gaps.js";
import type { CellTold, Published } from "./published.js";

const CoverageAxisEnum = enumOf(
  "CoverageAxis",
  COVERAGE_AXES,
  "What coverage is told by. Nobody can ask for another cut than the network has declared.",
  {
    SPECIALTY: "Kinds of work, down to the depth that the network counts.",
    REGION: "Countries, or M49 areas.",
    LANGUAGE:
      "Languages that ten thousand people speak in some country (Unicode CLDR), and those in public use here.",
  },
);

/** What is meant when the question does not say, or says null. */
const LEVEL = "COUNTRY";
const DEPTH = 1;
const GAPS = 20;
const MOST_GAPS = 100;

@InputType("CoverageWhere", {
  description:
    "Which cells of the declared cube to answer. It chooses among cells that are published anyway, and never makes another.",
})
export class CoverageWhereInput {
  @Field(() => [SpecialtyCodeScalar], {
    nullable: true,
    description: "Only these, or what is in them at specialtyDepth; all when not given.",
  })
  readonly specialties?: readonly string[] | null;
  @Field(() => [RegionCodeScalar], {
    nullable: true,
    description: "Only what lies in these: countries, M49 areas or groupings; all when not given.",
  })
  readonly regions?: readonly string[] | null;
  @Field(() => [LanguageTagScalar], {
    nullable: true,
    description:
      "Only these. When not given, of each region those spoken there and those of which there is something to tell.",
  })
  readonly languages?: readonly string[] | null;
  @Field(() => RegionKindEnum, {
    nullable: true,
    defaultValue: LEVEL,
    description: "COUNTRY or AREA. Null means COUNTRY.",
  })
  readonly regionLevel?: RegionKind | null;
  @Field(() => Int, {
    nullable: true,
    defaultValue: DEPTH,
    description: "1 for the four roots, 2 for what is directly below them, and so on. Null means 1.",
  })
  readonly specialtyDepth?: number | null;
}

@ObjectType("CoverageCell", {
  description:
    "How well one place is served, in bands of the epoch. Everybody sees the same. On the day of the epoch a band is at most two people behind.",
})
class CoverageCellObject {
  constructor(words: Words, cell: CellTold) {
    const { specialty, region, language, there, afar, resources, needs, mayBeNone } = cell;
    this.specialty = specialty === ALL ? null : words.specialty(specialty);
    this.region = region === ALL ? null : words.region(region);
    this.language = language === ALL ? null : words.language(language);
    this.practitioners = there;
    this.remote = afar;
    this.resources = resources;
    this.unmetNeeds = needs;
    this.mayBeNone = mayBeNone;
  }

  @Field(() => SpecialtyObject, {
    nullable: true,
    simple: true,
    description: "The kind of work, with everything narrower; null for any.",
  })
  readonly specialty: SpecialtyObject | null;
  @Field(() => RegionObject, {
    nullable: true,
    simple: true,
    description: "The place; of an area, whoever serves any part of it counts. Null for anywhere.",
  })
  readonly region: RegionObject | null;
  @Field(() => LanguageObject, {
    nullable: true,
    simple: true,
    description: "The language, spoken well enough to work in; null for any.",
  })
  readonly language: LanguageObject | null;
  @Field(() => BandEnum, {
    simple: true,
    description:
      "Practitioners of this network who work there or come there. People who are not in public listings are told of only if they want it, where at least three are, and apart from the others.",
  })
  readonly practitioners: Band;
  @Field(() => BandEnum, {
    simple: true,
    description: "Practitioners who work with people there from afar. They may be among those who come.",
  })
  readonly remote: Band;
  @Field(() => BandEnum, {
    simple: true,
    description:
      "Public resources of this network whose text really is in the language; one that names no region is for everywhere.",
  })
  readonly resources: Band;
  @Field(() => BandEnum, {
    simple: true,
    description:
      "How many have searched in vain since the epoch before, among those who see what everybody sees: of the root of this specialty, in the M49 area around. At least three, and by a secret margin more, before it is told.",
  })
  readonly unmetNeeds: Band;
  @Field(() => Boolean, {
    simple: true,
    description:
      "Whether FEW may be nobody as well, of practitioners and remote: where the difference is dangerous, the network does not tell it.",
  })
  readonly mayBeNone: boolean;
}

@ObjectType("CoverageGap", {
  description:
    "A cell that nobody or few serve, and why it matters. Worked out from what is published alone.",
})
class CoverageGapObject {
  readonly #published: Published;
  readonly #gap: Gap;

  constructor(words: Words, published: Published, gap: Gap) {
    this.#published = published;
    this.#gap = gap;
    this.cell = new CoverageCellObject(words, gap.cell);
    this.weight = gap.weight;
    this.people = gap.people;
  }

  @Field(() => CoverageCellObject, { simple: true, description: "The cell." })
  readonly cell: CoverageCellObject;
  @Field(() => Float, {
    simple: true,
    description:
      "How much it matters: the powers of ten of the people it is about, times how far the nearest help is (0.25 here, 0.5 in the area, 0.75 from afar, 1 nowhere), with what was sought in vain added to that.",
  })
  readonly weight: number;
  @Field(() => Int, {
    nullable: true,
    simple: true,
    description:
      "About how many people live there, or speak the language there (Unicode CLDR); null when that is not known.",
  })
  readonly people: number | null;

  @Field(() => String, { description: "Why, in a few sentences that name the source of their numbers." })
  why(
    @Arg("in", () => LanguageTagScalar, {
      nullable: true,
      description: "The language wanted; else English.",
    })
    locale?: string,
  ): string {
    return whyOf(this.#published, this.#gap, locale ?? "en");
  }
}

@ObjectType("CoverageReport", {
  description:
    "How well people and places are served, as it was published last: bands throughout, totals too, of the people of this network alone. Ask other networks for theirs. Everybody sees the same.",
})
class CoverageReportObject {
  readonly #words: Words;
  readonly #published: Published;
  readonly #cells: readonly CellTold[];

  constructor(words: Words, published: Published, cells: readonly CellTold[]) {
    this.#words = words;
    this.#published = published;
    this.#cells = cells;
    const { day, next, edges } = published.epoch;
    this.epoch = day;
    this.next = next;
    this.someFrom = edges.some;
    this.manyFrom = edges.many;
  }

  @Field(() => DateScalar, {
    simple: true,
    description: "The day it was published. What happens later shows in the next epoch.",
  })
  readonly epoch: string;
  @Field(() => DateScalar, { simple: true, description: "The day from which on the next is published." })
  readonly next: string;
  @Field(() => Int, {
    simple: true,
    description:
      "From about how many on a band is SOME. The public, and people whom only members see, are banded apart, and a band is the higher of the two: FEW does not say how many at most.",
  })
  readonly someFrom: number;
  @Field(() => Int, { simple: true, description: "From about how many on a band is MANY." })
  readonly manyFrom: number;

  @Field(() => [CoverageCellObject], {
    description: "The cells asked for, those that are NONE too: by region, then specialty, then language.",
  })
  cells(): readonly CoverageCellObject[] {
    return this.#cells.map((cell) => new CoverageCellObject(this.#words, cell));
  }

  @Field(() => [CoverageGapObject], {
    description:
      "Those of the cells that nobody or few serve, what matters most first; empty when there are none.",
  })
  gaps(
    @Arg("first", () => Int, {
      nullable: true,
      defaultValue: GAPS,
      description: `How many, from 0 to ${MOST_GAPS}. Null means ${GAPS}.`,
    })
    first: number | null,
  ): readonly CoverageGapObject[] {
    const wanted = first ?? GAPS;
    if (wanted < 0 || wanted > MOST_GAPS) throw badInput(`first: from 0 to ${MOST_GAPS} gaps.`, ["first"]);
    return gapsAmong(this.#published, this.#cells)
      .slice(0, wanted)
      .map((gap) => new CoverageGapObject(this.#words, this.#published, gap));
  }
}

@Resolver()
export class CoverageResolver {
  constructor(
    private readonly epochs: Epochs,
    private readonly words: Words,
  ) {}

  @Query(() => CoverageReportObject, {
    description:
      "How well people and places are served: banded counts for a declared cube, published a few times a year, never exact numbers. Everybody may ask. At most 2000 cells; NOT_FOUND before the first epoch.",
  })
  async coverage(
    @Arg("by", () => [CoverageAxisEnum], { description: "By what to tell it; one axis at least." })
    by: readonly CoverageAxis[],
    @Arg("where", () => CoverageWhereInput, {
      nullable: true,
      description: "Which cells; all of these axes when not given.",
    })
    where?: CoverageWhereInput | null,
  ): Promise<CoverageReportObject> {
    const published = await this.epochs.current();
    if (published === null) throw nothingYet();
    return new CoverageReportObject(this.words, published, cellsAsked(published, asAsked(by, where ?? {})));
  }
}

function asAsked(by: readonly CoverageAxis[], where: CoverageWhereInput): Asked {
  return {
    by,
    specialties: where.specialties ?? null,
    regions: where.regions ?? null,
    languages: where.languages ?? null,
    regionLevel: where.regionLevel ?? LEVEL,
    specialtyDepth: where.specialtyDepth ?? DEPTH,
  };
}
