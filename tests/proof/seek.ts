/** Looks for a difference with each of some seeds: what finds the leak that is planted in the product beside it. */
import { parseArgs } from "node:util";
import { openArena } from "./arena.js";
import { Campaign } from "./campaign.js";

/** What was found with a seed: after how many pairs, and by which question; null when nothing was. */
export type Sought = { readonly seed: number; readonly pairs: number; readonly by: string | null };

const { values: asked } = parseArgs({
  options: {
    pairs: { type: "string", default: "40" },
    seeds: { type: "string", default: "1,2,3,4,5" },
    /** Whether coverage is published of every pair, and else of none. */
    counting: { type: "boolean", default: false },
  },
});

const arena = await openArena();
try {
  const campaign = await Campaign.open(arena, asked.counting ? 1 : Infinity);
  const sought: Sought[] = [];
  for (const seed of asked.seeds.split(",").map(Number)) {
    const { pairs, difference } = await campaign.run({ seed, pairs: Number(asked.pairs) });
    const by = difference === null ? null : JSON.stringify(difference.asked);
    sought.push({ seed, pairs, by });
  }
  console.log(JSON.stringify(sought));
} finally {
  await arena.close();
}
