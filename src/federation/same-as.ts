import type { Elsewhere, Side } from "../practitioners/practitioner.js";
import { localIdOf, networkIdOf } from "./node-id.js";

/** This node, as others name it and as a network. */
export type Own = { readonly node: string; readonly network: string };

/** By which network and id an entry is known here. */
export function placeOf({ node, id }: Elsewhere, own: Own): Pick<Side, "network" | "id"> {
  return node === own.node
    ? { network: own.network, id }
    : { network: networkIdOf(node), id: localIdOf(node, id) };
}

/**
 * Whether two entries of two networks are the same person's: each says so of the other, by its origin's word and as far as one
 * audience sees it. What one of them says alone is nothing: anybody could say it of anybody.
 */
export function areSame(one: Side, other: Side, own: Own): boolean {
  return one.network !== other.network && claims(one, other, own) && claims(other, one, own);
}

function claims({ sameAs }: Side, { network, id }: Side, own: Own): boolean {
  return sameAs
    .map((elsewhere) => placeOf(elsewhere, own))
    .some((place) => place.network === network && place.id === id);
}
