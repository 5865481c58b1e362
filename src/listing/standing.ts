import { dayOf } from "../clock.js";
import type { ListedAudience } from "../visibility/audience.js";

/**
 * How long a peer's record may be shown: so many seconds after its origin's last head was signed, and never from `notAfter` on,
 * where that was said. A record of this node has no lease.
 */
export type Lease = { readonly lease: number; readonly notAfter: Date | null };

/** When the last accepted head of an origin was signed, for what one audience sees of it. Without one nothing of it is shown. */
export type Standing = {
  readonly origin: string;
  readonly audience: ListedAudience;
  readonly head: Date;
};

/** For each audience when the last accepted head was signed; null where nothing of the origin may be shown. */
export type Heads = Readonly<Record<ListedAudience, Date | null>>;

/** From when on a lease is over, in milliseconds: at once where there is no head, or no lease. */
export function leaseEnd(head: number | null, lease: number): number {
  return head === null || lease <= 0 ? -Infinity : head + lease * 1000;
}

/** Whether a copy is shown at this moment: its lease holds, and its own last moment has not come. */
export function isShown(now: number, leaseEnds: number, notAfter: number): boolean {
  return now < leaseEnds && now < notAfter;
}

/** The day on which a copy stops being shown, when that moment is the first at which it is not. */
export function expiresOf(ends: number): string {
  return dayOf(new Date(ends));
}

/** How complete what peers share is: how many peers' copies are as they should be, in part shown, or not shown any more. */
export type Sources = { readonly fresh: number; readonly stale: number; readonly hidden: number };

/** How one peer's copies stand, of which some are leased for `shortest` and some for `longest` seconds. */
export function freshnessOf(
  now: number,
  head: number,
  { shortest, longest }: { readonly shortest: number; readonly longest: number },
): keyof Sources {
  if (now < leaseEnd(head, shortest / 2)) return "fresh";
  return now < leaseEnd(head, longest) ? "stale" : "hidden";
}
