import { ROLES, type Role } from "../visibility/viewer.js";

/** How long an invitation can be accepted, in milliseconds. */
export const INVITATION_LASTS = 7 * 24 * 60 * 60 * 1000;

/** What a person can be here. */
export type PersonRole = Exclude<Role, "ANONYMOUS" | "FRONTEND">;

const byStewards: readonly PersonRole[] = ["SEEKER", "FUNDER", "PRACTITIONER", "STEWARD"];

export const PERSON_ROLES: readonly PersonRole[] = ROLES.filter(isPersonRole);

/** Whom somebody of this role may invite; nobody else may invite at all. */
export const invitable: Readonly<Partial<Record<Role, readonly PersonRole[]>>> = {
  STEWARD: byStewards,
  ADMIN: [...byStewards, "ADMIN"],
};

/** Whether it is what a person can be, and not what a request is. */
export function isPersonRole(role: Role): role is PersonRole {
  return role !== "ANONYMOUS" && role !== "FRONTEND";
}

/** An invitation just made. Its token is told once. */
export type NewInvitation = {
  readonly id: string;
  readonly token: string;
  readonly role: PersonRole;
  readonly expires: Date;
};

/** Where to accept it: behind the #, which no browser sends to a server. */
export function linkTo(network: string, token: string): string {
  const link = new URL(network);
  link.hash = `invitation=${token}`;
  return link.href;
}
