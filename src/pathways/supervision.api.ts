import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, ArgsType, Ctx, Field, ID, Info, Int, Query, Resolver } from "type-graphql";
import { requireMember, type Person } from "../accounts/person.js";
import type { Context } from "../context.js";
import type { RecordParts } from "../listing/home.js";
import {
  PractitionerLevelEnum,
  PractitionerObject,
  seenPractitioners,
} from "../practitioners/practitioner.api.js";
import type { Practitioner, PractitionerLevel } from "../practitioners/practitioner.js";
import { ownEntry } from "../practitioners/profile.store.js";
import type { Indexes } from "../search/indexes.js";
import type { Transaction } from "../storage/database.js";
import { Candidates, type Paging } from "./candidates.js";
import { requirementOf, type Pathway } from "./pathway.js";
import { findPathway } from "./pathway.store.js";
import { supervisedBy, supervisesTowards, supervisorsOf } from "./supervision.store.js";
import { sharedBy, type InCommon } from "./supervision.js";

const FIRST = 20;
const inPages = "A page at a time, in a random order that stays the same.";

@ArgsType()
class PagingArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: FIRST,
    description: "How many to answer, from 0 to 50. Null means 20.",
  })
  readonly first?: number | null;
  @Field(() => ID, {
    nullable: true,
    description:
      "The id of the last one of the page before, whether or not they are still there; the first page when not given.",
  })
  readonly after?: string | null;
}

type Know<Known> = (tx: Transaction, on: Pathway, own: Practitioner) => Promise<Known>;
type Begun<Known> = { readonly on: Pathway; readonly own: Practitioner; readonly known: Known };

@Resolver()
export class SupervisionResolver {
  constructor(
    private readonly parts: RecordParts,
    private readonly indexes: Indexes,
  ) {}

  @Query(() => [PractitionerObject], {
    description: `Whom you could ask to supervise you towards a level: people of this network whom you see with the level that the pathway asks for, who share your kind of work and a language, do not say that they take nobody, and whom you did not supervise there yourself. ${inPages} Whether they may supervise you by what they have reached, they are told when they confirm. Nobody learns that you asked. Empty when you have no entry.`,
  })
  async supervisors(
    @Arg("pathway", () => ID, { description: "The pathway's id. NOT_FOUND when there is none." })
    pathway: string,
    @Arg("level", () => PractitionerLevelEnum, { description: "The level you want to reach." })
    level: PractitionerLevel,
    @Args(() => PagingArgs) paging: PagingArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<readonly PractitionerObject[]> {
    const viewer = requireMember(context.viewer);
    const begun = await this.#begin(viewer, pathway, (tx, on, { id }) =>
      supervisedBy(tx, this.parts.home, on, id),
    );
    if (begun === null) return [];
    const { on, own, known } = begun;
    const { supervisor } = requirementOf(on, level);
    const candidates = this.#candidates(viewer);
    const found = candidates.supervisors(supervisor, this.#inCommon(own, on));
    return seenPractitioners(context, candidates.page(found, [own.id, ...known], asked(paging)), info);
  }

  @Query(() => [PractitionerObject], {
    description: `Whom you could supervise on a pathway: people of this network who show you that they want to learn what you do (\`seeks\`), share a language, and whose next level, by the one you see, you could supervise by what you have reached, and who did not supervise you there. ${inPages} Who shows no such wish is not among them. Empty when you have no entry.`,
  })
  async learners(
    @Arg("pathway", () => ID, { description: "The pathway's id. NOT_FOUND when there is none." })
    pathway: string,
    @Args(() => PagingArgs) paging: PagingArgs,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<readonly PractitionerObject[]> {
    const viewer = requireMember(context.viewer);
    const { home } = this.parts;
    const begun = await this.#begin(viewer, pathway, async (tx, on, person) => ({
      towards: await supervisesTowards(tx, home, on, person),
      theirs: await supervisorsOf(tx, home, on, [person.id]),
    }));
    if (begun === null || begun.known.towards.length === 0) return [];
    const { on, own, known } = begun;
    const candidates = this.#candidates(viewer);
    const found = candidates.learners(known.towards, this.#inCommon(own, on));
    return seenPractitioners(context, candidates.page(found, [own.id, ...known.theirs], asked(paging)), info);
  }

  /** The pathway, one's own entry and what is `known` of it there, all of one moment; null for who has no entry. */
  #begin<Known>(viewer: Person, pathway: string, know: Know<Known>): Promise<Begun<Known> | null> {
    const { database, home } = this.parts;
    return database.transaction(async (tx) => {
      const on = await findPathway(tx, pathway, ["pathway"]);
      const own = (await ownEntry(tx, home, viewer.account))?.person;
      return own === undefined ? null : { on, own, known: await know(tx, on, own) };
    });
  }

  #candidates(viewer: Person): Candidates {
    const { home, vocabulary } = this.parts;
    const index = this.indexes.indexOf(viewer, "practitioner");
    return new Candidates(index, home.network, vocabulary.specialties);
  }

  #inCommon({ facts }: Practitioner, { specialty }: Pathway): InCommon {
    const told = {
      specialties: facts.specialties.map(({ value }) => value.specialty),
      languages: facts.languages.map(({ value }) => value.language),
    };
    return sharedBy(told, specialty, this.parts.vocabulary.specialties);
  }
}

function asked({ first, after }: PagingArgs): Paging {
  return { first: first ?? FIRST, after: after ?? null };
}
