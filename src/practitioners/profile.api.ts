import { Arg, Ctx, Field, FieldResolver, ID, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { ViewerObject } from "../accounts/account.api.js";
import { requireMember, requirePerson } from "../accounts/person.js";
import { dayOf, monthsAfter } from "../clock.js";
import { seenListings, type Context } from "../context.js";
import { listedBy, type Home, type RecordParts } from "../listing/home.js";
import { AudienceEnum } from "../listing/listing.api.js";
import { isId, writeDoc, type ListedKind } from "../listing/listing.js";
import type { Transaction } from "../storage/database.js";
import { enumOf } from "../vocabulary/enum.api.js";
import { DateScalar, LanguageTagScalar } from "../vocabulary/scalars.api.js";
import { LISTED_AUDIENCES, reaches, type Audience, type ListedAudience } from "../visibility/audience.js";
import { isDue, type Terms } from "./confirmation.js";
import { CONSENT_VERSION, consentText } from "./consent.js";
import { parseElsewhere } from "./elsewhere.js";
import type { ProfileField } from "./field.js";
import { PractitionerObject } from "./practitioner.api.js";
import { PROFILE_STATES, seenAs, type PractitionerListing, type ProfileState } from "./practitioner.js";
import { ProfileFieldEnum, ProfileInput } from "./profile-input.api.js";
import { confirm, narrowsOnly, refuseWhileSuspended, submit, withdraw, type Entry } from "./profile.js";
import {
  changeOrBegin,
  changeOwn,
  confirmOwn,
  eraseOf,
  moveOwn,
  ownEntry,
  submitOwn,
  withdrawOwn,
} from "./profile.store.js";
import { tell, withLinks, type Seen } from "./told.js";
import { show, visibilityForSteward, visibilityOf, type FieldVisibility } from "./visibility.js";

const ProfileStateEnum = enumOf("ProfileState", PROFILE_STATES, "How far an entry has come.", {
  DRAFT: "Its owner is writing it; nobody else sees it.",
  AWAITING_REVIEW: "Handed in; stewards see of it what members will see, and nobody else sees it.",
  LISTED: "In the directory, for those it is shown to.",
  SUSPENDED: "Taken out of the directory by a steward, and so is its owner's account.",
  WITHDRAWN: "Taken out of the directory by its owner, who may hand it in again.",
});

/** What whoever changes entries and vouches works with. */
export type ProfileParts = RecordParts & { readonly terms: Terms };

@ObjectType("CoarserVisibility", {
  description: "A coarser value and who sees it instead of the value itself.",
})
class CoarserVisibilityObject {
  @Field(() => String, { simple: true, description: "The coarser value, as items are named." })
  readonly item: string;
  @Field(() => AudienceEnum, { simple: true, description: "The widest audience that sees it." })
  readonly audience: Audience;
}

@ObjectType("FieldVisibility", {
  description: "Who sees one field of an entry, or one item of a list. Seen by whoever sees the Profile.",
})
class FieldVisibilityObject implements FieldVisibility {
  @Field(() => ProfileFieldEnum, { simple: true, description: "The field." })
  readonly field: ProfileField;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description: "The item, named as show takes it; null for a field that is no list.",
  })
  readonly item: string | null;
  @Field(() => AudienceEnum, {
    simple: true,
    description: "The widest audience that sees it, as far as the entry itself and its alias reach.",
  })
  readonly audience: Audience;
  @Field(() => AudienceEnum, { simple: true, description: "The widest audience it could be shown to." })
  readonly ceiling: Audience;
  @Field(() => [CoarserVisibilityObject], {
    simple: true,
    description:
      "Coarser values that wider audiences see instead; empty when there are none. To a steward each stands for itself instead.",
  })
  readonly coarser: readonly CoarserVisibilityObject[];
}

@ObjectType("ConsentText", {
  description: "What a person agrees to when they show something. Everybody may read it.",
})
class ConsentTextObject {
  @Field(() => String, {
    simple: true,
    description: "Names the text: whoever agrees to it gives this as agreedTo.",
  })
  readonly version: string;
  @Field(() => String, { simple: true, description: "The text itself." })
  readonly text: string;
}

@ObjectType("Profile", {
  description:
    "A practitioner's own entry, with who sees what. Its owner sees everything; a steward who looks after it sees what members would see, and never what is private.",
})
export class ProfileObject {
  @Field(() => ID, { simple: true, description: "The id of the practitioner. Random." })
  readonly id: string;
  @Field(() => ProfileStateEnum, { simple: true, description: "How far the entry has come." })
  readonly state: ProfileState;
  @Field(() => String, {
    nullable: true,
    simple: true,
    description:
      "What a steward last said of the entry when returning or suspending it; null when there is nothing to say.",
  })
  readonly reason: string | null;
  @Field(() => DateScalar, {
    nullable: true,
    simple: true,
    description:
      "The last day for confirming that the entry is still true; after it, fewer people see it. Null while it is not listed.",
  })
  readonly confirmBy: string | null;
  @Field(() => Boolean, {
    simple: true,
    description: "Whether it is time to confirm the entry: the day for it is near, or has passed.",
  })
  readonly confirmationDue: boolean;

  readonly #context: Context;
  readonly #entry: Entry;
  readonly #home: Home;

  constructor(context: Context, entry: Entry, { home, terms }: Pick<ProfileParts, "home" | "terms">) {
    const { person, reason, confirmBy } = entry;
    this.id = person.id;
    this.state = person.state;
    this.reason = reason;
    this.confirmBy = person.state === "LISTED" ? confirmBy : null;
    this.confirmationDue = isDue({ ...person, confirmBy }, dayOf(home.clock()), terms);
    this.#context = context;
    this.#entry = entry;
    this.#home = home;
  }

  @Field(() => PractitionerObject, {
    nullable: true,
    simple: true,
    description:
      "Everything, to its owner. To a steward what members see, or would see once it is listed; null when that is nothing, and once it is back with its owner.",
  })
  get practitioner(): PractitionerObject | null {
    return this.seenBy(this.isOwn ? "PRIVATE" : "MEMBERS");
  }

  @Field(() => PractitionerObject, {
    nullable: true,
    description:
      "Exactly what this audience gets, or would get once the entry is listed; null when that is nothing. PRIVATE is the owner's own view, and null for a steward.",
  })
  seenBy(
    @Arg("audience", () => AudienceEnum, { description: "Through whose eyes to look." }) audience: Audience,
  ): PractitionerObject | null {
    if (!this.#mayShow(audience)) return null;
    const by = listedBy(this.#home);
    const listing = seenAs(this.#entry.person, audience, by);
    if (listing === null) return null;
    // As it is written and read again, so that nothing tells it from what others get.
    const written = JSON.parse(writeDoc(listing)) as PractitionerListing;
    return new PractitionerObject(lookingAs(this.#context, audience), written);
  }

  @Field(() => [FieldVisibilityObject], {
    simple: true,
    description:
      "Who sees what: every field that holds something and every item of a list. To a steward only what members see, or would see.",
  })
  get visibility(): readonly FieldVisibility[] {
    if (this.isOwn) return visibilityOf(this.#entry.person);
    return this.#mayShow("MEMBERS") ? visibilityForSteward(this.#entry.person) : [];
  }

  /** Whose entry it is; null when nobody has come for it. */
  get account(): string | null {
    return this.#entry.account;
  }

  /** Whether whoever looks is the one whose entry it is. */
  get isOwn(): boolean {
    const { account } = this.#context.viewer;
    return account !== null && account === this.#entry.account;
  }

  #mayShow(audience: Audience): boolean {
    if (this.isOwn) return true;
    const { person, liftTo } = this.#entry;
    const handedIn = person.state !== "DRAFT" && person.state !== "WITHDRAWN" && liftTo !== "WITHDRAWN";
    return handedIn && audience !== "PRIVATE";
  }
}

/** What the entry leads to is seen as that audience sees it, and never as more than whoever looks may see: they may be suspended. */
function lookingAs(context: Context, audience: Audience): Context {
  const { viewer } = context;
  return isListed(audience) && reaches(audience, viewer.audience) ? context.asSeenBy(audience) : context;
}

function isListed(audience: Audience): audience is ListedAudience {
  return audience !== "PRIVATE";
}

const agreedToHelp =
  "The version of consentText that you agree to. Needed when something would be shown to more people than you have agreed to.";

@Resolver(() => ProfileObject)
export class ProfileResolver {
  constructor(private readonly parts: ProfileParts) {}

  @Query(() => ProfileObject, {
    nullable: true,
    description: "Your own entry; null when you have none. Nobody else gets it.",
  })
  async profile(@Ctx() context: Context): Promise<ProfileObject | null> {
    const { database, home } = this.parts;
    const entry = await database.transaction((tx) => ownEntry(tx, home, context.viewer.account));
    return entry === null ? null : this.#present(context, entry);
  }

  @Query(() => ConsentTextObject, {
    description: "What showing something means, in words to agree to. Everybody may read it.",
  })
  consentText(
    @Arg("in", () => LanguageTagScalar, {
      nullable: true,
      description: "The language wanted; else English.",
    })
    locale?: string,
  ): ConsentTextObject {
    return { version: CONSENT_VERSION, text: consentText(locale ?? "en") };
  }

  @Mutation(() => ProfileObject, {
    description:
      "Begins your own entry, as a draft that nobody else sees, or changes it. Once it is handed in or listed, whatever shows something to an audience you have not agreed to needs agreedTo.",
  })
  async saveProfile(
    @Arg("input", () => ProfileInput, { description: "What you tell of yourself." }) input: ProfileInput,
    @Arg("agreedTo", () => String, { nullable: true, description: agreedToHelp })
    agreedTo: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<ProfileObject> {
    const { vocabulary, home } = this.parts;
    const viewer = requireMember(context.viewer);
    const seen = await linksSeen(context, input);
    const entry = await this.#write((tx) =>
      changeOrBegin(tx, home, viewer, agreedTo ?? null, (before) => {
        refuseWhileSuspended(before);
        const told = withLinks(input, before.person, seen);
        return tell(before.person, told, vocabulary, dayOf(home.clock()));
      }),
    );
    return this.#present(context, entry);
  }

  @Mutation(() => ProfileObject, {
    description:
      "Shows a field of your entry, or one item of a list, to this audience: more people or fewer. Fewer takes effect at once; more needs agreedTo when you have not agreed to it before. While your entry is suspended you may only show less.",
  })
  async show(
    @Arg("field", () => ProfileFieldEnum, { description: "The field, or the entry as a whole." })
    field: ProfileField,
    @Arg("to", () => AudienceEnum, { description: "The widest audience that is to see it." }) to: Audience,
    @Arg("item", () => String, {
      nullable: true,
      description: "One item of a list, named as visibility does; null means all of them.",
    })
    item: string | null | undefined,
    @Arg("agreedTo", () => String, { nullable: true, description: agreedToHelp })
    agreedTo: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<ProfileObject> {
    const viewer = requirePerson(context.viewer);
    const entry = await this.#write((tx) =>
      changeOwn(tx, this.parts.home, viewer, agreedTo ?? null, (before) => {
        const after = show(before.person, { field, to, item: item ?? null });
        if (!narrowsOnly(before.person, after)) {
          refuseWhileSuspended(before);
          requireMember(context.viewer);
        }
        return after;
      }),
    );
    return this.#present(context, entry);
  }

  @Mutation(() => ProfileObject, {
    description:
      "Hands your entry in for a steward to look at, and agrees to show what it shows. Nobody else sees it before it is accepted.",
  })
  async submitProfile(
    @Arg("agreedTo", () => String, { description: "The version of consentText that you agree to." })
    agreedTo: string,
    @Ctx() context: Context,
  ): Promise<ProfileObject> {
    const viewer = requireMember(context.viewer);
    const entry = await this.#write((tx) => submitOwn(tx, this.parts.home, viewer, agreedTo, submit));
    return this.#present(context, entry);
  }

  @Mutation(() => ProfileObject, {
    description:
      "Says that your entry is still true. Without it fewer people see it; it shows nothing to more people.",
  })
  async confirmProfile(@Ctx() context: Context): Promise<ProfileObject> {
    const { home, terms } = this.parts;
    const viewer = requireMember(context.viewer);
    const today = dayOf(home.clock());
    const entry = await this.#write((tx) =>
      confirmOwn(tx, home, viewer, (before) =>
        confirm(before, today, monthsAfter(today, terms.confirmEvery)),
      ),
    );
    return this.#present(context, entry);
  }

  @Mutation(() => ProfileObject, {
    description:
      "Takes your entry out of every list at once, and takes back what you agreed to. You keep it, and may hand it in again.",
  })
  async withdrawProfile(@Ctx() context: Context): Promise<ProfileObject> {
    const viewer = requirePerson(context.viewer);
    const entry = await this.#write((tx) => withdrawOwn(tx, this.parts.home, viewer, withdraw));
    return this.#present(context, entry);
  }

  @Mutation(() => ProfileObject, {
    description:
      "Withdraws your entry here because you have another at another network. Those who are told and ask for this one are led to that one, if it says by movedFrom that it takes this one's place; nobody else is told anything. A peer cannot be forced to forget it. Handing in, withdrawing or erasing this entry takes it back.",
  })
  async moveProfile(
    @Arg("to", () => String, { description: "The other entry, as Profile.nameEverywhere tells it there." })
    to: string,
    @Arg("told", () => AudienceEnum, { description: "Who is told, of those who see this entry now." })
    told: Audience,
    @Ctx() context: Context,
  ): Promise<ProfileObject> {
    const viewer = requireMember(context.viewer);
    const there = parseElsewhere(to, ["to"]);
    const audiences = LISTED_AUDIENCES.filter((audience) => reaches(told, audience));
    const entry = await this.#write((tx) => moveOwn(tx, this.parts.home, viewer, there, audiences));
    return this.#present(context, entry);
  }

  @Mutation(() => Boolean, {
    description:
      "Erases your entry from the database, whatever state it is in, with the vouches you gave and were given. It cannot be undone. False when you have none.",
  })
  async eraseProfile(@Ctx() context: Context): Promise<boolean> {
    const viewer = requirePerson(context.viewer);
    return this.#write((tx) => eraseOf(tx, this.parts.home, viewer.account, viewer));
  }

  #write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.parts.database.transaction(work);
  }

  #present(context: Context, entry: Entry): ProfileObject {
    return new ProfileObject(context, entry, this.parts);
  }
}

/** What somebody is here leads to the entry they have. */
@Resolver(() => ViewerObject)
export class ViewerProfileResolver {
  constructor(private readonly profiles: ProfileResolver) {}

  @FieldResolver(() => ProfileObject, {
    nullable: true,
    description: "Your own entry; null when you have none. Nobody else gets it.",
  })
  profile(@Ctx() context: Context): Promise<ProfileObject | null> {
    return this.profiles.profile(context);
  }
}

/** Which of the records that are named the viewer can see. */
async function linksSeen(context: Context, { organizations, resources }: ProfileInput): Promise<Seen> {
  return {
    organizations: await seenIds(context, "organization", organizations ?? []),
    resources: await seenIds(context, "resource", resources ?? []),
  };
}

async function seenIds(
  context: Context,
  kind: ListedKind,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const listings = await seenListings(context, kind, ids.filter(isId));
  return new Set(listings.map(({ id }) => id));
}
