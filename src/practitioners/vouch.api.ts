import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, Field, ID, Info, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { requireMember, requirePerson } from "../accounts/person.js";
import type { Context } from "../context.js";
import { parseId } from "../listing/listing.js";
import { prose } from "../listing/told.js";
import { DateScalar } from "../vocabulary/scalars.api.js";
import { PractitionerObject, seenPractitioners } from "./practitioner.api.js";
import type { ProfileParts } from "./profile.api.js";
import { giveVouch, takeVouchBack, vouchesGiven } from "./vouch.store.js";

@ObjectType("GivenVouch", { description: "A vouch you gave. Nobody else sees that it is yours." })
class GivenVouchObject {
  @Field(() => PractitionerObject, { simple: true, description: "For whom." })
  readonly practitioner: PractitionerObject;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "What you noted, for yourself alone; null when you noted nothing.",
  })
  readonly note: string | null;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description: "The day you gave it, or gave it anew; null when no day is known.",
  })
  readonly given: string | null;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description: "The day it stops counting, unless you give it anew; null until that is set.",
  })
  readonly expires: string | null;
}

@Resolver()
export class VouchResolver {
  constructor(private readonly parts: ProfileParts) {}

  @Query(() => [GivenVouchObject], {
    description:
      "The vouches you gave, the newest first, for those whom you can still see. Nobody else gets them. They count while your own entry is listed.",
  })
  async vouchesGiven(
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<readonly GivenVouchObject[]> {
    const viewer = requirePerson(context.viewer);
    const given = await this.parts.database.transaction((tx) => vouchesGiven(tx, this.parts.home, viewer));
    const people = await seenPractitioners(
      context,
      given.map(({ practitioner }) => practitioner),
      info,
    );
    const byId = new Map(people.map((person) => [person.id, person]));
    return given.flatMap(({ practitioner, ...vouch }) => {
      const person = byId.get(practitioner);
      return person === undefined ? [] : [{ ...vouch, practitioner: person }];
    });
  }

  @Mutation(() => Boolean, {
    description:
      "Stands behind a practitioner of this network whom you can see; given again, it counts anew from today. Your own entry has to be listed. Others see how many vouch for somebody, roughly, and never who.",
  })
  async vouch(
    @Arg("practitioner", () => ID, { description: "The practitioner's id." }) practitioner: string,
    @Arg("note", () => String, {
      nullable: true,
      description: "For yourself alone, at most 500 characters, kept encrypted; null notes nothing.",
    })
    note: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const { database, home, terms } = this.parts;
    const viewer = requireMember(context.viewer);
    const id = parseId(practitioner, ["practitioner"]);
    const text = note === undefined || note === null ? null : prose(note, 500, ["note"]);
    await database.transaction((tx) => giveVouch(tx, home, viewer, id, text, terms));
    return true;
  }

  @Mutation(() => Boolean, {
    description: "Takes back a vouch you gave. True also when there was none.",
  })
  async withdrawVouch(
    @Arg("practitioner", () => ID, { description: "The practitioner's id." }) practitioner: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const { database, home } = this.parts;
    const viewer = requirePerson(context.viewer);
    const id = parseId(practitioner, ["practitioner"]);
    await database.transaction((tx) => takeVouchBack(tx, home, viewer, id));
    return true;
  }
}
