import { Field, InputType } from "type-graphql";
import { LanguageTagScalar } from "../vocabulary/scalars.api.js";
import type { ContactKind } from "./contact-point.js";
import { ContactKindEnum } from "./listing.api.js";
import { MOST_ITEMS, type ToldContact, type ToldText } from "./told.js";

/** What is said of every list that people tell. */
const replacesList = `Replaces the list; at most ${MOST_ITEMS} items.`;

/** A field that may be left out. */
export const optional = { nullable: true } as const;
/** What is said of every field that may be left out. */
export const stays = "Left out, it stays as it is; null clears it.";
/** The same of a list. */
export const listStays = `${replacesList} ${stays}`;

@InputType("TextInput", { description: "A text in one language. A field takes one for each language." })
export class TextInput implements ToldText {
  @Field(() => LanguageTagScalar, { description: "The language it is written in." })
  readonly in: string;
  @Field(() => String, { description: "The text itself; line breaks stay." })
  readonly text: string;
}

@InputType("ContactPointInput", { description: "A way to reach somebody directly." })
export class ContactPointInput implements ToldContact {
  @Field(() => ContactKindEnum, { description: "What kind of address it is." })
  readonly kind: ContactKind;
  @Field(() => String, { description: "The address, number or key itself, in the form of its kind." })
  readonly value: string;
  @Field(() => String, {
    nullable: true,
    description: "When or how to use it, at most 200 characters; null says nothing.",
  })
  readonly note?: string | null;
}
