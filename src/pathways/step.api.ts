import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Ctx,
  Field,
  ID,
  Info,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from "type-graphql";
import { requireMember, requirePerson } from "../accounts/person.js";
import { seenListings, type Context } from "../context.js";
import { DirectoryError } from "../errors.js";
import type { RecordParts } from "../listing/home.js";
import { parseId } from "../listing/listing.js";
import { optional } from "../listing/told.api.js";
import {
  PractitionerLevelEnum,
  PractitionerObject,
  seenPractitioners,
} from "../practitioners/practitioner.api.js";
import type { PractitionerLevel, PractitionerListing } from "../practitioners/practitioner.js";
import { ResourceObject, seenResources } from "../resources/resource.api.js";
import { LEARNED_FROM } from "./pathway.js";
import type { ResourceListing } from "../resources/resource.js";
import { enumOf } from "../vocabulary/enum.api.js";
import { DateScalar } from "../vocabulary/scalars.api.js";
import {
  STEP_KINDS,
  SUPERVISION_STATES,
  readStep,
  type Step,
  type StepKind,
  type Supervised,
  type SupervisionState,
  type ToldStep,
} from "./step.js";
import type { KeptStep } from "./kept-step.store.js";
import { ownSteps, removeStep, takeStep } from "./step.store.js";
import { confirmSession, declineSession, ownSupervision } from "./supervision.store.js";

const StepKindEnum = enumOf("StepKind", STEP_KINDS, "What somebody did on a pathway.", {
  MODULE: "Worked through a resource.",
  PRACTICE: "Practised with their own community.",
  SUPERVISED: "Led a session under somebody's supervision.",
});
const SupervisionStateEnum = enumOf(
  "SupervisionState",
  SUPERVISION_STATES,
  "How far a supervised session has come. Only one that is confirmed counts.",
  {
    ASKED: "Its supervisor was named, and has not answered.",
    CONFIRMED: "Its supervisor says that it was one.",
    DECLINED: "Its supervisor says that it was none.",
  },
);

@ObjectType("Step", {
  description:
    "Something you did on a pathway: a day and what it counts for. No story, and neither where nor with whom. Kept encrypted; nobody else gets it but the supervisor of a session, as far as it is theirs.",
})
class StepObject {
  @Field(() => ID, { simple: true, description: "Its id, to take it back by." })
  readonly id: string;
  @Field(() => StepKindEnum, { simple: true, description: "What it was." })
  readonly kind: StepKind;
  @Field(() => DateScalar, { simple: true, description: "The day you did it." })
  readonly day: string;
  @Field(() => ID, {
    nullable: true,
    simple: true,
    description:
      "The id of the pathway it counts on; null for a module, which counts on each that asks for it.",
  })
  readonly pathway: string | null;
  @Field(() => PractitionerLevelEnum, {
    nullable: true,
    simple: true,
    description: "The level it counts towards; null for a module.",
  })
  readonly level: PractitionerLevel | null;
  @Field(() => SupervisionStateEnum, {
    nullable: true,
    simple: true,
    description: "What its supervisor has said; null for what nobody supervised.",
  })
  readonly state: SupervisionState | null;
  @Field(() => PractitionerObject, {
    nullable: true,
    simple: true,
    description:
      "Who supervised it; null for what nobody supervised, and when you cannot see them any more. What they confirmed counts all the same.",
  })
  readonly supervisor: PractitionerObject | null;
  @Field(() => ResourceObject, {
    nullable: true,
    simple: true,
    description:
      "What you worked through; null for what was no module, and when it is not in the directory any more.",
  })
  readonly module: ResourceObject | null;

  constructor({ id, step }: KeptStep, seen: Seen) {
    this.id = id;
    this.kind = step.kind;
    this.day = step.day;
    this.pathway = step.kind === "MODULE" ? null : step.pathway;
    this.level = step.kind === "MODULE" ? null : step.level;
    this.state = step.kind === "SUPERVISED" ? step.state : null;
    this.supervisor = (step.kind === "SUPERVISED" && seen.people.get(step.supervisor)) || null;
    this.module = (step.kind === "MODULE" && seen.modules.get(step.module)) || null;
  }
}

/** The records that steps lead to, as far as the viewer sees them. */
type Seen = {
  readonly people: ReadonlyMap<string, PractitionerObject>;
  readonly modules: ReadonlyMap<string, ResourceObject>;
};

@ObjectType("SupervisedSession", {
  description:
    "A session for which somebody named you as the supervisor. Nobody else gets it but that person. When you cannot see them any more it is not here, and counts all the same.",
})
class SupervisedSessionObject {
  @Field(() => ID, { simple: true, description: "Its id, to answer it by." })
  readonly id: string;
  @Field(() => PractitionerObject, { simple: true, description: "Who led it." })
  readonly practitioner: PractitionerObject;
  @Field(() => ID, { simple: true, description: "The id of the pathway it counts on." })
  readonly pathway: string;
  @Field(() => PractitionerLevelEnum, { simple: true, description: "The level it counts towards." })
  readonly level: PractitionerLevel;
  @Field(() => DateScalar, { simple: true, description: "The day of the session." })
  readonly day: string;
  @Field(() => SupervisionStateEnum, { simple: true, description: "What you have said." })
  readonly state: SupervisionState;

  constructor({ id, step }: KeptStep<Supervised>, practitioner: PractitionerObject) {
    this.id = id;
    this.practitioner = practitioner;
    this.pathway = step.pathway;
    this.level = step.level;
    this.day = step.day;
    this.state = step.state;
  }
}

@ObjectType("Supervision", { description: "What you supervise. Nobody else gets it." })
class SupervisionObject {
  @Field(() => Int, {
    simple: true,
    description: "How many sessions you have confirmed, those of people who have left since too.",
  })
  readonly sessions: number;
  @Field(() => [SupervisedSessionObject], {
    simple: true,
    description: "The sessions that name you, those that wait for your answer first, at most 100.",
  })
  readonly named: readonly SupervisedSessionObject[];
}

@InputType("StepInput", { description: "Something you did on a pathway." })
class StepInput implements ToldStep {
  @Field(() => StepKindEnum, { description: "What it was." })
  readonly kind: StepKind;
  @Field(() => DateScalar, { description: "The day you did it; it has come." })
  readonly day: string;
  @Field(() => ID, {
    ...optional,
    description: `For a MODULE: the resource you worked through, one you can see, a ${LEARNED_FROM.join(", ")}.`,
  })
  readonly module?: string | null;
  @Field(() => ID, { ...optional, description: "For PRACTICE and SUPERVISED: the pathway it counts on." })
  readonly pathway?: string | null;
  @Field(() => PractitionerLevelEnum, {
    ...optional,
    description: "For PRACTICE and SUPERVISED: the level it counts towards.",
  })
  readonly level?: PractitionerLevel | null;
  @Field(() => ID, {
    ...optional,
    description:
      "For SUPERVISED: who supervised it, a practitioner of this network whom you can see with the level that the pathway asks for; never yourself, nor whom you supervised on this pathway. They are asked to confirm it, and told when they may not.",
  })
  readonly supervisor?: string | null;
}

const MOST_NAMED = 100;

@Resolver()
export class StepResolver {
  constructor(private readonly parts: RecordParts) {}

  @Query(() => [StepObject], {
    description:
      "What you did on pathways, the latest first; empty when you have no entry. Nobody else gets it.",
  })
  async steps(@Ctx() context: Context, @Info() info: GraphQLResolveInfo): Promise<readonly StepObject[]> {
    const { database, home } = this.parts;
    const viewer = requirePerson(context.viewer);
    const taken = await database.transaction((tx) => ownSteps(tx, home, viewer));
    const seen = await seenOf(context, taken, info);
    return taken.map((one) => new StepObject(one, seen));
  }

  @Query(() => SupervisionObject, {
    description:
      "The sessions that name you as their supervisor, and how many you have confirmed. Nobody else gets it.",
  })
  async supervision(@Ctx() context: Context, @Info() info: GraphQLResolveInfo): Promise<SupervisionObject> {
    const { database, home } = this.parts;
    const viewer = requirePerson(context.viewer);
    const { sessions, named } = await database.transaction((tx) => ownSupervision(tx, home, viewer));
    const people = await seenPeople(
      context,
      named.map(({ practitioner }) => practitioner),
      info,
    );
    const shown = named.flatMap((one) => {
      const person = people.get(one.practitioner);
      return person === undefined ? [] : [new SupervisedSessionObject(one, person)];
    });
    return { sessions, named: shown.slice(0, MOST_NAMED) };
  }

  @Mutation(() => StepObject, {
    description:
      "Notes something you did on a pathway, for yourself. A supervised session counts once its supervisor has confirmed it.",
  })
  async takeStep(
    @Arg("input", () => StepInput, { description: "What you did." }) input: StepInput,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<StepObject> {
    const { database, home } = this.parts;
    const viewer = requireMember(context.viewer);
    const step = withIds(readStep(input));
    if (step.kind === "MODULE") await requireModule(context, step.module);
    const asked = step.kind === "SUPERVISED" ? await this.#supervisor(context, step.supervisor) : null;
    const taken = await database.transaction((tx) => takeStep(tx, home, viewer, step, asked));
    return new StepObject(taken, await seenOf(context, [taken], info));
  }

  @Mutation(() => Boolean, {
    description:
      "Takes back a step of yours; what you reached by it stays, and so does what its supervisor has counted. True also when there was none.",
  })
  async removeStep(
    @Arg("step", () => ID, { description: "Its id, as steps gives it." }) step: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const { database, home } = this.parts;
    const viewer = requirePerson(context.viewer);
    await database.transaction((tx) => removeStep(tx, home, viewer, step));
    return true;
  }

  @Mutation(() => Boolean, {
    description:
      "Confirms a session that names you as its supervisor, so that it counts. Takes the level that the pathway asks of supervisors, today, and reached on it where it binds; CONFLICT without it, and when it would close a circle: nobody is supervised on a pathway by whom they supervised there, nor by those that these supervised. NOT_FOUND unless it names you.",
  })
  async confirmSession(
    @Arg("step", () => ID, { description: "The session's id, as supervision gives it." }) step: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const { database, home } = this.parts;
    const viewer = requireMember(context.viewer);
    await database.transaction((tx) => confirmSession(tx, home, viewer, step));
    return true;
  }

  @Mutation(() => Boolean, {
    description:
      "Says that a session that names you was none of yours, also after you confirmed it: it counts no longer; a level that was reached by it stays. NOT_FOUND unless it names you.",
  })
  async declineSession(
    @Arg("step", () => ID, { description: "The session's id, as supervision gives it." }) step: string,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const { database, home } = this.parts;
    const viewer = requirePerson(context.viewer);
    await database.transaction((tx) => declineSession(tx, home, viewer, step));
    return true;
  }

  /** What the viewer sees of somebody of this network; of a peer's people nobody here can say who they are. */
  async #supervisor(context: Context, id: string): Promise<PractitionerListing | null> {
    const [listing] = await seenListings<PractitionerListing>(context, "practitioner", [id]);
    return listing?.network === this.parts.home.network ? listing : null;
  }
}

/** The ids in their one form. */
function withIds(step: Step): Step {
  if (step.kind === "MODULE") return { ...step, module: parseId(step.module, ["input", "module"]) };
  const pathway = parseId(step.pathway, ["input", "pathway"]);
  if (step.kind === "PRACTICE") return { ...step, pathway };
  return { ...step, pathway, supervisor: parseId(step.supervisor, ["input", "supervisor"]) };
}

/** What is hidden from the viewer, and what cannot be worked through, is refused as what never was. */
async function requireModule(context: Context, id: string): Promise<void> {
  const [listing] = await seenListings<ResourceListing>(context, "resource", [id]);
  if (listing !== undefined && LEARNED_FROM.includes(listing.kind)) return;
  throw new DirectoryError(
    "NOT_FOUND",
    `There is no resource with this id to work through: ${LEARNED_FROM.join(", ")}.`,
    ["input", "module"],
  );
}

async function seenOf(context: Context, taken: readonly KeptStep[], info: GraphQLResolveInfo): Promise<Seen> {
  const supervisors = taken.flatMap(({ step }) => (step.kind === "SUPERVISED" ? [step.supervisor] : []));
  const ids = taken.flatMap(({ step }) => (step.kind === "MODULE" ? [step.module] : []));
  const people = await seenPeople(context, supervisors, info);
  const modules = await seenResources(context, [...new Set(ids)]);
  return { people, modules: new Map(modules.map((one) => [one.id, one])) };
}

async function seenPeople(
  context: Context,
  ids: readonly string[],
  info: GraphQLResolveInfo,
): Promise<ReadonlyMap<string, PractitionerObject>> {
  const people = await seenPractitioners(context, [...new Set(ids)], info);
  return new Map(people.map((one) => [one.id, one]));
}
