import { Directory001 } from "./001-directory.js";

/** Every migration, in order. A migration is never edited once it is released: expand, move, then contract. */
export const migrations = [Directory001] as const;
