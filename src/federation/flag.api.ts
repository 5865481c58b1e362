import { Arg, Ctx, Field, ID, Int, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { requireSteward, type Person } from "../accounts/person.js";
import { hereIn } from "../accounts/session.api.js";
import { ProofInput } from "../accounts/sign-in.api.js";
import type { SignIn } from "../accounts/sign-in.store.js";
import type { Context } from "../context.js";
import { DirectoryError, badInput } from "../errors.js";
import { parseId, type ListedKind } from "../listing/listing.js";
import { enumOf } from "../vocabulary/enum.api.js";
import { DateScalar } from "../vocabulary/scalars.api.js";
import { FLAG_REASONS, type FlagReason } from "./flag.js";
import type { Flagged } from "./flag.store.js";
import type { Flags } from "./flags.js";
import { ListedKindEnum } from "./peer.api.js";

const FlagReasonEnum = enumOf(
  "FlagReason",
  FLAG_REASONS,
  "Why a record should be looked at by the network that it belongs to. There is no room for words: what is to be said of a person is said between stewards, by a way they trust.",
  {
    NOT_THIS_PERSON: "Whoever it speaks of says that it is not theirs, or was made in their name.",
    CONSENT_WITHDRAWN: "Whoever it speaks of has said here that they do not want to be listed any more.",
    UNSAFE_DETAIL: "Something in it could help to find somebody, or to harm them.",
    OUT_OF_DATE: "Something in it is not true any more.",
    DUPLICATE: "The same one is listed twice by that network.",
    HARMFUL:
      "People may come to harm by it: by somebody who is said to have harmed those they worked with, or by advice that is dangerous.",
  },
);

@ObjectType("RecordFlag", {
  description:
    "What trusted peers say of one of this network's records, for one reason. It changes nothing by itself; which peers say it is told to nobody, and that it was said only to stewards and admins.",
})
class RecordFlagObject {
  @Field(() => ID, { simple: true, description: "The record's id." })
  readonly record: string;
  @Field(() => ListedKindEnum, { simple: true, description: "What it is." })
  readonly kind: Uppercase<ListedKind>;
  @Field(() => FlagReasonEnum, { simple: true, description: "Why it should be looked at." })
  readonly reason: FlagReason;
  @Field(() => Int, { simple: true, description: "How many trusted peers say so." })
  readonly peers: number;
  @Field(() => DateScalar, { simple: true, description: "The day on which the first of them said so." })
  readonly since: string;

  constructor({ record, kind, reason, peers, since }: Flagged) {
    this.record = record;
    this.kind = kind.toUpperCase() as Uppercase<ListedKind>;
    this.reason = reason;
    this.peers = peers;
    this.since = since;
  }
}

const MOST_FLAGS = 100;

const forStewards = "For stewards and admins.";
const noAddress = "UNAVAILABLE on a node without PUBLIC_URL, which has no peers";

@Resolver()
export class FlagResolver {
  constructor(
    private readonly settled: Flags | null,
    private readonly door: SignIn,
  ) {}

  @Query(() => [RecordFlagObject], {
    description: `What peers have flagged of this network's records and nobody has dismissed, for half a year; what most of them say comes first. ${forStewards} ${noAddress}.`,
  })
  async flags(
    @Arg("first", () => Int, { defaultValue: 50, description: `How many, at most ${MOST_FLAGS}.` })
    first: number,
    @Ctx() context: Context,
  ): Promise<readonly RecordFlagObject[]> {
    const { flags } = this.#steward(context);
    if (first < 1 || first > MOST_FLAGS)
      throw badInput(`Ask for 1 to ${MOST_FLAGS} flags at once.`, ["first"]);
    return (await flags.all(first)).map((one) => new RecordFlagObject(one));
  }

  @Mutation(() => Boolean, {
    description: `Takes a flag off the list, once it was looked into. Those who raised it do not raise it again for half a year; others may. True. ${forStewards} FORBIDDEN when the proof is not right; NOT_FOUND when the record is not flagged for this reason; ${noAddress}.`,
  })
  async dismissFlag(
    @Arg("record", () => ID, { description: "The record's id." }) record: string,
    @Arg("reason", () => FlagReasonEnum, { description: "The reason for which it is flagged." })
    reason: FlagReason,
    @Arg("proof", () => ProofInput, {
      description: "Proof that it is you: your password and a code of your authenticator.",
    })
    proof: ProofInput,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const { flags, person } = this.#steward(context);
    await this.door.prove(hereIn(context), proof);
    await flags.dismiss(person, { record: parseId(record, ["record"]), reason });
    return true;
  }

  @Mutation(() => Boolean, {
    description: `Tells the network that a peer's record belongs to that there is something to look at: the record and the reason, and not who says so. It is told when that peer is read next, at most twenty in a day, and tried for a month; it hides nothing here, which \`hideRecord\` does. True, also where it was flagged before. ${forStewards} NOT_FOUND when no peer lists a record with this id; CONFLICT when its peer is not trusted; ${noAddress}.`,
  })
  async flagRecord(
    @Arg("id", () => ID, { description: "The record's id here." }) id: string,
    @Arg("reason", () => FlagReasonEnum, { description: "Why it should be looked at." }) reason: FlagReason,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const { flags, person } = this.#steward(context);
    await flags.flag(person, parseId(id, ["id"]), reason);
    return true;
  }

  /** Who asks, and what peers tell of records. */
  #steward({ viewer }: Context): { readonly person: Person; readonly flags: Flags } {
    const person = requireSteward(viewer);
    if (this.settled !== null) return { person, flags: this.settled };
    throw new DirectoryError(
      "UNAVAILABLE",
      "This node shares with no others: set PUBLIC_URL and start it again.",
    );
  }
}
