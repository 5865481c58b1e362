import { fold } from "../vocabulary/word.js";

/**
 * Which record of its source an id means, however its letters are written: who withdrew as `w1` does not come back as `W1`.
 * What is shown is always the source's own spelling.
 */
export type SourceKey = string & { readonly folded: "source key" };

/** The key of an id as the source spells it. */
export function keyOf(sourceId: string): SourceKey {
  return fold(sourceId) as SourceKey;
}
