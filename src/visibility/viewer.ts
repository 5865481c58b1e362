import type { ListedAudience } from "./audience.js";

/** What somebody is here: ANONYMOUS has not signed in, FRONTEND is a network's own site without a person behind the request. */
export const ROLES = [
  "ANONYMOUS",
  "FRONTEND",
  "SEEKER",
  "FUNDER",
  "PRACTITIONER",
  "STEWARD",
  "ADMIN",
] as const;
export type Role = (typeof ROLES)[number];

/** Who is asking. Every read takes one, and reads the listings of its audience and nothing else. */
export type Viewer = {
  readonly audience: ListedAudience;
  readonly role: Role;
  /** The account of the person who asks; null when nobody has signed in. */
  readonly account: string | null;
  /** The key of the frontend the request came through; null when it came without one. */
  readonly frontend: string | null;
};

/** Whoever has not signed in: they see what everyone may see. */
export const anonymous: Viewer = { audience: "PUBLIC", role: "ANONYMOUS", account: null, frontend: null };

/** What each role sees of this network's own records: seekers and funders see what everyone sees. */
const audiences: Readonly<Record<Role, ListedAudience>> = {
  ANONYMOUS: "PUBLIC",
  FRONTEND: "PUBLIC",
  SEEKER: "PUBLIC",
  FUNDER: "PUBLIC",
  PRACTITIONER: "MEMBERS",
  STEWARD: "MEMBERS",
  ADMIN: "MEMBERS",
};

/** Who somebody of this role is; whoever is suspended sees what everyone sees until that is lifted. */
export function viewerOf(
  role: Role,
  account: string | null,
  {
    suspended = false,
    frontend = null,
  }: { readonly suspended?: boolean; readonly frontend?: string | null } = {},
): Viewer {
  return { audience: suspended ? "PUBLIC" : audiences[role], role, account, frontend };
}
