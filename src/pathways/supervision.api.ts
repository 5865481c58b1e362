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
  shownFacts,
  type PractitionerLevel,
  type PractitionerListing,
} from "../practitioners/practitioner.js";
import type { Practitioner } from "../practitioners/practitioner.js";
import { ownEntry } from "../practitioners/profile.store.js";
import type { Indexes } from "../search/indexes.js";
import { Candidates } from "./candidates.js";
import { requirementOf, type Pathway } from "./pathway.js";
import { findPathway } from "./pathway.store.js";
import { ableToSupervise } from "./step.store.js";
import { reaches, sharedBy, takesNobody, type Shared } from "./supervision.js";

/** So many are named at most, and so many are looked at at once. */
const MOST = 20;
const AT_ONCE = 100;
const atMost = `at most ${MOST}, in a random order that stays the same.`;

@Resolver()
export class SupervisionResolver {
  constructor(
    private readonly parts: RecordParts,
    private readonly indexes: Indexes,
  ) {}

  @Query(() => [PractitionerObject], {
    description: `Whom you could ask to supervise you towards a level: people of this network whom you see with the level that the pathway asks for, who share your kind of work and a language, do not say that they take nobody, have reached that level on the pathway where it binds, and were supervised there neither by you nor by those you supervised; ${atMost} Nobody learns that you asked. Empty when you have no entry.`,
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
    const { on, own } = await this.#begin(viewer, pathway);
    if (own === null) return [];
    const { supervisor } = requirementOf(on, level);
    const found = this.#candidates(viewer).supervisors(supervisor, this.#shared(own, on));
    const ids = await this.#firstOf(context, found, own.id, async (listings) => {
      const willing = listings.filter((one) => !takesNobody(one)).map(({ id }) => id);
      return this.#able(on, level, own.id, willing);
    });
    return seenPractitioners(context, ids, info);
  }

  @Query(() => [PractitionerObject], {
    description: `Whom you could supervise on a pathway: people of this network who show you that they want to learn what you do (\`seeks\`), share a language, and whose next level, by the one you see, you could supervise; ${atMost} Who shows no such wish is not among them. Empty when you have no entry.`,
  })
  async learners(
    @Arg("pathway", () => ID, { description: "The pathway's id. NOT_FOUND when there is none." })
    pathway: string,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<readonly PractitionerObject[]> {
    const viewer = requireMember(context.viewer);
    const { on, own } = await this.#begin(viewer, pathway);
    if (own === null) return [];
    const mine = { level: shownFacts(own).level?.value ?? null };
    const found = this.#candidates(viewer).learners(this.#shared(own, on));
    const ids = await this.#firstOf(context, found, own.id, async (listings) => {
      const able: string[] = [];
      for (const { id, level } of listings) {
        const next = nextLevel(level);
        if (next === null || !reaches(mine, requirementOf(on, next).supervisor)) continue;
        if ((await this.#able(on, next, id, [own.id])).length > 0) able.push(id);
      }
      return able;
    });
    return seenPractitioners(context, ids, info);
  }

  #begin(
    viewer: Person,
    pathway: string,
  ): Promise<{ readonly on: Pathway; readonly own: Practitioner | null }> {
    const { database, home } = this.parts;
    return database.transaction(async (tx) => ({
      on: await findPathway(tx, pathway, ["pathway"]),
      own: (await ownEntry(tx, home, viewer.account))?.person ?? null,
    }));
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

  #able(
    { id: pathway }: Pathway,
    level: PractitionerLevel,
    supervised: string,
    people: readonly string[],
  ): Promise<readonly string[]> {
    const { database, home } = this.parts;
    return database.transaction((tx) => ableToSupervise(tx, home, { pathway, level }, supervised, people));
  }

  /** The first that `choose` takes of these, of this network and without oneself. */
  async #firstOf(
    context: Context,
    found: readonly string[],
    self: string,
    choose: (listings: readonly PractitionerListing[]) => Promise<readonly string[]>,
  ): Promise<readonly string[]> {
    const { network } = this.parts.home;
    const chosen: string[] = [];
    for (let from = 0; from < found.length && chosen.length < MOST; from += AT_ONCE) {
      const ids = found.slice(from, from + AT_ONCE).filter((id) => id !== self);
      const listings = await seenListings<PractitionerListing>(context, "practitioner", ids);
      chosen.push(...(await choose(listings.filter((one) => one.network === network))));
    }
    return chosen.slice(0, MOST);
  }
}

/** The level after this one, the first for who shows none; null for the last. */
function nextLevel(level: PractitionerLevel | null): PractitionerLevel | null {
  return LEVELS[level === null ? 0 : LEVELS.indexOf(level) + 1] ?? null;
}
