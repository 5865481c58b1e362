import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { requireMember, requireSteward } from "../accounts/person.js";
import { hereIn } from "../accounts/session.api.js";
import { ProofInput } from "../accounts/sign-in.api.js";
import type { SignIn } from "../accounts/sign-in.store.js";
import type { Context } from "../context.js";
import type { RecordParts } from "../listing/home.js";
import { inLanguage, type Localized } from "../listing/listing.js";
import { TextInput, optional, stays } from "../listing/told.api.js";
import { PractitionerLevelEnum } from "../practitioners/practitioner.api.js";
import type { PractitionerLevel } from "../practitioners/practitioner.js";
import { ResourceObject, seenResources } from "../resources/resource.api.js";
import { LanguageTagScalar, SpecialtyCodeScalar } from "../vocabulary/scalars.api.js";
import { SpecialtyObject } from "../vocabulary/vocabulary.api.js";
import {
  LEARNED_FROM,
  tellPathway,
  type Pathway,
  type LevelRequirement,
  type ToldPathway,
} from "./pathway.js";
import { loadPathways, savePathway } from "./pathway.store.js";

@ObjectType("PathwayLevel", {
  description:
    "What a level of a pathway asks for, beside the level before it. Seen by members of the network.",
})
class PathwayLevelObject {
  @Field(() => PractitionerLevelEnum, { simple: true, description: "The level." })
  readonly level: PractitionerLevel;
  @Field(() => Int, {
    simple: true,
    description: "How many practice activities with one's own community; 0 when none are asked for.",
  })
  readonly practice: number;
  @Field(() => Int, {
    simple: true,
    description: "How many sessions that a supervisor has confirmed; 0 when none are asked for.",
  })
  readonly supervised: number;
  @Field(() => PractitionerLevelEnum, {
    simple: true,
    description: "The level that a supervisor must have, or a higher one.",
  })
  readonly supervisor: PractitionerLevel;
  @Field(() => Int, {
    nullable: true,
    simple: true,
    description: "For how many months it counts once it is reached; null when it counts for good.",
  })
  readonly validFor: number | null;
  readonly #context: Context;
  readonly #modules: readonly string[];

  constructor(
    context: Context,
    { level, practice, supervised, supervisor, validFor, modules }: LevelRequirement,
  ) {
    this.level = level;
    this.practice = practice;
    this.supervised = supervised;
    this.supervisor = supervisor;
    this.validFor = validFor;
    this.#context = context;
    this.#modules = modules;
  }

  @Field(() => [ResourceObject], {
    simple: true,
    description:
      "What to have worked through, as far as it is still in the directory: what is not is asked of nobody. Empty when nothing is.",
  })
  get modules(): ReturnType<typeof seenResources> {
    return seenResources(this.#context, this.#modules);
  }
}

@ObjectType("Pathway", {
  description:
    "How a cadre grows in this network: four levels, each building on the one before, and what each asks for. Seen by members of the network.",
})
export class PathwayObject {
  @Field(() => ID, { simple: true, description: "Its id. Random." })
  readonly id: string;
  @Field(() => SpecialtyObject, {
    nullable: true,
    simple: true,
    description: "The root of the kinds of work it is for; null for all of them.",
  })
  readonly specialty: SpecialtyObject | null;
  @Field(() => Boolean, {
    simple: true,
    description:
      "Whether it binds: while any pathway does, people of this network are shown with the level they tell, and with none higher than one that they have reached on a pathway and that counts today.",
  })
  readonly binding: boolean;
  @Field(() => [PathwayLevelObject], { simple: true, description: "The four levels, the lowest first." })
  readonly levels: readonly PathwayLevelObject[];
  readonly #name: Localized;

  constructor(context: Context, { id, name, specialty, binding, levels }: Pathway) {
    this.id = id;
    this.specialty = specialty === null ? null : context.words.specialty(specialty);
    this.binding = binding;
    this.levels = levels.map((level) => new PathwayLevelObject(context, level));
    this.#name = name;
  }

  @Field(() => String, { description: "What it is called." })
  name(
    @Arg("in", () => LanguageTagScalar, {
      nullable: true,
      description: "The language wanted; else English, else any.",
    })
    locale?: string,
  ): string {
    return inLanguage(this.#name, locale ?? null) ?? "";
  }
}

@InputType("PathwayLevelInput", {
  description: "What a level asks for, beside the level before it. What is left out is not asked for.",
})
class PathwayLevelInput {
  @Field(() => PractitionerLevelEnum, { description: "The level." })
  readonly level: PractitionerLevel;
  @Field(() => [ID], {
    ...optional,
    description: `Resources of this network to have worked through, at most 50, each a ${LEARNED_FROM.join(", ")}.`,
  })
  readonly modules?: readonly string[] | null;
  @Field(() => Int, {
    ...optional,
    description: "How many practice activities with one's own community, from 0 to 100.",
  })
  readonly practice?: number | null;
  @Field(() => Int, { ...optional, description: "How many supervised sessions, from 0 to 100." })
  readonly supervised?: number | null;
  @Field(() => PractitionerLevelEnum, {
    ...optional,
    description:
      "The level that a supervisor must have, this level or a higher one: MASTER_TRAINER for TRAINER and above, TRAINER below, when not given.",
  })
  readonly supervisor?: PractitionerLevel | null;
  @Field(() => Int, {
    ...optional,
    description:
      "For how many months it counts, from 1 to 240; for good when not given. What was reached before keeps its day.",
  })
  readonly validFor?: number | null;
}

@InputType("PathwayInput", { description: "What a steward tells of a pathway." })
class PathwayInput implements ToldPathway {
  @Field(() => ID, { ...optional, description: "The pathway to change; null adds one." })
  readonly id?: string | null;
  @Field(() => [TextInput], {
    ...optional,
    description:
      "What it is called, once for each language, at most 100 characters each. Needed to begin with; left out or null, it stays.",
  })
  readonly name?: readonly TextInput[] | null;
  @Field(() => SpecialtyCodeScalar, {
    ...optional,
    description: `The root of the kinds of work it is for; null is for all. ${stays}`,
  })
  readonly specialty?: string | null;
  @Field(() => Boolean, {
    ...optional,
    description:
      "Whether levels are shown only as far as they were reached. A new one does not bind; to begin takes proof; left out or null, it stays.",
  })
  readonly binding?: boolean | null;
  @Field(() => [PathwayLevelInput], {
    ...optional,
    description:
      "What the levels ask for; replaces what all four ask for: a level that is left out asks for nothing. Left out or null, it stays.",
  })
  readonly levels?: readonly PathwayLevelInput[] | null;
}

@Resolver()
export class PathwayResolver {
  constructor(
    private readonly parts: RecordParts,
    private readonly door: SignIn,
  ) {}

  @Query(() => [PathwayObject], {
    description: "How a cadre grows in this network. For its members; empty when it has written no pathway.",
  })
  async pathways(@Ctx() context: Context): Promise<readonly PathwayObject[]> {
    requireMember(context.viewer);
    const pathways = await this.parts.database.transaction((tx) => loadPathways(tx));
    return pathways.map((one) => new PathwayObject(context, one));
  }

  @Mutation(() => PathwayObject, {
    description:
      "Adds a pathway to this network, or changes one. Once the first one binds, and once none does any more, everybody's level is shown anew. For stewards. FORBIDDEN when a pathway would begin to bind without proof, with how many people of this network would be shown with a lower level or none; and when the proof is not right.",
  })
  async savePathway(
    @Arg("input", () => PathwayInput, { description: "What is told of it." }) input: PathwayInput,
    @Arg("proof", () => ProofInput, {
      nullable: true,
      description:
        "Needed when the pathway begins to bind. Proof that it is you: your password and a code of your authenticator.",
    })
    proof: ProofInput | null | undefined,
    @Ctx() context: Context,
  ): Promise<PathwayObject> {
    const { database, home, vocabulary } = this.parts;
    const viewer = requireSteward(context.viewer);
    const { id, ...told } = input;
    if (proof) await this.door.prove(hereIn(context), proof);
    const saved = await database.transaction((tx) =>
      savePathway(tx, home, viewer, { id: id ?? null, isProven: Boolean(proof) }, (before) =>
        tellPathway(before, told, vocabulary),
      ),
    );
    return new PathwayObject(context, saved);
  }
}
