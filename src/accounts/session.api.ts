import { Field, ObjectType } from "type-graphql";
import type { Context } from "../context.js";
import { DirectoryError } from "../errors.js";
import { DateTimeScalar } from "../vocabulary/scalars.api.js";
import { RoleEnum } from "./account.api.js";
import type { PersonRole } from "./invitation.js";
import { requirePerson } from "./person.js";
import type { Entrance } from "./session.store.js";
import type { Here } from "./sign-in.store.js";

@ObjectType("Session", {
  description: "What you act with once you have signed in. Told once, to whoever signed in.",
})
export class SessionObject implements Entrance {
  @Field(() => String, {
    simple: true,
    description: "Send it with each request as `Authorization: Bearer …`. Only its hash is kept here.",
  })
  readonly token: string;
  @Field(() => DateTimeScalar, {
    simple: true,
    description: "When it ends, however much it is used; sooner when you sign out or the account is removed.",
  })
  readonly expires: Date;
  @Field(() => RoleEnum, { simple: true, description: "What you are here." })
  readonly role: PersonRole;
  @Field(() => [String], {
    simple: true,
    description:
      "Codes that each stand in for one code of your authenticator, or set a new password, once. Shown when an invitation is accepted; empty ever after. Keep them on paper.",
  })
  readonly recoveryCodes: readonly string[];
}

/** The person who asks, in the session they act in. */
export function hereIn({ viewer, request }: Context): Here {
  const person = requirePerson(viewer);
  if (request.token === null) throw new Error("a person was recognised without a session");
  return { person, token: request.token, source: request.source };
}

/** Where somebody comes in from; FORBIDDEN through a frontend whose key may only read. */
export function entryFrom({ request }: Context): string {
  if (!request.accounts)
    throw new DirectoryError("FORBIDDEN", "People cannot sign in through a key that may only read.");
  return request.source;
}
