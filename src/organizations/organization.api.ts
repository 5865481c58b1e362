import { Arg, Ctx, Field, ID, ObjectType, Query, Resolver } from "type-graphql";
import { seenListing, seenListings, type Context } from "../context.js";
import { openContacts } from "../listing/contact-point.js";
import { ContactPointObject, ListedObject } from "../listing/listing.api.js";
import { inLanguage } from "../listing/listing.js";
import type { Key } from "../storage/seal.js";
import { enumOf } from "../vocabulary/enum.api.js";
import { LanguageTagScalar, URLScalar } from "../vocabulary/scalars.api.js";
import { LanguageObject, RegionObject, SpecialtyObject, type Words } from "../vocabulary/vocabulary.api.js";
import { ORGANIZATION_ROLES, type OrganizationListing, type OrganizationRole } from "./organization.js";

export const OrganizationRoleEnum = enumOf(
  "OrganizationRole",
  ORGANIZATION_ROLES,
  "What an organization does for defenders.",
  {
    NETWORK: "Connects people and organizations that support defenders.",
    TRAINERS: "Trains defenders, or those who train them.",
    RESPONDERS: "Helps when something has happened or is about to.",
    FUNDER: "Gives money: grants, or help in an emergency.",
    SERVICE_PROVIDER: "Provides a service, such as counselling, legal aid or technical support.",
    HOST: "Gives room: to websites and services, or to people who need a place.",
  },
);

@ObjectType("Organization", {
  implements: ListedObject,
  description:
    "A body that trains, responds, funds, hosts or serves: somebody to turn to who is not one person. One audience for the whole record: whoever sees it sees every field of it.",
})
export class OrganizationObject extends ListedObject {
  @Field(() => String, { simple: true, description: "What it calls itself." })
  readonly name: string;
  @Field(() => [OrganizationRoleEnum], {
    simple: true,
    description: "What it does for defenders; empty when not known.",
  })
  readonly roles: readonly OrganizationRole[];
  @Field(() => [SpecialtyObject], {
    simple: true,
    description: "The kinds of work it helps with; empty when not known.",
  })
  get specialties(): readonly SpecialtyObject[] {
    return this.#listing.specialties.map((code) => this.#words.specialty(code));
  }
  @Field(() => [LanguageObject], {
    simple: true,
    description: "Languages it answers in; empty when not known.",
  })
  get languages(): readonly LanguageObject[] {
    return this.#listing.languages.map((tag) => this.#words.language(tag));
  }
  @Field(() => [RegionObject], { simple: true, description: "Where it helps; empty when not known." })
  get regions(): readonly RegionObject[] {
    return this.#listing.regions.map((code) => this.#words.region(code));
  }
  @Field(() => Boolean, {
    nullable: true,
    simple: true,
    description: "Whether it takes urgent requests; null when nobody has said: unknown is not no.",
  })
  readonly acceptsUrgentRequests: boolean | null;
  @Field(() => URLScalar, {
    nullable: true,
    simple: true,
    description: "Its site; null when it has none that we know.",
  })
  readonly website: string | null;
  @Field(() => [ContactPointObject], { simple: true, description: "How to reach it; empty when not known." })
  get contact(): readonly ContactPointObject[] {
    return openContacts(this.#listing, this.#contacts);
  }

  readonly #words: Words;
  readonly #contacts: Key;
  readonly #listing: OrganizationListing;

  constructor(context: Context, listing: OrganizationListing) {
    super(context, listing);
    this.#words = context.words;
    this.#contacts = context.contacts;
    this.#listing = listing;
    this.name = listing.name;
    this.roles = listing.roles;
    this.acceptsUrgentRequests = listing.acceptsUrgentRequests;
    this.website = listing.website;
  }

  @Field(() => String, {
    nullable: true,
    description: "What it does, in a few sentences; null when nobody has written any.",
  })
  summary(
    @Arg("in", () => LanguageTagScalar, {
      nullable: true,
      description: "The language wanted; else English, else any.",
    })
    locale?: string,
  ): string | null {
    return inLanguage(this.#listing.summary, locale ?? null);
  }
}

@Resolver()
export class OrganizationResolver {
  @Query(() => OrganizationObject, {
    nullable: true,
    description:
      "One organization; null, with the error NOT_FOUND, when there is none with this id or none that this viewer may see.",
  })
  async organization(
    @Arg("id", () => ID, { description: "As the node gave it." }) id: string,
    @Ctx() context: Context,
  ): Promise<OrganizationObject> {
    return new OrganizationObject(
      context,
      await seenListing<OrganizationListing>(context, "organization", id),
    );
  }
}

/** Organizations as this viewer sees them, in the order of the ids. */
export function seenOrganizations(
  context: Context,
  ids: readonly string[],
): readonly OrganizationObject[] | Promise<readonly OrganizationObject[]> {
  const present = (listings: readonly OrganizationListing[]) =>
    listings.map((listing) => new OrganizationObject(context, listing));
  const listings = seenListings<OrganizationListing>(context, "organization", ids);
  return listings instanceof Promise ? listings.then(present) : present(listings);
}
