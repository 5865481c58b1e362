import { randomUUID } from "node:crypto";
import { Arg, Ctx, Field, ID, InputType, Mutation, Resolver } from "type-graphql";
import { requireSteward } from "../accounts/person.js";
import { dayOf } from "../clock.js";
import type { Context } from "../context.js";
import { listedBy, type RecordParts } from "../listing/home.js";
import { AudienceEnum } from "../listing/listing.api.js";
import { ContactPointInput, TextInput, listStays, optional, stays } from "../listing/told.api.js";
import {
  DateScalar,
  LanguageTagScalar,
  RegionCodeScalar,
  SpecialtyCodeScalar,
  URLScalar,
} from "../vocabulary/scalars.api.js";
import type { Audience } from "../visibility/audience.js";
import { OrganizationObject, OrganizationRoleEnum } from "./organization.api.js";
import { changeOrganization, removeOrganization } from "./organization.store.js";
import { listingOf, type OrganizationRole } from "./organization.js";
import { newOrganization, tell, type ToldOrganization } from "./told.js";

@InputType("OrganizationInput", { description: "What a steward tells of an organization." })
class OrganizationInput implements ToldOrganization {
  @Field(() => ID, {
    ...optional,
    description: "The organization to change, one of this network; null adds one.",
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
  @Field(() => String, {
    ...optional,
    description: "What it calls itself, at most 200 characters. Needed to begin with.",
  })
  readonly name?: string | null;
  @Field(() => [TextInput], {
    ...optional,
    description: `What it does, once for each language, at most 2,000 characters each. ${stays}`,
  })
  readonly summary?: readonly TextInput[] | null;
  @Field(() => [OrganizationRoleEnum], {
    ...optional,
    description: `What it does for defenders. ${listStays}`,
  })
  readonly roles?: readonly OrganizationRole[] | null;
  @Field(() => [SpecialtyCodeScalar], {
    ...optional,
    description: `The kinds of work it helps with. ${listStays}`,
  })
  readonly specialties?: readonly string[] | null;
  @Field(() => [LanguageTagScalar], { ...optional, description: `Languages it answers in. ${listStays}` })
  readonly languages?: readonly string[] | null;
  @Field(() => [RegionCodeScalar], { ...optional, description: `Where it helps. ${listStays}` })
  readonly regions?: readonly string[] | null;
  @Field(() => Boolean, { ...optional, description: `Whether it takes urgent requests. ${stays}` })
  readonly acceptsUrgentRequests?: boolean | null;
  @Field(() => URLScalar, { ...optional, description: `Its site, http or https. ${stays}` })
  readonly website?: string | null;
  @Field(() => [ContactPointInput], { ...optional, description: `How to reach it. ${listStays}` })
  readonly contact?: readonly ContactPointInput[] | null;
}

@Resolver()
export class OrganizationStewardResolver {
  constructor(private readonly parts: RecordParts) {}

  @Mutation(() => OrganizationObject, {
    description: "Adds an organization to this network, or changes one. For stewards.",
  })
  async saveOrganization(
    @Arg("input", () => OrganizationInput, { description: "What is told of it." }) input: OrganizationInput,
    @Ctx() context: Context,
  ): Promise<OrganizationObject> {
    const { database, home, vocabulary } = this.parts;
    const viewer = requireSteward(context.viewer);
    const { id, ...told } = input;
    const today = dayOf(home.clock());
    const saved = await database.transaction((tx) =>
      changeOrganization(tx, home, viewer, id ?? null, (before) =>
        tell(before ?? newOrganization(randomUUID()), told, vocabulary, today),
      ),
    );
    return new OrganizationObject(context, listingOf(saved, listedBy(home)));
  }

  @Mutation(() => Boolean, {
    description:
      "Takes an organization of this network out of the directory and out of the database. For stewards.",
  })
  async removeOrganization(
    @Arg("id", () => ID, { description: "The organization's id." }) id: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const viewer = requireSteward(context.viewer);
    const { database, home } = this.parts;
    await database.transaction((tx) => removeOrganization(tx, home, viewer, id));
    return true;
  }
}
