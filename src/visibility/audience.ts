/** Who may see a fact. Each audience sees all that the ones before it see. */
export const AUDIENCES = ["PUBLIC", "PARTNERS", "MEMBERS", "PRIVATE"] as const;
export type Audience = (typeof AUDIENCES)[number];

/** The audiences that have listings: PRIVATE facts are in none, they are the person's alone. */
export const LISTED_AUDIENCES = ["PUBLIC", "PARTNERS", "MEMBERS"] as const;
export type ListedAudience = (typeof LISTED_AUDIENCES)[number];

const width: Record<Audience, number> = { PUBLIC: 3, PARTNERS: 2, MEMBERS: 1, PRIVATE: 0 };

/** Whether something shown to `shownTo` is seen by `audience`: what is public reaches everyone, what is private nobody else. */
export function reaches(shownTo: Audience, audience: Audience): boolean {
  return width[shownTo] >= width[audience];
}

/** The one of the two that fewer people belong to. */
export function narrower(one: Audience, other: Audience): Audience {
  return width[one] <= width[other] ? one : other;
}

/** Whether more people belong to the one than to the other. */
export function isWider(one: Audience, other: Audience): boolean {
  return width[one] > width[other];
}

/** The one of these that most people belong to; PRIVATE when there is none. */
export function widest(audiences: readonly Audience[]): Audience {
  return audiences.reduce((most, one) => (isWider(one, most) ? one : most), "PRIVATE");
}

/** The next audience inside this one. */
export function oneStepNarrower(audience: Audience): Audience {
  return AUDIENCES[AUDIENCES.indexOf(audience) + 1] ?? "PRIVATE";
}
