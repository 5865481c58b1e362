import { Field, InputType } from "type-graphql";
import { LanguageTagScalar } from "../vocabulary/scalars.api.js";
import type { ContactKind } from "./contact-point.js";
import { ContactKindEnum } from "./listing.api.js";
import { MOST_ITEMS, type ToldContact, type ToldText } from "./told.js";

/** What is said of every list that people tell. */
export const replacesList = `Replaces the list; at most ${MOST_ITEMS} items.`;

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
