import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, ID, Info, Query, Resolver } from "type-graphql";
import { requireMember, type Person } from "../accounts/person.js";
import { seenListings, type Context } from "../context.js";
import type { RecordParts } from "../listing/home.js";
import {
  PractitionerLevelEnum,
  PractitionerObject,
  seenPractitioners,
} from "../practitioners/practitioner.api.js";
import {
  LEVELS,
  type Practitioner,
  type PractitionerLevel,
  type PractitionerListing,
} from "../practitioners/practitioner.js";
import { ownEntry } from "../practitioners/profile.store.js";
import type { Indexes } from "../search/indexes.js";
import type { Transaction } from "../storage/database.js";
import { Candidates } from "./candidates.js";
import { requirementOf, type Pathway } from "./pathway.js";
import { findPathway } from "./pathway.store.js";
import { supervisedBy, supervisesTowards, supervisorsOf } from "./step.store.js";
import { sharedBy, takesNobody, type Shared } from "./supervision.js";

/** So many are named at most, and so many are looked at at once. */
const MOST = 20;
const AT_ONCE = 100;
const atMost = `at most ${MOST}, in a random order that stays the same.`;

type Know<Known> = (tx: Transaction, on: Pathway, own: Practitioner) => Promise<Known>;
type Begun<Known> = { readonly on: Pathway; readonly own: Practitioner; readonly known: Known };

@Resolver()
export class SupervisionResolver {
  constructor(
    private readonly parts: RecordParts,
    private readonly indexes: Indexes,
  ) {}

  @Query(() => [PractitionerObject], {
    description: `Whom you could ask to supervise you towards a level: people of this network whom you see with the level that the pathway asks for, who share your kind of work and a language, do not say that they take nobody, and whom you did not supervise there yourself; ${atMost} Whether they may supervise you by what they have reached, they are told when they confirm. Nobody learns that you asked. Empty when you have no entry.`,
  })
  async supervisors(
    @Arg("pathway", () => ID, { description: "The pathway's id. NOT_FOUND when there is none." })
    pathway: string,
    @Arg("level", () => PractitionerLevelEnum, { description: "The level you want to reach." })
    level: PractitionerLevel,
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
    const found = this.#candidates(viewer).supervisors(supervisor, this.#shared(own, on));
    const ids = await this.#firstOf(context, without(found, [own.id, ...known]), (one) => !takesNobody(one));
    return seenPractitioners(context, ids, info);
  }

  @Query(() => [PractitionerObject], {
    description: `Whom you could supervise on a pathway: people of this network who show you that they want to learn what you do (\`seeks\`), share a language, and whose next level, by the one you see, you could supervise by what you have reached, and who did not supervise you there; ${atMost} Who shows no such wish is not among them. Empty when you have no entry.`,
  })
  async learners(
    @Arg("pathway", () => ID, { description: "The pathway's id. NOT_FOUND when there is none." })
    pathway: string,
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
    const found = this.#candidates(viewer).learners(this.#shared(own, on));
    const ids = await this.#firstOf(context, without(found, [own.id, ...known.theirs]), ({ level }) => {
      const next = nextLevel(level);
      return next !== null && known.towards.includes(next);
    });
    return seenPractitioners(context, ids, info);
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
    return new Candidates(this.indexes, viewer, this.parts.vocabulary.specialties);
  }

  #shared({ facts }: Practitioner, { specialty }: Pathway): Shared {
    const told = {
      specialties: facts.specialties.map(({ value }) => value.specialty),
      languages: facts.languages.map(({ value }) => value.language),
    };
    return sharedBy(told, specialty, this.parts.vocabulary.specialties);
  }

  /** The first of these who are of this network and whom `fits` takes by what is seen of them. */
  async #firstOf(
    context: Context,
    found: readonly string[],
    fits: (listing: PractitionerListing) => boolean,
  ): Promise<readonly string[]> {
    const { network } = this.parts.home;
    const chosen: string[] = [];
    for (let from = 0; from < found.length && chosen.length < MOST; from += AT_ONCE) {
      const ids = found.slice(from, from + AT_ONCE);
      const listings = await seenListings<PractitionerListing>(context, "practitioner", ids);
      chosen.push(...listings.filter((one) => one.network === network && fits(one)).map(({ id }) => id));
    }
    return chosen.slice(0, MOST);
  }
}

function without(found: readonly string[], left: readonly string[]): readonly string[] {
  return found.filter((id) => !left.includes(id));
}

/** The level after this one, the first for who shows none; null for the last. */
function nextLevel(level: PractitionerLevel | null): PractitionerLevel | null {
  return LEVELS[level === null ? 0 : LEVELS.indexOf(level) + 1] ?? null;
}
