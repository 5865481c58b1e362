import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, Field, ID, Info, ObjectType, Query, Resolver } from "type-graphql";
import { seenListing, seenListings, type Context } from "../context.js";
import { isAsked } from "../listing/asked.api.js";
import { openContacts } from "../listing/contact-point.js";
import { ContactPointObject, ListedObject } from "../listing/listing.api.js";
import { inLanguage, parseId } from "../listing/listing.js";
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
import { enumOf } from "../vocabulary/enum.api.js";
import { DateScalar, LanguageTagScalar } from "../vocabulary/scalars.api.js";
import { LanguageObject, RegionObject, SpecialtyObject } from "../vocabulary/vocabulary.api.js";
import {
  AVAILABILITIES,
  BANDS,
  COMMUNITIES,
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
  type Side,
  type VouchSummary,
} from "./practitioner.js";

export const DepthEnum = enumOf("Depth", DEPTHS, "How deep somebody's practice of a specialty goes.", {
  INTRODUCTORY: "Knows the basics and can introduce others to them.",
  PRACTISED: "Has worked with others on it and can train them.",
  EXPERT: "Knows it thoroughly, hard and unusual cases included.",
});
export const ProficiencyEnum = enumOf("Proficiency", PROFICIENCIES, "How well somebody speaks a language.", {
  BASIC: "Manages simple conversation.",
  WORKING: "Can work in it, if not always with ease.",
  FLUENT: "Works in it with ease.",
  NATIVE: "Grew up with it, or is as much at home in it.",
});
export const LanguageUseEnum = enumOf("LanguageUse", LANGUAGE_USES, "What somebody does in a language.", {
  FACILITATE: "Leads workshops and groups in it.",
  SUPPORT: "Accompanies and advises people in it.",
  WRITE: "Writes materials in it.",
  INTERPRET: "Interprets from it or into it.",
});
export const WorkRelationEnum = enumOf("WorkRelation", WORK_RELATIONS, "How somebody relates to a place.", {
  BASED_IN: "Lives there or works from there. It does not say that they take work there.",
  WORKS_IN: "Takes work there regularly.",
  TRAVELS_TO: "Comes there when asked.",
  REMOTE_TO: "Works with people there from afar.",
});
export const FormatEnum = enumOf("Format", FORMATS, "How somebody works with those they support.", {
  TASTER: "A short first session, to find out whether more would help.",
  WORKSHOP: "Learning and practising together, for some hours or days.",
  TRAINING_OF_TRAINERS: "Preparing people to train others.",
  ACCOMPANIMENT: "Staying with people or an organization through a longer process.",
  FOLLOW_UP: "Coming back after a training to see what has held and what is needed now.",
  AUDIT: "Looking at how an organization works and what to improve.",
  CLINIC: "Open hours for people to come with their own questions and devices.",
  RAPID_RESPONSE: "Help at short notice when something has happened or is about to.",
  RETREAT: "Time away from work to rest and reflect.",
  MENTORING: "Regular guidance for one person in their own practice.",
});
export const DeliveryEnum = enumOf("Delivery", DELIVERIES, "In the same place, or from afar.", {
  IN_PERSON: "In the same place.",
  REMOTE: "From afar: by call, by message or online.",
});
export const PractitionerLevelEnum = enumOf(
  "PractitionerLevel",
  LEVELS,
  "How far somebody has come as a trainer: the steps in which a cadre grows, each building on the one before.",
  {
    MULTIPLIER: "Has been trained, and passes on what they learned to those around them.",
    NATIONAL_TEAM: "Belongs to a team that trains together in its country, still supervised by others.",
    TRAINER: "Trains on their own.",
    MASTER_TRAINER: "Trains trainers and supervises them.",
  },
);
export const AvailabilityStatusEnum = enumOf(
  "AvailabilityStatus",
  AVAILABILITIES,
  "Whether somebody takes new work.",
  {
    ACCEPTING: "Takes new work.",
    WAITLIST: "Has no room at present, and keeps a waiting list.",
    ASSESS_FIRST: "Looks at each request before saying yes or no.",
    NOT_ACCEPTING: "Takes no new work.",
  },
);
export const CostEnum = enumOf("Cost", COSTS, "What the work costs those who ask for it.", {
  PRO_BONO: "Nothing.",
  SLIDING_SCALE: "As much as those who ask can afford.",
  PAID: "A fee.",
  EXPENSES_ONLY: "What it costs to do it, such as travel and a place to stay, and no fee.",
});
export const BandEnum = enumOf(
  "Band",
  BANDS,
  "A count told roughly, so that nobody can be singled out by it. Coverage may have other edges, and says which.",
  {
    NONE: "Nobody.",
    FEW: "1 to 4.",
    SOME: "5 to 19.",
    MANY: "20 or more.",
  },
);

const orNull = "They choose who sees it; null when they have not said or hide it from you.";
const orEmpty = "They choose who sees each one; empty when they have not said or hide them from you.";

@ObjectType("Skill", { description: "A specialty somebody works in. Seen by those they show it to." })
export class SkillObject {
  @Field(() => SpecialtyObject, { simple: true, description: "The kind of work." })
  readonly specialty: SpecialtyObject;
  @Field(() => DepthEnum, {
    nullable: true,
    simple: true,
    description: "How deep their practice goes; null when they have not said.",
  })
  readonly depth: Depth | null;
}

@ObjectType("LanguageSkill", { description: "A language somebody works in. Seen by those they show it to." })
export class LanguageSkillObject {
  @Field(() => LanguageObject, { simple: true, description: "The language." })
  readonly language: LanguageObject;
  @Field(() => ProficiencyEnum, { simple: true, description: "How well they speak it." })
  readonly level: Proficiency;
  @Field(() => [LanguageUseEnum], {
    simple: true,
    description: "What they do in it; empty when they have not said.",
  })
  readonly use: readonly LanguageUse[];
}

@ObjectType("WorkArea", {
  description:
    "A place somebody is based in, works in, travels to or serves from afar. Seen by those they show it to, as precisely as they show it.",
})
export class WorkAreaObject {
  @Field(() => RegionObject, {
    simple: true,
    description: "The place, as precisely as they show it to you: others may see a smaller or a larger one.",
  })
  readonly region: RegionObject;
  @Field(() => WorkRelationEnum, { simple: true, description: "How they relate to it." })
  readonly relation: WorkRelation;
}

@ObjectType("Availability", {
  description: "Whether somebody takes new work, and when. Seen by those they show it to.",
})
export class AvailabilityObject implements Availability {
  @Field(() => AvailabilityStatusEnum, { simple: true, description: "Whether they take new work." })
  readonly status: AvailabilityStatus;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description: "From this day; null when it already holds.",
  })
  readonly from: string | null;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description: "Until this day; null when open-ended.",
  })
  readonly until: string | null;
  @Field(() => DateScalar, {
    simple: true,
    description: "The day they said so, to judge how far it still holds.",
  })
  readonly asOf: string;
}

@ObjectType("VouchSummary", {
  description:
    "How many others stand behind this practitioner, as a band: exact counts draw a map of people. Who they are is told to nobody.",
})
export class VouchSummaryObject implements VouchSummary {
  @Field(() => BandEnum, { simple: true, description: "How many, roughly." })
  readonly band: Band;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description: "The day the newest was given; null when no day is known.",
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
    description:
      "The name they go by for you; never a legal name. Whoever sees the entry sees one, and others may see another.",
  })
  readonly alias: string;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: `How to speak of them. ${orNull}`,
  })
  readonly pronouns: string | null;
  @Field(() => [SkillObject], {
    simple: true,
    description: `The kinds of work they do. ${orEmpty}`,
  })
  readonly specialties: readonly SkillObject[];
  @Field(() => [LanguageSkillObject], {
    simple: true,
    description: `The languages they work in. ${orEmpty}`,
  })
  readonly languages: readonly LanguageSkillObject[];
  @Field(() => [WorkAreaObject], {
    simple: true,
    description: `Where they are based, work, travel to or help from afar. ${orEmpty}`,
  })
  readonly regions: readonly WorkAreaObject[];
  @Field(() => [FormatEnum], {
    simple: true,
    description: `How they work with those they support: workshops, accompaniment, audits and so on. ${orEmpty}`,
  })
  readonly formats: readonly Format[];
  @Field(() => [DeliveryEnum], {
    simple: true,
    description: `In person, remote or both. ${orEmpty}`,
  })
  readonly delivery: readonly Delivery[];
  @Field(() => PractitionerLevelEnum, {
    nullable: true,
    simple: true,
    description: `How far they have come as a trainer, from multiplier to master trainer. ${orNull}`,
  })
  readonly level: PractitionerLevel | null;
  @Field(() => [String], {
    simple: true,
    description: `The defenders they have experience of working with: a competence, and never who they are themselves. Any of ${COMMUNITIES.join(", ")}; the list may grow. ${orEmpty}`,
  })
  readonly communities: readonly Community[];
  @Field(() => Boolean, {
    nullable: true,
    simple: true,
    description: `Whether they come back after a training to follow up. ${orNull}`,
  })
  readonly offersFollowUp: boolean | null;
  @Field(() => Boolean, {
    nullable: true,
    simple: true,
    description: `Whether they lead sessions together with somebody who knows what they do not. ${orNull}`,
  })
  readonly coFacilitates: boolean | null;
  @Field(() => AvailabilityObject, {
    nullable: true,
    simple: true,
    description: `Whether they take new work, from when and until when. ${orNull}`,
  })
  readonly availability: AvailabilityObject | null;
  @Field(() => CostEnum, {
    nullable: true,
    simple: true,
    description: `What their work costs those who ask for it. ${orNull}`,
  })
  readonly cost: Cost | null;
  @Field(() => [SpecialtyObject], {
    simple: true,
    description: `The kinds of work they want to learn, so that people can train each other. ${orEmpty}`,
  })
  readonly seeks: readonly SpecialtyObject[];
  @Field(() => VouchSummaryObject, {
    nullable: true,
    simple: true,
    description:
      "How many others stand behind them, roughly. Seen by partner networks and members of their own; null for everybody else, and when nobody has vouched.",
  })
  readonly vouches: VouchSummaryObject | null;
  @Field(() => Boolean, {
    simple: true,
    description:
      "Whether a referral can reach them. They choose who sees it; false also when they have not said or hide it from you.",
  })
  readonly referable: boolean;

  readonly #context: Context;
  readonly #listing: PractitionerListing;

  constructor(context: Context, listing: PractitionerListing) {
    super(context, listing);
    const { words } = context;
    this.#context = context;
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
    this.referable = listing.referable ?? false;
  }

  @Field(() => String, {
    nullable: true,
    description: `What they say of their work in their own words. ${orNull}`,
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

  @Field(() => [ContactPointObject], {
    simple: true,
    description:
      "How to reach them directly. Shown to members of their own network at most, and only if they choose so; contact points never leave the node. Empty for everybody else, and when they have given none: ask through a referral.",
  })
  get contact(): readonly ContactPointObject[] {
    return openContacts(this.#listing, this.#context.contacts);
  }

  /** Whose entry it is, and what it says of others: for `same-as.api.ts`, which shows what is said on both sides. */
  get side(): Side {
    const { id, network, sameAs = [] } = this.#listing;
    return { id, network, sameAs };
  }

  /** Others of these ids, for whoever sees this one. Each takes a place in one question to the database, there or not. */
  async beside(ids: readonly string[]): Promise<readonly PractitionerObject[]> {
    const listings = await seenListings<PractitionerListing>(this.#context, "practitioner", ids);
    return listings.map((listing) => new PractitionerObject(this.#context, listing));
  }

  @Field(() => [OrganizationObject], {
    simple: true,
    description: `The organizations they work with, those that you may see. ${orEmpty}`,
  })
  get organizations(): ReturnType<typeof seenOrganizations> {
    return seenOrganizations(this.#context, this.#listing.organizations);
  }

  @Field(() => [ResourceObject], {
    simple: true,
    description: `What they teach from or wrote, as far as you may see it. ${orEmpty}`,
  })
  get resources(): ReturnType<typeof seenResources> {
    return seenResources(this.#context, this.#listing.resources);
  }
}

/** Practitioners as this viewer sees them, in the order of the ids. What they link to is read with them, when the question asks for it. */
export async function seenPractitioners(
  context: Context,
  ids: readonly string[],
  info: GraphQLResolveInfo,
): Promise<readonly PractitionerObject[]> {
  const links = linksAsked(info);
  await context.listings.read(ids, links);
  const listings = await seenListings<PractitionerListing>(context, "practitioner", ids);
  await context.listings.read(listings.flatMap(links));
  return listings.map((listing) => new PractitionerObject(context, listing));
}

/** Where a listing leads to, as far as the question asks for it. */
function linksAsked(info: GraphQLResolveInfo): (listing: Partial<PractitionerListing>) => readonly string[] {
  const asked = (["organizations", "resources"] as const).filter((link) => isAsked(info, link));
  return (listing) => asked.flatMap((link) => listing[link] ?? []);
}

/** The entry that took the place of one that this viewer does not see, as far as both say so to them; null when there is none. */
export type FollowMove = (context: Context, id: string) => Promise<PractitionerListing | null>;

@Resolver(() => PractitionerObject)
export class PractitionerResolver {
  constructor(private readonly follow: FollowMove) {}

  @Query(() => PractitionerObject, {
    nullable: true,
    description:
      "One practitioner; null, with the error NOT_FOUND, when there is none with this id or none that this viewer may see. Asked for by the id of an entry that moved to another network, it is the new one, with its own id, where both networks say so.",
  })
  async practitioner(
    @Arg("id", () => ID, { description: "As the node gave it." }) id: string,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<PractitionerObject> {
    const [seen] = await seenListings<PractitionerListing>(context, "practitioner", [parseId(id, ["id"])]);
    const moved = seen === undefined ? await this.follow(context, id.toLowerCase()) : null;
    const listing = seen ?? moved ?? (await seenListing<PractitionerListing>(context, "practitioner", id));
    await context.listings.read(linksAsked(info)(listing));
    return new PractitionerObject(context, listing);
  }
}
