import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, Field, Float, ID, Info, Int, ObjectType, Query, Resolver } from "type-graphql";
import type { Clock } from "../clock.js";
import type { Context } from "../context.js";
import { PractitionerObject, seenPractitioners } from "../practitioners/practitioner.api.js";
import type { Advice } from "../search/advice.js";
import { AdviceObject } from "../search/connection.api.js";
import type { Indexes } from "../search/indexes.js";
import type { Unmet } from "../search/search.api.js";
import { enumOf } from "../vocabulary/enum.api.js";
import { LanguageTagScalar } from "../vocabulary/scalars.api.js";
import { LanguageObject, SpecialtyObject } from "../vocabulary/vocabulary.api.js";
import { findExchanges } from "./exchange.js";
import { match, type Asking } from "./match.js";
import type { Messages } from "./message.js";
import { NeedInput } from "./need.api.js";
import { REASON_CODES, type Reason, type ReasonCode } from "./score.js";
import { findTeams } from "./teams.js";
import type { Weights } from "./weights.js";

const ReasonCodeEnum = enumOf("ReasonCode", REASON_CODES, "Why somebody fits a need.", {
  SPECIALTY: "How deep their practice of a specialty of the need goes.",
  PRESENCE:
    "How near they are to the region: based there, working there or around it, travelling there, helping from afar.",
  LANGUAGE: "How well they speak a language of the need.",
  FOLLOW_UP: "They come back to follow up.",
  COMMUNITY: "They have experience of working with a community of the need.",
  FORMAT: "They work in a way that the need asks for.",
  AVAILABILITY:
    "They take new work, or look at each request first, on the days of the need; now, where it names none.",
  RAPID_RESPONSE: "The need is urgent, and they help at short notice.",
  CONFIRMED: "They confirmed their entry lately.",
  VOUCHED: "Others stand behind them.",
});

@ObjectType("Reason", {
  description:
    "One reason why somebody fits a need. It comes from what you may see of them, and from nothing else. Seen by whoever asked.",
})
class ReasonObject {
  @Field(() => ReasonCodeEnum, { simple: true, description: "What kind of reason it is." })
  readonly code: ReasonCode;
  @Field(() => Float, {
    simple: true,
    description: "How much it counts: a whole number above 0, as this node weighs it.",
  })
  readonly points: number;

  constructor(
    private readonly messages: Messages,
    private readonly reason: Reason,
  ) {
    this.code = reason.code;
    this.points = reason.points;
  }

  @Field(() => String, { description: "The reason as a sentence." })
  text(
    @Arg("in", () => LanguageTagScalar, {
      nullable: true,
      description: "The language to answer in; without one, or where there is no text in it, English.",
    })
    locale?: string,
  ): string {
    return this.messages.tell(this.reason.message, this.reason.names, locale ?? null);
  }
}

@ObjectType("Match", { description: "Somebody who fits a need, and why. Seen by whoever asked." })
class MatchObject {
  @Field(() => PractitionerObject, { simple: true, description: "Who it is, as you may see them." })
  readonly practitioner: PractitionerObject;
  @Field(() => Float, { simple: true, description: "The sum of the reasons' points." })
  readonly score: number;
  @Field(() => [ReasonObject], {
    simple: true,
    description: "What speaks for them; empty when nothing does beyond what had to hold.",
  })
  readonly reasons: readonly ReasonObject[];
}

@ObjectType("MatchResult", {
  description: "Whom a need finds. All of it is worked out from what you may see and nothing else.",
})
class MatchResultObject {
  @Field(() => [MatchObject], { simple: true, description: "Who fits, best first; empty when nobody does." })
  readonly matches: readonly MatchObject[];
  @Field(() => Int, { simple: true, description: "How many fit in all." })
  readonly totalCount: number;

  constructor(
    matches: readonly MatchObject[],
    totalCount: number,
    private readonly advise: () => readonly Advice[],
  ) {
    this.matches = matches;
    this.totalCount = totalCount;
  }

  @Field(() => [AdviceObject], {
    description:
      "What to relax when fewer fit than `first` asks for, what brings most first; empty when there are enough, or nothing would help. Nothing is relaxed unless you ask for it.",
  })
  advice(): readonly AdviceObject[] {
    return this.advise();
  }
}

@ObjectType("TeamMember", { description: "Somebody in a team, and what they bring. Seen by whoever asked." })
class TeamMemberObject {
  @Field(() => PractitionerObject, { simple: true, description: "Who it is, as you may see them." })
  readonly practitioner: PractitionerObject;
  @Field(() => [SpecialtyObject], {
    simple: true,
    description:
      "Which of the required specialties they bring: everybody in a team brings some, and together they bring all but those that are `uncovered`.",
  })
  readonly covers: readonly SpecialtyObject[];
}

@ObjectType("Team", {
  description:
    "People who together cover a need and can talk with each other and with those who need them. Seen by whoever asked.",
})
class TeamObject {
  @Field(() => [TeamMemberObject], { simple: true, description: "Who it is, the one who fits best first." })
  readonly members: readonly TeamMemberObject[];
  @Field(() => LanguageObject, {
    simple: true,
    description:
      "The language of the need in which the team works, spoken as well as was asked by every member, or where there is an interpreter by that one at least.",
  })
  readonly sharedLanguage: LanguageObject;
  @Field(() => PractitionerObject, {
    nullable: true,
    simple: true,
    description:
      "The member who interprets between the shared language and the others: with each of those who do not speak it they have a language in common, and in one of the two they interpret (INTERPRET). Null where all speak it.",
  })
  readonly interpreter: PractitionerObject | null;
  @Field(() => Float, {
    simple: true,
    description: "The sum of the members' scores, as `match` counts them.",
  })
  readonly score: number;
}

@ObjectType("TeamResult", {
  description:
    "The smallest teams for a need. All of it is worked out from what you may see and nothing else.",
})
class TeamResultObject {
  @Field(() => [TeamObject], {
    simple: true,
    description:
      "Teams of the smallest size there is, those with the greatest score first, and where that is equal in a random order that stays the same; empty when there is none of at most `maxSize`.",
  })
  readonly teams: readonly TeamObject[];
  @Field(() => Int, {
    nullable: true,
    simple: true,
    description:
      "How many members the smallest teams have, larger than `maxSize` where that was too few; null when no team of at most 6 would do.",
  })
  readonly smallestSize: number | null;
  @Field(() => [SpecialtyObject], {
    simple: true,
    description:
      "The required specialties that nobody brings who otherwise meets the need; the teams cover the others. Empty when everything is covered.",
  })
  readonly uncovered: readonly SpecialtyObject[];
}

@ObjectType("Exchange", {
  description: "Two practitioners who could train each other. Seen by whoever may see of both what it says.",
})
class ExchangeObject {
  @Field(() => PractitionerObject, {
    simple: true,
    description: "The one asked for, or of the network asked for.",
  })
  readonly one: PractitionerObject;
  @Field(() => PractitionerObject, { simple: true, description: "The other." })
  readonly other: PractitionerObject;
  @Field(() => [SpecialtyObject], {
    simple: true,
    description: "What the other seeks, and `one` works in, or in something narrower.",
  })
  readonly oneOffers: readonly SpecialtyObject[];
  @Field(() => [SpecialtyObject], {
    simple: true,
    description: "What `one` seeks, and the other works in, or in something narrower.",
  })
  readonly otherOffers: readonly SpecialtyObject[];
}

const FIRST = { match: 10, teams: 5, exchanges: 10 } as const;
const MAX_SIZE = 4;

/** What this room works with. */
export type Matching = {
  readonly indexes: Indexes;
  readonly weights: Weights;
  readonly messages: Messages;
  readonly clock: Clock;
  /** Told of a need that found nobody, or no team. */
  readonly unmet: Unmet;
};

@Resolver()
export class MatchingResolver {
  constructor(private readonly matching: Matching) {}

  @Query(() => MatchResultObject, {
    description:
      "The people who fit a need, best first, each with the reasons. Where scores are equal the order is random and stays the same. Everybody may ask; whom they find, in which order and why follows from what they may see alone.",
  })
  async match(
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg("need", () => NeedInput, { description: "What is needed." }) need: NeedInput,
    @Arg("first", () => Int, {
      nullable: true,
      defaultValue: FIRST.match,
      description: "How many to answer, from 0 to 50. Null means 10.",
    })
    first: number | null,
  ): Promise<MatchResultObject> {
    const { messages, unmet } = this.matching;
    const { fits, totalCount, advice, sought } = match(this.#asking(context), need, first ?? FIRST.match);
    if (sought !== null) unmet.foundNobody(context.viewer, context.request.source, sought);
    const seen = await this.#seen(
      context,
      fits.map(({ id }) => id),
      info,
    );
    const matches = fits.flatMap(({ id, score, reasons }) => {
      const practitioner = seen.get(id);
      if (practitioner === undefined) return [];
      return [{ practitioner, score, reasons: reasons.map((reason) => new ReasonObject(messages, reason)) }];
    });
    return new MatchResultObject(matches, totalCount, advice);
  }

  @Query(() => TeamResultObject, {
    description:
      "The smallest teams that together cover what a need requires, each with who covers what. Every member meets what the need says of region, delivery, dates, cost, level and networks; they talk in one language of the need that all of them speak, or through an interpreter among them. Exact: there is no smaller team, and none of that size with a greater score. Everybody may ask.",
  })
  async teams(
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg("need", () => NeedInput, { description: "What is needed, with at least one required specialty." })
    need: NeedInput,
    @Arg("maxSize", () => Int, {
      nullable: true,
      defaultValue: MAX_SIZE,
      description: "How many members a team may have, from 1 to 6. Null means 4.",
    })
    maxSize: number | null,
    @Arg("first", () => Int, {
      nullable: true,
      defaultValue: FIRST.teams,
      description: "How many teams to answer, from 0 to 20. Null means 5.",
    })
    first: number | null,
  ): Promise<TeamResultObject> {
    const { words } = context;
    const { unmet } = this.matching;
    const limits = { maxSize: maxSize ?? MAX_SIZE, first: first ?? FIRST.teams };
    const { teams, size, uncovered, sought } = findTeams(this.#asking(context), need, limits);
    if (sought !== null) unmet.foundNobody(context.viewer, context.request.source, sought);
    const ids = new Set(teams.flatMap(({ members }) => members.map(({ id }) => id)));
    const seen = await this.#seen(context, [...ids], info);
    const shown = teams.flatMap(({ members, language, interpreter, score }) => {
      const people = members.flatMap(({ id, covers }) => {
        const practitioner = seen.get(id);
        const brought = covers.map((code) => words.specialty(code));
        return practitioner === undefined ? [] : [{ practitioner, covers: brought }];
      });
      if (people.length < members.length) return [];
      const interprets = interpreter === null ? null : (seen.get(interpreter) ?? null);
      return [{ members: people, sharedLanguage: words.language(language), interpreter: interprets, score }];
    });
    return { teams: shown, smallestSize: size, uncovered: uncovered.map((code) => words.specialty(code)) };
  }

  @Query(() => [ExchangeObject], {
    description:
      "Practitioners who could train each other: each works in what the other seeks. Those who would exchange more specialties come first, then a random order that stays the same. Everybody may ask; what somebody seeks is told to those they show it to. Empty when there is nobody.",
  })
  async exchanges(
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg("for", () => ID, {
      nullable: true,
      description:
        "A practitioner, who is then `one` of each pair, or a network, of which `one` is and the other is not. Nobody is found for an id that is not there, or is not there for you. Without one the best pairs of all: of a network and of everybody, 300 people who seek something are looked at, the same ones whenever it is asked.",
    })
    whose: string | null | undefined,
    @Arg("first", () => Int, {
      nullable: true,
      defaultValue: FIRST.exchanges,
      description: "How many pairs to answer, from 0 to 50. Null means 10.",
    })
    first: number | null,
  ): Promise<readonly ExchangeObject[]> {
    const { words } = context;
    const index = this.#asking(context).index;
    const pairs = findExchanges(index, whose ?? null, first ?? FIRST.exchanges);
    const seen = await this.#seen(
      context,
      [...new Set(pairs.flatMap(({ one, other }) => [one, other]))],
      info,
    );
    return pairs.flatMap((pair) => {
      const [one, other] = [seen.get(pair.one), seen.get(pair.other)];
      if (one === undefined || other === undefined) return [];
      const oneOffers = pair.oneOffers.map((code) => words.specialty(code));
      const otherOffers = pair.otherOffers.map((code) => words.specialty(code));
      return [{ one, other, oneOffers, otherOffers }];
    });
  }

  #asking({ viewer }: Context): Asking {
    const { indexes, weights, clock } = this.matching;
    return { index: indexes.indexOf(viewer, "practitioner"), weights, clock };
  }

  /** The listings of those who were found. Who was hidden since is missing. */
  async #seen(
    context: Context,
    ids: readonly string[],
    info: GraphQLResolveInfo,
  ): Promise<ReadonlyMap<string, PractitionerObject>> {
    const people = await seenPractitioners(context, ids, info);
    return new Map(people.map((person) => [person.id, person]));
  }
}
