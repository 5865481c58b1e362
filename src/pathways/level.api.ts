import { Arg, Ctx, Field, ID, Int, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { requireMember, requirePerson, requireSteward } from "../accounts/person.js";
import { dayOf } from "../clock.js";
import type { Context } from "../context.js";
import type { RecordParts } from "../listing/home.js";
import { counts, type Attainment } from "../practitioners/attainment.js";
import { PractitionerLevelEnum } from "../practitioners/practitioner.api.js";
import type { PractitionerLevel } from "../practitioners/practitioner.js";
import { DateScalar } from "../vocabulary/scalars.api.js";
import { grantLevel, ownAttainments, ownProgress, progressFor, revokeLevel } from "./level.store.js";
import type { LevelProgress, Tally } from "./step.js";

@ObjectType("Attainment", {
  description:
    "That somebody reached a level on a pathway. It stays when it counts no longer. Seen by that person, and by stewards who judge their level.",
})
class AttainmentObject implements Attainment {
  @Field(() => ID, { simple: true, description: "The id of the pathway." })
  readonly pathway: string;
  @Field(() => PractitionerLevelEnum, { simple: true, description: "The level." })
  readonly level: PractitionerLevel;
  @Field(() => DateScalar, { simple: true, description: "The day it was reached, or reached anew." })
  readonly reached: string;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description: "The day it stops counting, unless it is reached anew; null when it counts for good.",
  })
  readonly ends: string | null;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description: "The day a steward recorded that it counts no longer; null when none has.",
  })
  readonly revoked: string | null;
  @Field(() => Boolean, { simple: true, description: "Whether it counts today." })
  readonly counts: boolean;

  constructor({ pathway, level, reached, ends, revoked }: Attainment, today: string) {
    this.pathway = pathway;
    this.level = level;
    this.reached = reached;
    this.ends = ends;
    this.revoked = revoked;
    this.counts = counts({ pathway, level, reached, ends, revoked }, today);
  }
}

@ObjectType("Tally", {
  description: "How much of what a level asks for has been done. Seen with LevelProgress.",
})
class TallyObject implements Tally {
  @Field(() => Int, { simple: true, description: "How many were done." })
  readonly done: number;
  @Field(() => Int, { simple: true, description: "How many are asked for; 0 when none are." })
  readonly asked: number;
}

@ObjectType("LevelProgress", {
  description:
    "How far somebody has come towards a level: counts alone. Seen by that person, and by stewards who judge their level.",
})
class LevelProgressObject {
  @Field(() => PractitionerLevelEnum, { simple: true, description: "The level." })
  readonly level: PractitionerLevel;
  @Field(() => TallyObject, {
    simple: true,
    description: "Modules worked through, of those still in the directory.",
  })
  readonly modules: Tally;
  @Field(() => TallyObject, { simple: true, description: "Practice activities with their own community." })
  readonly practice: Tally;
  @Field(() => TallyObject, { simple: true, description: "Sessions that their supervisor has confirmed." })
  readonly supervised: Tally;
  @Field(() => PractitionerLevelEnum, {
    nullable: true,
    simple: true,
    description: "The level to reach first; null for the first one, and when that has been reached.",
  })
  readonly before: PractitionerLevel | null;
  @Field(() => AttainmentObject, {
    nullable: true,
    simple: true,
    description: "When they reached it last; null when they never have.",
  })
  readonly attainment: AttainmentObject | null;

  constructor({ level, modules, practice, supervised, before, attainment }: LevelProgress, today: string) {
    this.level = level;
    this.modules = modules;
    this.practice = practice;
    this.supervised = supervised;
    this.before = before;
    this.attainment = attainment === null ? null : new AttainmentObject(attainment, today);
  }
}

const pathwayHelp = "The pathway's id. NOT_FOUND when there is none.";
const practitionerHelp = "The practitioner's id. NOT_FOUND unless they are listed for members.";

@Resolver()
export class AttainmentResolver {
  constructor(private readonly parts: RecordParts) {}

  @Query(() => [AttainmentObject], {
    description:
      "Every level you have reached, the latest first, those that count no longer too. Nobody else gets them; what others see of it is your level.",
  })
  async attainments(@Ctx() context: Context): Promise<readonly AttainmentObject[]> {
    const { database, home } = this.parts;
    const viewer = requirePerson(context.viewer);
    const reached = await database.transaction((tx) => ownAttainments(tx, home, viewer));
    return reached.map((one) => new AttainmentObject(one, this.#today()));
  }

  @Query(() => [LevelProgressObject], {
    description:
      "How far you have come on a pathway, level by level; empty when you have no entry. A steward may ask it of somebody else, to judge a level by: counts alone, and each look is told to the person in their history.",
  })
  async progress(
    @Arg("pathway", () => ID, { description: pathwayHelp }) pathway: string,
    @Arg("practitioner", () => ID, {
      nullable: true,
      description: `Whose, for stewards; your own when not given. ${practitionerHelp}`,
    })
    practitioner: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<readonly LevelProgressObject[]> {
    const { database, home } = this.parts;
    const viewer = practitioner == null ? requireMember(context.viewer) : requireSteward(context.viewer);
    const progress = await database.transaction((tx) =>
      practitioner == null
        ? ownProgress(tx, home, viewer, pathway)
        : progressFor(tx, home, viewer, { practitioner, pathway }),
    );
    return progress.map((one) => new LevelProgressObject(one, this.#today()));
  }

  @Mutation(() => AttainmentObject, {
    description:
      "Records that somebody reached a level, or reached it anew: the same is asked for, and it counts from the day given. CONFLICT, with what is missing, when the pathway asks for more. Their own words stay theirs: they are shown with the level they tell, and with none higher than this. For stewards; their own only while nobody else looks after this node.",
  })
  async grantLevel(
    @Arg("practitioner", () => ID, { description: practitionerHelp }) practitioner: string,
    @Arg("pathway", () => ID, { description: pathwayHelp }) pathway: string,
    @Arg("level", () => PractitionerLevelEnum, { description: "The level." }) level: PractitionerLevel,
    @Arg("reached", () => DateScalar, { description: "The day it was reached; it has come." })
    reached: string,
    @Arg("cameBefore", () => Boolean, {
      defaultValue: false,
      description:
        "Whether they had come this far before the pathway began, so that nothing is asked of them: a cadre's first. Only while the pathway does not bind.",
    })
    cameBefore: boolean,
    @Ctx() context: Context,
  ): Promise<AttainmentObject> {
    const { database, home } = this.parts;
    const viewer = requireSteward(context.viewer);
    const attainment = await database.transaction((tx) =>
      grantLevel(tx, home, viewer, { practitioner, pathway, level }, { reached, cameBefore }),
    );
    return new AttainmentObject(attainment, this.#today());
  }

  @Mutation(() => Boolean, {
    description:
      "Records that a level of somebody's counts no longer, from today. What was reached stays in their own history. False when there was none that counted. For stewards.",
  })
  async revokeLevel(
    @Arg("practitioner", () => ID, { description: practitionerHelp }) practitioner: string,
    @Arg("pathway", () => ID, { description: pathwayHelp }) pathway: string,
    @Arg("level", () => PractitionerLevelEnum, { description: "The level." }) level: PractitionerLevel,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const { database, home } = this.parts;
    const viewer = requireSteward(context.viewer);
    return database.transaction((tx) => revokeLevel(tx, home, viewer, { practitioner, pathway, level }));
  }

  #today(): string {
    return dayOf(this.parts.home.clock());
  }
}
