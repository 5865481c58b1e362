import { randomUUID } from "node:crypto";
import { Arg, Ctx, Field, ID, InputType, Int, Mutation, Resolver } from "type-graphql";
import { requireSteward } from "../accounts/person.js";
import { dayOf } from "../clock.js";
import { seenListings, type Context } from "../context.js";
import type { RecordParts } from "../listing/home.js";
import { AudienceEnum } from "../listing/listing.api.js";
import { isId } from "../listing/listing.js";
import { TextInput, listStays, optional, stays } from "../listing/told.api.js";
import {
  DateScalar,
  LanguageTagScalar,
  RegionCodeScalar,
  SpecialtyCodeScalar,
  URLScalar,
} from "../vocabulary/scalars.api.js";
import type { Audience } from "../visibility/audience.js";
import { ResourceKindEnum, ResourceObject, ResourceStatusEnum, StageEnum } from "./resource.api.js";
import { listingOf, type ResourceKind, type ResourceStatus, type Stage } from "./resource.js";
import { changeResource, removeResource } from "./resource.store.js";
import { newResource, tell, type ToldMinutes, type ToldResource, type ToldTranslation } from "./told.js";

@InputType("TranslationInput", { description: "A language that a resource's text is really in." })
class TranslationInput implements ToldTranslation {
  @Field(() => LanguageTagScalar, { description: "The language." })
  readonly language: string;
  @Field(() => URLScalar, {
    ...optional,
    description: "Where that version is, http or https; null when not known.",
  })
  readonly url?: string | null;
  @Field(() => Boolean, {
    ...optional,
    description: "Whether it is older than the original it was made from; false when not given.",
  })
  readonly stale?: boolean | null;
}

@InputType("MinutesRangeInput", { description: "How long something takes, in minutes." })
class MinutesRangeInput implements ToldMinutes {
  @Field(() => Int, { description: "At least this many." })
  readonly min: number;
  @Field(() => Int, { ...optional, description: "At most this many; null when it is open-ended." })
  readonly max?: number | null;
}

@InputType("ResourceInput", { description: "What a steward tells of a resource." })
class ResourceInput implements ToldResource {
  @Field(() => ID, {
    ...optional,
    description: "The resource to change, one of this network; null adds one.",
  })
  readonly id?: string | null;
  @Field(() => AudienceEnum, {
    ...optional,
    description:
      "Who sees the whole record. Left out or null, it stays; a new one is PUBLIC. PRIVATE hides it from everybody.",
  })
  readonly audience?: Audience | null;
  @Field(() => DateScalar, {
    ...optional,
    description: `The day somebody last confirmed that it is true. ${stays}`,
  })
  readonly verified?: string | null;
  @Field(() => ResourceKindEnum, {
    ...optional,
    description: "What it is. Needed to begin with; null changes nothing.",
  })
  readonly kind?: ResourceKind | null;
  @Field(() => [TextInput], {
    ...optional,
    description:
      "What it is called, once for each language, at most 300 characters each. Needed to begin with.",
  })
  readonly title?: readonly TextInput[] | null;
  @Field(() => [TextInput], {
    ...optional,
    description: `What it is about, once for each language, at most 5,000 characters each. ${stays}`,
  })
  readonly summary?: readonly TextInput[] | null;
  @Field(() => URLScalar, { ...optional, description: `Where it is, http or https. ${stays}` })
  readonly url?: string | null;
  @Field(() => [String], { ...optional, description: `Authors as credited. ${listStays}` })
  readonly authors?: readonly string[] | null;
  @Field(() => String, { ...optional, description: `Who published it. ${stays}` })
  readonly publisher?: string | null;
  @Field(() => String, { ...optional, description: `A year, a month or a day, such as 2024-03. ${stays}` })
  readonly published?: string | null;
  @Field(() => String, { ...optional, description: `SPDX licence identifier. ${stays}` })
  readonly license?: string | null;
  @Field(() => [TranslationInput], {
    ...optional,
    description: `The languages its text is really in. ${listStays}`,
  })
  readonly languages?: readonly TranslationInput[] | null;
  @Field(() => [SpecialtyCodeScalar], { ...optional, description: `What it is about. ${listStays}` })
  readonly specialties?: readonly string[] | null;
  @Field(() => [RegionCodeScalar], { ...optional, description: `Where it is meant for. ${listStays}` })
  readonly regions?: readonly string[] | null;
  @Field(() => [StageEnum], { ...optional, description: `Which ADIDS stages it serves. ${listStays}` })
  readonly stages?: readonly Stage[] | null;
  @Field(() => MinutesRangeInput, { ...optional, description: `How long it takes. ${stays}` })
  readonly minutes?: MinutesRangeInput | null;
  @Field(() => [String], { ...optional, description: `What to bring. ${listStays}` })
  readonly materials?: readonly string[] | null;
  @Field(() => [String], { ...optional, description: `What to have done or to know before. ${listStays}` })
  readonly prerequisites?: readonly string[] | null;
  @Field(() => [ID], {
    ...optional,
    description: `The resources it is a part of, of those you can see; none of them can be a part of it. ${listStays}`,
  })
  readonly partOf?: readonly string[] | null;
  @Field(() => ResourceStatusEnum, {
    ...optional,
    description: "Whether it can be worked with today. Left out or null, it stays; a new one is PUBLISHED.",
  })
  readonly status?: ResourceStatus | null;
}

@Resolver()
export class ResourceStewardResolver {
  constructor(private readonly parts: RecordParts) {}

  @Mutation(() => ResourceObject, {
    description: "Adds a resource to this network, or changes one. For stewards.",
  })
  async saveResource(
    @Arg("input", () => ResourceInput, { description: "What is told of it." }) input: ResourceInput,
    @Ctx() context: Context,
  ): Promise<ResourceObject> {
    const { database, home, vocabulary } = this.parts;
    const viewer = requireSteward(context.viewer);
    const { id, ...told } = input;
    const today = dayOf(home.clock());
    const wholes = await seenListings(context, "resource", (input.partOf ?? []).filter(isId));
    const seen = new Set(wholes.map((one) => one.id));
    const saved = await database.transaction((tx) =>
      changeResource(tx, home, viewer, { id: id ?? null, seen }, (before) =>
        tell(before ?? newResource(randomUUID()), told, vocabulary, today),
      ),
    );
    return new ResourceObject(context, listingOf(saved, home.network));
  }

  @Mutation(() => Boolean, {
    description:
      "Takes a resource of this network out of the directory and out of the database. For stewards.",
  })
  async removeResource(
    @Arg("id", () => ID, { description: "The resource's id." }) id: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const viewer = requireSteward(context.viewer);
    const { database, home } = this.parts;
    await database.transaction((tx) => removeResource(tx, home, viewer, id));
    return true;
  }
}
