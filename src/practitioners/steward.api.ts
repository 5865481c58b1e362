import { Arg, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import { requireSteward } from "../accounts/person.js";
import { dayOf, monthsAfter } from "../clock.js";
import type { Context } from "../context.js";
import type { Transaction } from "../storage/database.js";
import { ProfileObject, type ProfileParts } from "./profile.api.js";
import { accept, giveBack, lift, suspend, type Entry } from "./profile.js";
import {
  acceptEntry,
  entriesToReview,
  liftEntry,
  returnEntry,
  suspendEntry,
  suspendedEntries,
} from "./steward.store.js";

const idHelp = "The practitioner's id. NOT_FOUND when there is none that stewards may know of.";
const reasonHelp =
  "What to tell the person, at most 1,000 characters; kept encrypted, and seen by them and by stewards.";

@Resolver()
export class StewardResolver {
  constructor(private readonly parts: ProfileParts) {}

  @Query(() => [ProfileObject], {
    description:
      "Entries that wait for a steward, as members would see them, at most 100 at once and without your own. For stewards; each look is told to the person in their history.",
  })
  async entriesToReview(@Ctx() context: Context): Promise<readonly ProfileObject[]> {
    const viewer = requireSteward(context.viewer);
    const entries = await this.#write((tx) => entriesToReview(tx, this.parts.home, viewer));
    return entries.map((entry) => this.#present(context, entry));
  }

  @Query(() => [ProfileObject], {
    description:
      "Entries that are suspended, at most 100 at once, so that they can be lifted. For stewards; each look is told to the person in their history.",
  })
  async suspendedEntries(@Ctx() context: Context): Promise<readonly ProfileObject[]> {
    const viewer = requireSteward(context.viewer);
    const entries = await this.#write((tx) => suspendedEntries(tx, this.parts.home, viewer));
    return entries.map((entry) => this.#present(context, entry));
  }

  @Mutation(() => ProfileObject, {
    description:
      "Lists an entry that waits for review, as its owner shows it. For stewards; your own only while nobody else looks after this node.",
  })
  async acceptPractitioner(
    @Arg("id", () => ID, { description: idHelp }) id: string,
    @Ctx() context: Context,
  ): Promise<ProfileObject> {
    const { home, terms } = this.parts;
    const viewer = requireSteward(context.viewer);
    const confirmBy = monthsAfter(dayOf(home.clock()), terms.confirmEvery);
    return this.#change(context, (tx) =>
      acceptEntry(tx, home, viewer, id, (entry) => accept(entry, confirmBy)),
    );
  }

  @Mutation(() => ProfileObject, {
    description:
      "Gives an entry that waits for review back to its owner, as a draft, and says why. For stewards.",
  })
  async returnPractitioner(
    @Arg("id", () => ID, { description: idHelp }) id: string,
    @Arg("reason", () => String, { description: reasonHelp }) reason: string,
    @Ctx() context: Context,
  ): Promise<ProfileObject> {
    const viewer = requireSteward(context.viewer);
    return this.#change(context, (tx) =>
      returnEntry(tx, this.parts.home, viewer, id, (entry) => giveBack(entry, reason)),
    );
  }

  @Mutation(() => ProfileObject, {
    description:
      "Takes an entry out of the directory at once, and lets its owner's account see only what everyone sees. For stewards; never their own.",
  })
  async suspendPractitioner(
    @Arg("id", () => ID, { description: idHelp }) id: string,
    @Arg("reason", () => String, { description: reasonHelp }) reason: string,
    @Ctx() context: Context,
  ): Promise<ProfileObject> {
    const viewer = requireSteward(context.viewer);
    return this.#change(context, (tx) =>
      suspendEntry(tx, this.parts.home, viewer, id, (entry) => suspend(entry, reason)),
    );
  }

  @Mutation(() => ProfileObject, {
    description:
      "Ends the suspension of an entry and of its owner's account. It becomes what it was before; who withdrew in the meantime stays withdrawn. For stewards; never their own.",
  })
  async liftPractitioner(
    @Arg("id", () => ID, { description: idHelp }) id: string,
    @Ctx() context: Context,
  ): Promise<ProfileObject> {
    const viewer = requireSteward(context.viewer);
    return this.#change(context, (tx) => liftEntry(tx, this.parts.home, viewer, id, lift));
  }

  async #change(context: Context, work: (tx: Transaction) => Promise<Entry>): Promise<ProfileObject> {
    return this.#present(context, await this.#write(work));
  }

  #write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.parts.database.transaction(work);
  }

  #present(context: Context, entry: Entry): ProfileObject {
    return new ProfileObject(context, entry, this.parts);
  }
}
