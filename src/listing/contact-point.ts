export const CONTACT_KINDS = ["EMAIL", "SIGNAL", "PGP", "PHONE", "WEBSITE", "OTHER"] as const;
export type ContactKind = (typeof CONTACT_KINDS)[number];

/** A way to reach somebody: an address, a number, a key. `note` says when to use it; null when nothing was said. */
export type ContactPoint = {
  readonly kind: ContactKind;
  readonly value: string;
  readonly note: string | null;
};
