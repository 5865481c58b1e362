import type { Clock } from "../clock.js";
import type { Seals } from "../storage/seals.js";

/** What every write of this node's own records works with: the id of its network, its keys and its clock. */
export type Home = { readonly network: string; readonly seals: Seals; readonly clock: Clock };
