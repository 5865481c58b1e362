import type { ListedAudience } from "../visibility/audience.js";

/** A feed is one audience's listings: what everybody may see, and what members of trusted networks may. */
export const TIERS = ["public", "partners"] as const;
export type Tier = (typeof TIERS)[number];

export function isTier(text: string): text is Tier {
  return (TIERS as readonly string[]).includes(text);
}

/** The audience whose listings a feed holds. */
export const audienceOf: Readonly<Record<Tier, ListedAudience>> = { public: "PUBLIC", partners: "PARTNERS" };
