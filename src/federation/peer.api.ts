import { Arg, Ctx, Field, ID, Int, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { requireSteward, type Person } from "../accounts/person.js";
import { hereIn } from "../accounts/session.api.js";
import { ProofInput } from "../accounts/sign-in.api.js";
import type { SignIn } from "../accounts/sign-in.store.js";
import type { Context } from "../context.js";
import { DirectoryError, badInput } from "../errors.js";
import { NetworkObject } from "../listing/listing.api.js";
import { LISTED_KINDS, parseId, type ListedKind } from "../listing/listing.js";
import { enumOf } from "../vocabulary/enum.api.js";
import { DateTimeScalar, URLScalar } from "../vocabulary/scalars.api.js";
import {
  HELD_STATES,
  PEER_STATES,
  problemsOf,
  stateOf,
  type HeldRecord,
  type HeldState,
  type Holds,
  type PeerState,
} from "./holding.js";
import { shortForm } from "./node-id.js";
import { TRUSTS, isRead, type Trust } from "./peer.js";
import type { LookedAt, MadeInvitation, Peering } from "./peering.js";
import type { Tier } from "./tier.js";

const PeerTrustEnum = enumOf("PeerTrust", TRUSTS, "What another node's word counts for here.", {
  PROBATION:
    "It is read and kept, and nobody sees it: two stewards have still to compare their safety number. Where every peer begins.",
  PUBLIC_ONLY: "Trusted: its public records are shown to everybody.",
  PARTNER: "Trusted: its records are shown, and it reads what members of partner networks may see.",
  PAUSED: "Hidden for now, and not read.",
  BLOCKED: "Everything it sent was deleted, and its word is refused.",
  RETIRED: "It has ended; what it sent is hidden, and it is not read.",
});

const PeerStateEnum = enumOf("PeerState", PEER_STATES, "How reading a peer went the last time.", {
  NEW: "It has not been read yet.",
  OK: "It was read.",
  UNREACHABLE: "It did not answer, or answered that it cannot now.",
  REFUSED: "It answered that it does not let this node read.",
  QUARANTINED: "What it sent broke a rule, and nothing of it was taken; what was taken before stays.",
  RETIRED: "It has ended.",
});

const HeldStateEnum = enumOf("HeldState", HELD_STATES, "How a peer's record is held here.", {
  SHOWN: "Shown for as long as its lease holds.",
  KEPT: "In order, and seen by nobody: the peer is not trusted now, or this node does not know what kind of record it is.",
  WAITING: "More changed in a day than is usual; it waits for a steward.",
  QUARANTINED: "It cannot be shown: it does not have its shape, or the key that signed it was taken back.",
  HIDDEN: "Hidden here by a steward, whatever its origin sends.",
  WITHDRAWN: "Withdrawn by its origin; only its id is left.",
});

const PeerTierEnum = enumOf("PeerTier", ["PUBLIC", "PARTNERS"], "A feed of records, by whom it is for.", {
  PUBLIC: "What everybody may see.",
  PARTNERS: "What members of trusted networks may see.",
});
type TierName = keyof typeof PeerTierEnum;

export const ListedKindEnum = enumOf(
  "ListedKind",
  LISTED_KINDS.map((kind) => kind.toUpperCase() as Uppercase<ListedKind>),
  "A kind of record that the directory lists.",
  { PRACTITIONER: "A practitioner.", ORGANIZATION: "An organization.", RESOURCE: "A resource." },
);

@ObjectType("PeerHolds", {
  description: "How many records of a peer are held here, and how. Seen by stewards and admins.",
})
class PeerHoldsObject {
  @Field(() => Int, { simple: true, description: "Shown, for as long as their leases hold." })
  readonly shown: number;
  @Field(() => Int, {
    simple: true,
    description:
      "In order and seen by nobody, because the peer is not trusted now or their kind is not known here.",
  })
  readonly kept: number;
  @Field(() => Int, {
    simple: true,
    description: "Held back until a steward has looked at them; see `releaseWaiting`.",
  })
  readonly waiting: number;
  @Field(() => Int, {
    simple: true,
    description: "Of a wrong shape, or signed by a key that was taken back.",
  })
  readonly quarantined: number;
  @Field(() => Int, { simple: true, description: "Hidden here by a steward." })
  readonly hidden: number;
  @Field(() => Int, { simple: true, description: "Withdrawn by their origin; only ids are left." })
  readonly withdrawn: number;

  constructor(holds: Holds) {
    this.shown = holds.SHOWN;
    this.kept = holds.KEPT;
    this.waiting = holds.WAITING;
    this.quarantined = holds.QUARANTINED;
    this.hidden = holds.HIDDEN;
    this.withdrawn = holds.WITHDRAWN;
  }
}

@ObjectType("HeldRecord", {
  description:
    "A record that a peer sent, whether or not it is shown: enough to decide about it. Seen by stewards and admins, and found by no search.",
})
class HeldRecordObject {
  @Field(() => ID, { simple: true, description: "Its id here; takes it to `hideRecord` and `showRecord`." })
  readonly id: string;
  @Field(() => ListedKindEnum, {
    nullable: true,
    simple: true,
    description: "What it is; null for one that was withdrawn, and for a kind that is not known here.",
  })
  readonly kind: Uppercase<ListedKind> | null;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "The alias, name or title; null for one that was withdrawn, or whose name cannot be shown.",
  })
  readonly name: string | null;
  @Field(() => HeldStateEnum, { simple: true, description: "How it is held." })
  readonly state: HeldState;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "Why it cannot be shown, as a sentence; null when it is in order.",
  })
  readonly problem: string | null;

  constructor({ id, kind, name, state, problem }: HeldRecord) {
    this.id = id;
    this.kind = kind === null ? null : (kind.toUpperCase() as Uppercase<ListedKind>);
    this.name = name;
    this.state = state;
    this.problem = problem;
  }
}

@ObjectType("PeerInvitation", {
  description:
    "A signed text to pass on by hand, by a way that only its reader sees. Told once, to whoever made it.",
})
class PeerInvitationObject implements MadeInvitation {
  @Field(() => String, { simple: true, description: "Goes to `addPeer` of the other node." })
  readonly text: string;
  @Field(() => DateTimeScalar, { simple: true, description: "It is good for nothing from then on." })
  readonly expires: Date;
}

const MOST_HELD = 100;

@ObjectType("Peer", {
  description:
    "Another network's node that this one knows: what was agreed with it, how reading it goes, what is held of it. Seen by stewards and admins; a list of peers is served to nobody else.",
})
class PeerObject {
  readonly #peering: Peering;
  readonly #peer: LookedAt;
  readonly #now: Date;

  @Field(() => ID, { simple: true, description: "That of its network." })
  readonly id: string;
  @Field(() => NetworkObject, {
    simple: true,
    description: "The network that runs it, as it tells of itself.",
  })
  readonly network: NetworkObject;
  @Field(() => URLScalar, { simple: true, description: "Where it is met." })
  readonly url: string;
  @Field(() => String, {
    simple: true,
    description:
      "Who it is: the thumbprint of its first root key (RFC 9278). Stays the same when its address and its keys change.",
  })
  readonly node: string;
  @Field(() => PeerTrustEnum, { simple: true, description: "What its word counts for here." })
  readonly trust: Trust;
  @Field(() => DateTimeScalar, {
    nullable: true,
    simple: true,
    description: "When it was last read without a problem; null when it never was.",
  })
  readonly lastSync: Date | null;

  constructor(peering: Peering, peer: LookedAt, network: NetworkObject, now: Date) {
    this.#peering = peering;
    this.#peer = peer;
    this.#now = now;
    this.id = peer.id;
    this.network = network;
    this.url = peer.url;
    this.node = peer.node;
    this.trust = peer.trust;
    this.lastSync = peer.reached;
  }

  @Field(() => String, { simple: true, description: "Twenty-six signs to tell nodes apart by." })
  get shortForm(): string {
    return shortForm(this.#peer.node);
  }

  @Field(() => String, {
    description:
      "Thirty digits that two stewards read to each other by a way they trust. They are the same on both nodes only if each holds the other's real key.",
  })
  safetyNumber(): Promise<string> {
    return this.#peering.safetyNumberWith(this.#peer);
  }

  @Field(() => PeerStateEnum, { simple: true, description: "How reading it went the last time." })
  get state(): PeerState {
    return stateOf(this.#peer);
  }

  @Field(() => Int, {
    nullable: true,
    simple: true,
    description:
      "Seconds since the last head was signed that was accepted of it, the older one where it has two feeds: its leases count from there. Null when none was accepted yet, or it is blocked.",
  })
  get behind(): number | null {
    const { head } = this.#peer;
    return head === null ? null : Math.max(0, Math.floor((this.#now.getTime() - head.getTime()) / 1000));
  }

  @Field(() => [String], {
    simple: true,
    description: "What a steward should know of it, each as a sentence; empty when all is well.",
  })
  get problems(): readonly string[] {
    return problemsOf(this.#peer, this.#peer.holds);
  }

  @Field(() => URLScalar, {
    nullable: true,
    simple: true,
    description:
      "The mirror that it was last read over; null when that was at its own address, or nowhere yet. `state` and `problems` say how it went at its own address.",
  })
  get mirror(): string | null {
    return this.#peer.mirror;
  }

  @Field(() => Boolean, {
    simple: true,
    description:
      "Whether its public feed is passed on here to whoever asks, see `relayPeer`; false again once it is not trusted.",
  })
  get relayed(): boolean {
    return this.#peer.relayed;
  }

  @Field(() => [PeerTierEnum], { simple: true, description: "The feeds that it lets this node read." })
  get shares(): readonly TierName[] {
    return this.#peer.shares.map((tier) => (tier === "public" ? "PUBLIC" : "PARTNERS"));
  }

  @Field(() => ID, {
    nullable: true,
    simple: true,
    description: "The id of the peer that introduced it; null when none did.",
  })
  get introducedBy(): string | null {
    return this.#peer.introducedBy;
  }

  @Field(() => PeerHoldsObject, {
    simple: true,
    description: "How many of its records are held here, and how.",
  })
  get holds(): PeerHoldsObject {
    return new PeerHoldsObject(this.#peer.holds);
  }

  @Field(() => [HeldRecordObject], {
    description: "What it sent, on probation as well, in the order of the ids; for whoever decides about it.",
  })
  async held(
    @Arg("first", () => Int, { defaultValue: 50, description: `How many, at most ${MOST_HELD}.` })
    first: number,
    @Arg("after", () => ID, { nullable: true, description: "The id of the last one of the page before." })
    after: string | null | undefined,
    @Arg("state", () => HeldStateEnum, { nullable: true, description: "Only those held in this way." })
    state: HeldState | null | undefined,
  ): Promise<readonly HeldRecordObject[]> {
    if (first < 1 || first > MOST_HELD)
      throw badInput(`Ask for 1 to ${MOST_HELD} records at once.`, ["first"]);
    const from = after ? parseId(after, ["after"]) : null;
    const held = await this.#peering.held(this.id, { first, after: from, state: state ?? null });
    return held.map((one) => new HeldRecordObject(one));
  }
}

/** Pausing hides at once and can be taken back; nothing is put on probation by hand. */
const WITHOUT_PROOF: ReadonlySet<Trust> = new Set(["PAUSED", "PROBATION"]);

const forStewards = "For stewards and admins.";
const noPeer = "NOT_FOUND when there is none with this id";
const noAddress = "UNAVAILABLE on a node without PUBLIC_URL, which cannot be met";
const proofHelp = "Proof that it is you: your password and a code of your authenticator.";
const idHelp = "The peer's id.";

@Resolver()
export class PeerResolver {
  constructor(
    private readonly settled: Peering | null,
    private readonly door: SignIn,
  ) {}

  @Query(() => [PeerObject], {
    description: `The nodes that this one knows, in the order in which they were met. ${forStewards} ${noAddress}.`,
  })
  async peers(@Ctx() context: Context): Promise<readonly PeerObject[]> {
    const { peering } = this.#steward(context);
    return this.#presented(context, await peering.lookAtAll());
  }

  @Query(() => PeerObject, {
    description: `One node that this one knows. ${forStewards} ${noPeer}; ${noAddress}.`,
  })
  peer(
    @Arg("id", () => ID, { description: idHelp }) id: string,
    @Ctx() context: Context,
  ): Promise<PeerObject> {
    this.#steward(context);
    return this.#one(context, parseId(id, ["id"]));
  }

  @Mutation(() => PeerInvitationObject, {
    description: `An invitation for one other network, good once and for two weeks. Whoever takes it up is on probation. ${forStewards} FORBIDDEN when the proof is not right; ${noAddress}.`,
  })
  async invitePeer(
    @Arg("tier", () => PeerTierEnum, {
      description: "What your network means to share; trust is given later, by `setPeer`.",
    })
    tier: TierName,
    @Arg("proof", () => ProofInput, { description: proofHelp }) proof: ProofInput,
    @Ctx() context: Context,
  ): Promise<MadeInvitation> {
    const { peering, person } = this.#steward(context);
    await this.door.prove(hereIn(context), proof);
    const asked: Tier = tier === "PUBLIC" ? "public" : "partners";
    return peering.invite(person, asked);
  }

  @Mutation(() => PeerObject, {
    description: `Meets the node at an address. It is on probation: read, and seen by nobody, until \`setPeer\` trusts it. ${forStewards} FORBIDDEN when the proof is not right; CONFLICT when it is known or blocked already, or does not take the invitation; BAD_USER_INPUT when no node answers there as it should; ${noAddress}.`,
  })
  async addPeer(
    @Arg("url", () => URLScalar, { description: "Where it is met, as in https://directory.example.org." })
    url: string,
    @Arg("invitation", () => String, {
      nullable: true,
      description:
        "The text that its steward made by `invitePeer`, so that it knows this node as well; or a peer's introduction of it. Null to meet it one-sidedly.",
    })
    invitation: string | null | undefined,
    @Arg("proof", () => ProofInput, { description: proofHelp }) proof: ProofInput,
    @Ctx() context: Context,
  ): Promise<PeerObject> {
    const { peering, person } = this.#steward(context);
    await this.door.prove(hereIn(context), proof);
    const { id } = await peering.add(person, url, invitation ?? null);
    return this.#one(context, id);
  }

  @Mutation(() => PeerObject, {
    description: `Says what a peer's word counts for, at once: what is not trusted any more is hidden with the answer, and what a blocked peer sent is deleted. ${forStewards} FORBIDDEN when the proof is not right, BAD_USER_INPUT when it is missing or the safety number is not right; ${noPeer}; ${noAddress}.`,
  })
  async setPeer(
    @Arg("id", () => ID, { description: idHelp }) id: string,
    @Arg("trust", () => PeerTrustEnum, {
      description: "What its word counts for from now on; not PROBATION.",
    })
    trust: Trust,
    @Arg("safetyNumber", () => String, {
      nullable: true,
      description:
        "The number that the other network's steward has read to you. Needed to trust a peer that is not trusted now; it is compared with this node's own.",
    })
    safetyNumber: string | null | undefined,
    @Arg("proof", () => ProofInput, {
      nullable: true,
      description: `Needed for all but PAUSED, which hides at once and deletes nothing. ${proofHelp}`,
    })
    proof: ProofInput | null | undefined,
    @Ctx() context: Context,
  ): Promise<PeerObject> {
    const { peering, person } = this.#steward(context);
    if (!WITHOUT_PROOF.has(trust)) {
      if (!proof)
        throw badInput(
          "Show that it is you, by password and code. To hide a peer at once, pause it: that asks for none.",
          ["proof"],
        );
      await this.door.prove(hereIn(context), proof);
    }
    const set = await peering.setTrust(person, id, trust, safetyNumber ?? null);
    return this.#one(context, set.id);
  }

  @Mutation(() => PeerObject, {
    description: `Reads a peer now; \`state\` and \`problems\` say how it went. One that takes longer than a question may is read to its end all the same. ${forStewards} CONFLICT when it is paused, blocked or retired, or is being read already; ${noPeer}; ${noAddress}.`,
  })
  async syncPeer(
    @Arg("id", () => ID, { description: idHelp }) id: string,
    @Ctx() context: Context,
  ): Promise<PeerObject> {
    const { peering } = this.#steward(context);
    const peer = await peering.one(id);
    if (!isRead(peer))
      throw new DirectoryError("CONFLICT", "A peer that is paused, blocked or retired is not read.", ["id"]);
    if ((await peering.sync(peer.id)) === null)
      throw new DirectoryError("CONFLICT", "This peer is being read right now.", ["id"]);
    return this.#one(context, peer.id);
  }

  @Mutation(() => PeerInvitationObject, {
    description: `Your node's word to one trusted peer that it knows another; the reader passes it to \`addPeer\` and decides for itself. ${forStewards} FORBIDDEN when the proof is not right; CONFLICT unless both are trusted; ${noPeer}; ${noAddress}.`,
  })
  async introducePeer(
    @Arg("id", () => ID, { description: "Who is introduced." }) id: string,
    @Arg("to", () => ID, { description: "The peer whose steward you give the text to." }) to: string,
    @Arg("proof", () => ProofInput, { description: proofHelp }) proof: ProofInput,
    @Ctx() context: Context,
  ): Promise<MadeInvitation> {
    const { peering, person } = this.#steward(context);
    await this.door.prove(hereIn(context), proof);
    return peering.introduce(person, id, to);
  }

  @Mutation(() => PeerObject, {
    description: `Shows what was held back of a peer because so much changed at once, after you have looked at it by \`Peer.held\`. ${forStewards} FORBIDDEN when the proof is not right; ${noPeer}; ${noAddress}.`,
  })
  async releaseWaiting(
    @Arg("peer", () => ID, { description: idHelp }) id: string,
    @Arg("proof", () => ProofInput, { description: proofHelp }) proof: ProofInput,
    @Ctx() context: Context,
  ): Promise<PeerObject> {
    const { peering, person } = this.#steward(context);
    await this.door.prove(hereIn(context), proof);
    await peering.release(person, id);
    return this.#one(context, parseId(id, ["peer"]));
  }

  @Mutation(() => PeerObject, {
    description: `Passes a peer's public feed on to whoever asks, as it was signed, for readers that do not reach the peer itself; or no longer. This makes public that your network knows that one, which no node tells otherwise: ask its steward before. Nothing is passed on while some of it waits, is hidden here or cannot be shown, or is over: whoever watches can tell that there is something, and a network that puts one record in at a time which. ${forStewards} FORBIDDEN when the proof is not right, BAD_USER_INPUT when it is missing; CONFLICT when the peer is not trusted, or does not say that others may pass its feed on; ${noPeer}; ${noAddress}.`,
  })
  async relayPeer(
    @Arg("id", () => ID, { description: idHelp }) id: string,
    @Arg("relayed", () => Boolean, { description: "Whether it is passed on from now on." }) relayed: boolean,
    @Arg("proof", () => ProofInput, {
      nullable: true,
      description: `Needed to begin; to end it takes none. ${proofHelp}`,
    })
    proof: ProofInput | null | undefined,
    @Ctx() context: Context,
  ): Promise<PeerObject> {
    const { peering, person } = this.#steward(context);
    if (relayed) {
      if (!proof) throw badInput("Show that it is you, by password and code.", ["proof"]);
      await this.door.prove(hereIn(context), proof);
    }
    await peering.setRelayed(person, id, relayed);
    return this.#one(context, parseId(id, ["id"]));
  }

  @Mutation(() => HeldRecordObject, {
    description: `Hides a peer's record here, for everybody and at once. It stays hidden whatever its origin sends, withdraws or lists again. ${forStewards} NOT_FOUND when no peer has sent a record with this id; ${noAddress}.`,
  })
  hideRecord(
    @Arg("id", () => ID, { description: "The record's id here." }) id: string,
    @Ctx() context: Context,
  ): Promise<HeldRecordObject> {
    return this.#setHidden(context, id, true);
  }

  @Mutation(() => HeldRecordObject, {
    description: `Takes \`hideRecord\` back: the record is shown again if everything else allows it. ${forStewards} FORBIDDEN when the proof is not right; NOT_FOUND when no peer has sent a record with this id; ${noAddress}.`,
  })
  async showRecord(
    @Arg("id", () => ID, { description: "The record's id here." }) id: string,
    @Arg("proof", () => ProofInput, { description: proofHelp }) proof: ProofInput,
    @Ctx() context: Context,
  ): Promise<HeldRecordObject> {
    this.#steward(context);
    await this.door.prove(hereIn(context), proof);
    return this.#setHidden(context, id, false);
  }

  /** Who asks, and what the node agrees with others. */
  #steward({ viewer }: Context): { readonly person: Person; readonly peering: Peering } {
    const person = requireSteward(viewer);
    if (this.settled !== null) return { person, peering: this.settled };
    throw new DirectoryError(
      "UNAVAILABLE",
      "This node shares with no others: it has no address they could meet it at. Set PUBLIC_URL and start it again.",
    );
  }

  async #setHidden(context: Context, id: string, hidden: boolean): Promise<HeldRecordObject> {
    const { peering, person } = this.#steward(context);
    return new HeldRecordObject(await peering.setHidden(person, id, hidden));
  }

  async #one(context: Context, id: string): Promise<PeerObject> {
    const { peering } = this.#steward(context);
    const [peer] = await this.#presented(context, [await peering.lookAt(id)]);
    if (peer === undefined) throw new Error("one peer was presented as none");
    return peer;
  }

  /** One that was met a moment ago may not be among the networks that are known. */
  async #presented(context: Context, peers: readonly LookedAt[]): Promise<readonly PeerObject[]> {
    const { peering } = this.#steward(context);
    await context.networks.meet(peers.map(({ id }) => id));
    const now = peering.parts.home.clock();
    return peers.flatMap((peer) => {
      const network = context.networks.get(peer.id);
      return network === undefined
        ? []
        : [new PeerObject(peering, peer, new NetworkObject(context, network), now)];
    });
  }
}
