import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { requireMember, requirePerson } from "../accounts/person.js";
import type { Context } from "../context.js";
import { DirectoryError } from "../errors.js";
import { CONSENT_VERSION } from "./consent.js";
import { countedAnswer, sayCounted } from "./counted.store.js";
import { ProfileObject, type ProfileParts } from "./profile.api.js";
import { mustLoad, ownEntry } from "./profile.store.js";
import { refuseWhileSuspended } from "./profile.js";

@Resolver(() => ProfileObject)
export class CountedResolver {
  constructor(private readonly parts: ProfileParts) {}

  @FieldResolver(() => Boolean, {
    nullable: true,
    description:
      "Whether you want to be counted in coverage: false is nowhere; true is also where only members see you. Null when you have not said, which counts what everybody sees of you, and to anybody but the owner.",
  })
  async counted(@Root() { id, isOwn }: ProfileObject): Promise<boolean | null> {
    return isOwn ? this.parts.database.transaction((tx) => countedAnswer(tx, id)) : null;
  }

  @Mutation(() => ProfileObject, {
    description:
      "Says whether you want to be counted in coverage. No: from the next epoch on you are counted nowhere. Yes: also where only members see you, where at least three are, and never how many; it needs agreedTo, and is not for a suspended entry.",
  })
  async beCounted(
    @Arg("agree", () => Boolean, { description: "Whether to count you." }) agree: boolean,
    @Arg("agreedTo", () => String, {
      nullable: true,
      description: "The version of consentText that you agree to. Needed to say yes.",
    })
    agreedTo: string | null | undefined,
    @Ctx() context: Context,
  ): Promise<ProfileObject> {
    const { database, home } = this.parts;
    const viewer = agree ? requireMember(context.viewer) : requirePerson(context.viewer);
    if (agree && agreedTo !== CONSENT_VERSION) throw notAgreed();
    const entry = await database.transaction(async (tx) => {
      const before = await ownEntry(tx, home, viewer.account);
      if (before !== null && agree) refuseWhileSuspended(before);
      await sayCounted(tx, home, viewer, agree);
      return mustLoad(tx, home, before?.person.id ?? "");
    });
    return new ProfileObject(context, entry, this.parts);
  }
}

function notAgreed(): DirectoryError {
  return new DirectoryError(
    "CONFLICT",
    `To be counted, read consentText and ask again with agreedTo: "${CONSENT_VERSION}".`,
    ["agreedTo"],
  );
}
