import { seenListings } from "../context.js";
import { readMoved } from "../listing/moved.store.js";
import type { FollowMove } from "../practitioners/practitioner.api.js";
import type { PractitionerListing } from "../practitioners/practitioner.js";
import type { Reader } from "../storage/database.js";
import { localIdOf } from "./node-id.js";
import type { FindOwn } from "./same-as.api.js";
import { placeOf } from "./same-as.js";

/**
 * Leads from an entry that is not there to the one that took its place: the old network told this audience where it went, and the
 * new entry says to it where it came from. One side alone leads nowhere. As much is asked of the database whatever was said.
 */
export function following(read: Reader, findOwn: FindOwn): FollowMove {
  return async (context, id) => {
    const own = await findOwn();
    if (own === null) return null;
    const move = await readMoved(read, context.viewer.audience, id);
    const to = move === null ? null : placeOf({ node: move.node, id: move.there }, own);
    const wanted = to?.id ?? localIdOf("nobody", id);
    const [next] = await seenListings<PractitionerListing>(context, "practitioner", [wanted]);
    if (next === undefined || move === null || next.network !== to?.network) return null;
    const from = next.movedFrom === undefined ? null : placeOf(next.movedFrom, own);
    return from !== null && from.id === id && from.network === move.origin ? next : null;
  };
}
