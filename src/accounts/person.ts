import { DirectoryError } from "../errors.js";
import { viewerOf, type Role, type Viewer } from "../visibility/viewer.js";

/** Somebody who has signed in. */
export type Person = Viewer & { readonly account: string };

/** The person who asks, of any role unless some are named; refuses everybody else. */
export function requireRole(viewer: Viewer, ...roles: readonly Role[]): Person {
  const { account, role } = viewer;
  if (account === null) throw new DirectoryError("UNAUTHENTICATED", "Sign in to do this.");
  if (roles.length > 0 && !roles.includes(role))
    throw new DirectoryError("FORBIDDEN", "What you are here does not let you do this.");
  // Who sees less than others of their role is suspended.
  if (roles.length > 0 && viewerOf(role, account).audience !== viewer.audience)
    throw new DirectoryError("FORBIDDEN", "Your account is suspended.");
  return { ...viewer, account };
}
