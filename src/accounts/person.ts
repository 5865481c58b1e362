import { DirectoryError } from "../errors.js";
import { viewerOf, type Role, type Viewer } from "../visibility/viewer.js";

/** Somebody who has signed in. */
export type Person = Viewer & { readonly account: string };

/** Who belongs to this network. */
export const MEMBERS: readonly Role[] = ["PRACTITIONER", "STEWARD", "ADMIN"];
/** Who looks after this network's node and its entries. */
export const STEWARDS: readonly Role[] = ["STEWARD", "ADMIN"];

/**
 * Why this viewer may not do what is for people of these roles, unless they are suspended, or for whoever has signed in when `roles`
 * is null. Null when they may.
 */
export function refusalFor(viewer: Viewer, roles: readonly Role[] | null): DirectoryError | null {
  if (viewer.account === null) return new DirectoryError("UNAUTHENTICATED", "Sign in to do this.");
  if (roles === null) return null;
  if (!roles.includes(viewer.role)) return notForThisRole();
  return isSuspended(viewer) ? new DirectoryError("FORBIDDEN", "Your account is suspended.") : null;
}

/** The refusal of what people of other roles may do. */
export function notForThisRole(): DirectoryError {
  return new DirectoryError("FORBIDDEN", "What you are here does not let you do this.");
}

/** Whoever sees less than others of their role is suspended. */
function isSuspended({ role, account, audience }: Viewer): boolean {
  return viewerOf(role, account).audience !== audience;
}

/** The person who asks, suspended or not; UNAUTHENTICATED for everybody else. */
export function requirePerson(viewer: Viewer): Person {
  return required(viewer, null);
}

/** The member of this network who asks; UNAUTHENTICATED or FORBIDDEN for everybody else, and for members who are suspended. */
export function requireMember(viewer: Viewer): Person {
  return required(viewer, MEMBERS);
}

/** The steward or admin who asks; UNAUTHENTICATED or FORBIDDEN for everybody else, and for those who are suspended. */
export function requireSteward(viewer: Viewer): Person {
  return required(viewer, STEWARDS);
}

function required(viewer: Viewer, roles: readonly Role[] | null): Person {
  const refused = refusalFor(viewer, roles);
  if (refused !== null) throw refused;
  // Whoever has no account was refused.
  return viewer as Person;
}
