import { z } from "zod";
import { OperatorError } from "../errors.js";

const points = z
  .int("Points are whole numbers, so that they add up exactly.")
  .min(0, "Points are 0 or more.")
  .max(1000, "1000 points are the most one thing can be worth.");

/**
 * How many points each thing is worth that makes somebody fit a need better. Whole numbers, so that the reasons add up to the score
 * exactly. 0 leaves a reason out.
 */
const schema = z.strictObject({
  // Depth comes first: who knows it thoroughly is worth a longer journey, and the basics alone seldom are.
  expert: points.default(36),
  practised: points.default(22),
  introductory: points.default(8),
  // Who has not said how deep it goes may be an expert or a beginner: nearly what a beginner is worth.
  depthUntold: points.default(6),
  // For each specialty that was wanted and not required: half of what practising it is worth.
  wanted: points.default(10),

  // Somebody from there knows the place and stays when others have left; a journey is a risk, and afar is better than nobody.
  basedThere: points.default(26),
  worksThere: points.default(24),
  // Who names a wider region, such as the whole continent, is there less often than who names the country.
  worksAround: points.default(20),
  travelsThere: points.default(12),
  helpsFromAfar: points.default(4),

  // Never a training alone: who comes back is preferred to who does not, and twice over where follow-up was asked for.
  followUp: points.default(10),
  followUpAsked: points.default(10),

  // People open up in the language they grew up with; getting by is enough to be found, and little more.
  native: points.default(12),
  fluent: points.default(9),
  working: points.default(4),
  basic: points.default(0),

  // For each community asked for: somebody who has worked with them before does less harm.
  community: points.default(9),
  // For each way of working asked for: most can learn another, so it weighs less than experience.
  format: points.default(8),

  // They have room. Being asked in vain costs both sides time, but it can be asked.
  available: points.default(8),
  partlyAvailable: points.default(6),
  assessesFirst: points.default(3),
  // When it is urgent, whoever is used to that comes before whoever lives nearer.
  rapidResponse: points.default(40),

  // What was confirmed lately is still true more often.
  confirmedLately: points.default(6),
  confirmedThisYear: points.default(3),
  // Others stand behind them. Little, or those known to many would be sent everything.
  vouchedByMany: points.default(5),
  vouchedBySome: points.default(4),
  vouchedByFew: points.default(2),
});

export type Weights = Readonly<z.infer<typeof schema>>;

/** The weights a node changes, with the others as they are; a mistake is a sentence that names the weight. */
export function readWeights(given: unknown = {}): Weights {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  throw new OperatorError(
    `MATCH_WEIGHTS cannot be used: it is JSON such as {"expert": 50, "basedThere": 40}, with any of ${Object.keys(schema.shape).join(", ")}.\n${z.prettifyError(read.error)}`,
  );
}
