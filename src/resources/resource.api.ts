import { Arg, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from "type-graphql";
import { seenListing, seenListings, type Context } from "../context.js";
import { ListedObject } from "../listing/listing.api.js";
import { inLanguage } from "../listing/listing.js";
import { enumOf } from "../vocabulary/enum.api.js";
import { LanguageTagScalar, URLScalar } from "../vocabulary/scalars.api.js";
import { LanguageObject, RegionObject, SpecialtyObject, type Words } from "../vocabulary/vocabulary.api.js";
import {
  RESOURCE_KINDS,
  RESOURCE_STATUSES,
  STAGES,
  type ResourceKind,
  type ResourceListing,
  type ResourceStatus,
  type Stage,
} from "./resource.js";

export const ResourceKindEnum = enumOf("ResourceKind", RESOURCE_KINDS, "What a resource is.", {
  SESSION: "Something to do together in one sitting.",
  MODULE: "Several sessions on one subject.",
  CURRICULUM: "A whole course: modules and sessions in an order that makes sense.",
  GUIDE: "Something to read and to look things up in.",
  PLAN_TEMPLATE: "A plan to fill in: what to reach, by when; a plan has an end.",
  PROTOCOL_TEMPLATE: "A protocol to adapt: what to do whenever something happens; a protocol continues.",
  TOOL: "Software or a device to work with.",
  TOOL_REVIEW: "What somebody found out about a tool, and whom it suits.",
  RECORDING: "Sound or video to listen to or to watch.",
  FUND: "Money that defenders or their organizations can apply for.",
  RETREAT: "A place and time to rest that defenders can apply for.",
  REPORT: "What was found out and written down about a situation or a practice.",
});
export const StageEnum = enumOf(
  "Stage",
  STAGES,
  "A stage of a session by ADIDS, which lets adults learn from what they already know: activity, discussion, input, deepening, synthesis.",
  {
    ACTIVITY: "Opens the subject by doing something together.",
    DISCUSSION: "Talks about what the activity brought up, and ties it to the participants' own lives.",
    INPUT: "Tells what participants need to know, as a talk or a demonstration.",
    DEEPENING: "Practises with one's own hands what the input told.",
    SYNTHESIS: "Looks back together at what was learned and what comes next.",
  },
);
export const ResourceStatusEnum = enumOf(
  "ResourceStatus",
  RESOURCE_STATUSES,
  "Whether it can be worked with today.",
  {
    UNDER_DEVELOPMENT: "Not finished; use it with that in mind.",
    PUBLISHED: "Finished, and good to use as far as is known.",
    OUTDATED: "No longer to be relied on; kept because others refer to it.",
  },
);

@ObjectType("Translation", {
  description: "A language that a resource's text is really in. Seen by whoever sees the resource.",
})
export class TranslationObject {
  @Field(() => LanguageObject, { simple: true, description: "The language." })
  readonly language: LanguageObject;
  @Field(() => URLScalar, {
    nullable: true,
    simple: true,
    description: "Where that version is; null when not known.",
  })
  readonly url: string | null;
  @Field(() => Boolean, {
    simple: true,
    description:
      "Whether it is older than the original it was made from: what it says may have changed since.",
  })
  readonly stale: boolean;
}

@ObjectType("MinutesRange", {
  description: "How long something takes, in minutes. Seen by whoever sees the resource.",
})
export class MinutesRangeObject {
  @Field(() => Int, { simple: true, description: "At least this many." })
  readonly min: number;
  @Field(() => Int, {
    nullable: true,
    simple: true,
    description: "At most this many; null when it is open-ended.",
  })
  readonly max: number | null;
}

@ObjectType("Resource", {
  implements: ListedObject,
  description:
    "Something to learn from, work with or apply to: a session, a curriculum, a guide, a plan or protocol template, a tool, a fund, a retreat. One audience for the whole record: whoever sees it sees every field of it.",
})
export class ResourceObject extends ListedObject {
  @Field(() => ResourceKindEnum, { simple: true, description: "What it is." })
  readonly kind: ResourceKind;
  @Field(() => URLScalar, { nullable: true, simple: true, description: "Where it is; null when not known." })
  readonly url: string | null;
  @Field(() => [String], {
    simple: true,
    description: "Authors as credited; a credit never becomes a practitioner. Empty when none was credited.",
  })
  readonly authors: readonly string[];
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "Who published it; null when not known.",
  })
  readonly publisher: string | null;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "A year, a month or a day, as precise as the source was; null when not known.",
  })
  readonly published: string | null;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "SPDX licence identifier; null when not known.",
  })
  readonly license: string | null;
  @Field(() => [TranslationObject], {
    simple: true,
    description: "The languages its text is really in; empty when not known.",
  })
  get languages(): readonly TranslationObject[] {
    return this.#listing.languages.map((one) => ({ ...one, language: this.#words.language(one.language) }));
  }
  @Field(() => [SpecialtyObject], { simple: true, description: "What it is about; empty when not known." })
  get specialties(): readonly SpecialtyObject[] {
    return this.#listing.specialties.map((code) => this.#words.specialty(code));
  }
  @Field(() => [RegionObject], {
    simple: true,
    description: "Where it is meant for; empty when it is not bound to a place.",
  })
  get regions(): readonly RegionObject[] {
    return this.#listing.regions.map((code) => this.#words.region(code));
  }
  @Field(() => [StageEnum], {
    simple: true,
    description: "Which ADIDS stages it serves; empty when none was named.",
  })
  readonly stages: readonly Stage[];
  @Field(() => MinutesRangeObject, {
    nullable: true,
    simple: true,
    description: "How long it takes; null when not known.",
  })
  readonly minutes: MinutesRangeObject | null;
  @Field(() => [String], { simple: true, description: "What to bring; empty when nothing was named." })
  readonly materials: readonly string[];
  @Field(() => [String], {
    simple: true,
    description: "What to have done or to know before; empty when nothing was named.",
  })
  readonly prerequisites: readonly string[];
  @Field(() => ResourceStatusEnum, { simple: true, description: "Whether it can be worked with today." })
  readonly status: ResourceStatus;

  readonly #words: Words;
  readonly #listing: ResourceListing;

  /** What it leads to is what `context` sees, also where it is shown as others see it. */
  constructor(
    readonly context: Context,
    listing: ResourceListing,
  ) {
    super(context, listing);
    this.#words = context.words;
    this.#listing = listing;
    this.kind = listing.kind;
    this.url = listing.url;
    this.authors = listing.authors;
    this.publisher = listing.publisher;
    this.published = listing.published;
    this.license = listing.license;
    this.stages = listing.stages;
    this.minutes = listing.minutes;
    this.materials = listing.materials;
    this.prerequisites = listing.prerequisites;
    this.status = listing.status;
  }

  @Field(() => String, { description: "What it is called." })
  title(
    @Arg("in", () => LanguageTagScalar, {
      nullable: true,
      description: "The language wanted; else English, else any.",
    })
    locale?: string,
  ): string {
    return inLanguage(this.#listing.title, locale ?? null) ?? "";
  }

  @Field(() => String, {
    nullable: true,
    description: "What it is about, in a few sentences; null when nobody has written any.",
  })
  summary(
    @Arg("in", () => LanguageTagScalar, {
      nullable: true,
      description: "The language wanted; else English, else any.",
    })
    locale?: string,
  ): string | null {
    return inLanguage(this.#listing.summary, locale ?? null);
  }

  @Field(() => [ResourceObject], {
    simple: true,
    description: "The resources it is a part of, those that you may see; empty when it stands alone.",
  })
  get partOf(): ReturnType<typeof seenResources> {
    return seenResources(this.context, this.#listing.partOf);
  }
}

/** Resources as this viewer sees them, in the order of the ids. */
export function seenResources(
  context: Context,
  ids: readonly string[],
): readonly ResourceObject[] | Promise<readonly ResourceObject[]> {
  const present = (listings: readonly ResourceListing[]) =>
    listings.map((listing) => new ResourceObject(context, listing));
  const listings = seenListings<ResourceListing>(context, "resource", ids);
  return listings instanceof Promise ? listings.then(present) : present(listings);
}

@Resolver(() => ResourceObject)
export class ResourceResolver {
  @Query(() => ResourceObject, {
    nullable: true,
    description:
      "One resource; null, with the error NOT_FOUND, when there is none with this id or none that this viewer may see.",
  })
  async resource(
    @Arg("id", () => ID, { description: "As the node gave it." }) id: string,
    @Ctx() context: Context,
  ): Promise<ResourceObject> {
    return new ResourceObject(context, await seenListing<ResourceListing>(context, "resource", id));
  }
}
