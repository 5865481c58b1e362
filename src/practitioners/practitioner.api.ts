import { Arg, Ctx, Field, FieldResolver, ID, ObjectType, Query, Resolver, Root } from "type-graphql";
import { seenListing, seenListings, type Context } from "../context.js";
import { ContactPointObject, ListedObject, enumOf } from "../listing/listing.api.js";
import { inLanguage } from "../listing/listing.js";
import {
  DEPTHS,
  LANGUAGE_USES,
  PROFICIENCIES,
  WORK_RELATIONS,
  type Depth,
  type LanguageUse,
  type Proficiency,
  type WorkRelation,
} from "../listing/tag.js";
import { OrganizationObject, seenOrganizations } from "../organizations/organization.api.js";
import { ResourceObject, seenResources } from "../resources/resource.api.js";
import { DateScalar, LanguageTagScalar } from "../vocabulary/scalars.api.js";
import { LanguageObject, RegionObject, SpecialtyObject } from "../vocabulary/vocabulary.api.js";
import {
  AVAILABILITIES,
  BANDS,
  COSTS,
  DELIVERIES,
  FORMATS,
  LEVELS,
  type Availability,
  type AvailabilityStatus,
  type Band,
  type Community,
  type Cost,
  type Delivery,
  type Format,
  type PractitionerLevel,
  type PractitionerListing,
  type VouchSummary,
} from "./practitioner.js";

export const DepthEnum = enumOf("Depth", DEPTHS, "How deep somebody's practice of a specialty goes.");
export const ProficiencyEnum = enumOf("Proficiency", PROFICIENCIES, "How well somebody speaks a language.");
export const LanguageUseEnum = enumOf("LanguageUse", LANGUAGE_USES, "What somebody does in a language.");
export const WorkRelationEnum = enumOf("WorkRelation", WORK_RELATIONS, "How somebody relates to a place.");
export const FormatEnum = enumOf("Format", FORMATS, "How somebody works with those they support.");
export const DeliveryEnum = enumOf("Delivery", DELIVERIES, "In the same place, or from afar.");
export const PractitionerLevelEnum = enumOf(
  "PractitionerLevel",
  LEVELS,
  "How far somebody has come as a trainer, from multiplier to master trainer.",
);
const AvailabilityStatusEnum = enumOf(
  "AvailabilityStatus",
  AVAILABILITIES,
  "Whether somebody takes new work.",
);
export const CostEnum = enumOf("Cost", COSTS, "What the work costs those who ask for it.");
const BandEnum = enumOf("Band", BANDS, "A count told roughly: none, 1 to 4, 5 to 19, 20 or more.");

const hidden = "or when it is hidden from you";

@ObjectType("Skill", { description: "A specialty somebody works in." })
export class SkillObject {
  @Field(() => SpecialtyObject, { simple: true, description: "The kind of work." })
  readonly specialty: SpecialtyObject;
  @Field(() => DepthEnum, {
    nullable: true,
    simple: true,
    description: "How deep the practice goes; null when not said.",
  })
  readonly depth: Depth | null;
}

@ObjectType("LanguageSkill", { description: "A language somebody works in." })
export class LanguageSkillObject {
  @Field(() => LanguageObject, { simple: true, description: "The language." })
  readonly language: LanguageObject;
  @Field(() => ProficiencyEnum, { simple: true, description: "How well they speak it." })
  readonly level: Proficiency;
  @Field(() => [LanguageUseEnum], { simple: true, description: "What they do in it; empty when not said." })
  readonly use: readonly LanguageUse[];
}

@ObjectType("WorkArea", {
  description: "A place somebody is based in, works in, travels to or serves from afar.",
})
export class WorkAreaObject {
  @Field(() => RegionObject, { simple: true, description: "The place, as precisely as they show it to you." })
  readonly region: RegionObject;
  @Field(() => WorkRelationEnum, { simple: true, description: "How they relate to it." })
  readonly relation: WorkRelation;
}

@ObjectType("Availability", { description: "Whether somebody takes new work, and when." })
export class AvailabilityObject implements Availability {
  @Field(() => AvailabilityStatusEnum, { simple: true, description: "Whether they take new work." })
  readonly status: AvailabilityStatus;
  @Field(() => DateScalar, { nullable: true, simple: true, description: "From this day; null when at once." })
  readonly from: string | null;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description: "Until this day; null when open-ended.",
  })
  readonly until: string | null;
  @Field(() => DateScalar, { simple: true, description: "The day they said so." })
  readonly asOf: string;
}

@ObjectType("VouchSummary", {
  description:
    "How many others stand behind this practitioner, as a band: exact counts draw a map of people.",
})
export class VouchSummaryObject implements VouchSummary {
  @Field(() => BandEnum, { simple: true, description: "How many, roughly." })
  readonly band: Band;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description: "The day of the newest; null when not known.",
  })
  readonly latest: string | null;
}

@ObjectType("Practitioner", {
  implements: ListedObject,
  description:
    "Someone who trains, accompanies or advises human rights defenders. Shows what the viewer may see, and nothing that tells what is withheld.",
})
export class PractitionerObject extends ListedObject {
  @Field(() => String, {
    simple: true,
    description: "The name they chose for this audience; never a legal name.",
  })
  readonly alias: string;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: `How to speak of them; null when not said ${hidden}.`,
  })
  readonly pronouns: string | null;
  @Field(() => [SkillObject], {
    simple: true,
    description: `What they work in; empty when not said ${hidden}.`,
  })
  readonly specialties: readonly SkillObject[];
  @Field(() => [LanguageSkillObject], {
    simple: true,
    description: `Languages they work in; empty when not said ${hidden}.`,
  })
  readonly languages: readonly LanguageSkillObject[];
  @Field(() => [WorkAreaObject], {
    simple: true,
    description: `Where they work; empty when not said ${hidden}.`,
  })
  readonly regions: readonly WorkAreaObject[];
  @Field(() => [FormatEnum], { simple: true, description: `How they work; empty when not said ${hidden}.` })
  readonly formats: readonly Format[];
  @Field(() => [DeliveryEnum], {
    simple: true,
    description: `In person, remote or both; empty when not said ${hidden}.`,
  })
  readonly delivery: readonly Delivery[];
  @Field(() => PractitionerLevelEnum, {
    nullable: true,
    simple: true,
    description: `Null when not said ${hidden}.`,
  })
  readonly level: PractitionerLevel | null;
  @Field(() => [String], {
    simple: true,
    description: `Defenders they have experience with; empty when not said ${hidden}.`,
  })
  readonly communities: readonly Community[];
  @Field(() => Boolean, {
    nullable: true,
    simple: true,
    description: `Whether they stay for follow-up; null when not said ${hidden}.`,
  })
  readonly offersFollowUp: boolean | null;
  @Field(() => Boolean, {
    nullable: true,
    simple: true,
    description: `Whether they work together with others; null when not said ${hidden}.`,
  })
  readonly coFacilitates: boolean | null;
  @Field(() => AvailabilityObject, {
    nullable: true,
    simple: true,
    description: `Null when not said ${hidden}.`,
  })
  readonly availability: AvailabilityObject | null;
  @Field(() => CostEnum, { nullable: true, simple: true, description: `Null when not said ${hidden}.` })
  readonly cost: Cost | null;
  @Field(() => [SpecialtyObject], {
    simple: true,
    description: `What they want to learn; empty when not said ${hidden}.`,
  })
  readonly seeks: readonly SpecialtyObject[];
  @Field(() => VouchSummaryObject, {
    nullable: true,
    simple: true,
    description: `Null when nobody has vouched ${hidden}.`,
  })
  readonly vouches: VouchSummaryObject | null;
  @Field(() => [ContactPointObject], {
    simple: true,
    description: "Empty for most viewers: ask through a referral. Contact points never leave the node.",
  })
  readonly contact: readonly ContactPointObject[];
  @Field(() => Boolean, {
    simple: true,
    description: `Whether a referral can reach them; false also ${hidden}.`,
  })
  readonly referable: boolean;

  readonly #listing: PractitionerListing;

  constructor(context: Context, listing: PractitionerListing) {
    super(context, listing);
    const { words } = context;
    this.#listing = listing;
    this.alias = listing.alias;
    this.pronouns = listing.pronouns;
    this.specialties = listing.specialties.map(({ specialty, depth }) => ({
      specialty: words.specialty(specialty),
      depth,
    }));
    this.languages = listing.languages.map(({ language, level, use }) => ({
      language: words.language(language),
      level,
      use,
    }));
    this.regions = listing.regions.map(({ region, relation }) => ({
      region: words.region(region),
      relation,
    }));
    this.formats = listing.formats;
    this.delivery = listing.delivery;
    this.level = listing.level;
    this.communities = listing.communities;
    this.offersFollowUp = listing.offersFollowUp;
    this.coFacilitates = listing.coFacilitates;
    this.availability = listing.availability;
    this.cost = listing.cost;
    this.seeks = listing.seeks.map((code) => words.specialty(code));
    this.vouches = listing.vouches;
    this.contact = listing.contact;
    this.referable = listing.referable ?? false;
  }

  @Field(() => String, {
    nullable: true,
    description: `What they say of their work; null when not said ${hidden}.`,
  })
  about(
    @Arg("in", () => LanguageTagScalar, {
      nullable: true,
      description: "The language wanted; else English, else any.",
    })
    locale?: string,
  ): string | null {
    return inLanguage(this.#listing.about, locale ?? null);
  }

  linkedOrganizations(): readonly string[] {
    return this.#listing.organizations;
  }

  linkedResources(): readonly string[] {
    return this.#listing.resources;
  }
}

/** Practitioners as this viewer sees them, in the order of the ids. */
export async function seenPractitioners(
  context: Context,
  ids: readonly string[],
): Promise<readonly PractitionerObject[]> {
  const listings = await seenListings<PractitionerListing>(context, "practitioner", ids);
  return listings.map((listing) => new PractitionerObject(context, listing));
}

@Resolver(() => PractitionerObject)
export class PractitionerResolver {
  @Query(() => PractitionerObject, {
    nullable: true,
    description:
      "One practitioner; NOT_FOUND when there is none with this id, or none that this viewer may see.",
  })
  async practitioner(
    @Arg("id", () => ID, { description: "As the node gave it." }) id: string,
    @Ctx() context: Context,
  ): Promise<PractitionerObject> {
    return new PractitionerObject(
      context,
      await seenListing<PractitionerListing>(context, "practitioner", id),
    );
  }

  @FieldResolver(() => [OrganizationObject], {
    description: `Whom they work with; empty when not said ${hidden}.`,
  })
  organizations(
    @Root() person: PractitionerObject,
    @Ctx() context: Context,
  ): Promise<readonly OrganizationObject[]> {
    return seenOrganizations(context, person.linkedOrganizations());
  }

  @FieldResolver(() => [ResourceObject], {
    description: `What they teach from or wrote; empty when not said ${hidden}.`,
  })
  resources(@Root() person: PractitionerObject, @Ctx() context: Context): Promise<readonly ResourceObject[]> {
    return seenResources(context, person.linkedResources());
  }
}
