import type { Transaction } from "../storage/database.js";
import type { Flood } from "./accept.js";
import { WIRE_TYPES } from "./body.js";
import type { Tier } from "./tier.js";

/** What comes of each kind of record in a day, so that what comes all at once waits for a steward; see `isFlood`. */

/** One feed of one peer. */
type Fed = { readonly peer: { readonly id: string }; readonly tier: Tier };

/** How much of a kind came in a day; the empty type stands for all that this node does not know. */
type Kind = Flood & { readonly type: string };
type Arrived = Omit<Kind, "held">;
/** How many stand of a kind, and how many of them are held for showing. */
type Held = Pick<Kind, "type" | "held"> & { readonly stands: number };

export const KINDS: readonly string[] = Object.values(WIRE_TYPES);

/**
 * What was counted when a state of the feed was accepted, and on which day; `held` is how many were held for showing then. What was kept
 * before that was counted does not say it.
 */
export type CountedThen = {
  readonly day: string;
  readonly counted: readonly (Arrived & Partial<Pick<Kind, "held">>)[];
};

/** What came today by now, with what was put by. At the first reading of a feed everything is new, and nothing of it counts. */
export async function countToday(
  tx: Transaction,
  feed: Fed,
  before: CountedThen | undefined,
  today: string,
): Promise<readonly Kind[]> {
  if (before === undefined) return [];
  const known = await keptCounts(tx, feed, before.counted);
  const arrived = await tx.query<Arrived[]>(countArriving, [feed.peer.id, feed.tier, KINDS]);
  return addUp(before.day === today ? known : known.map(asOfANewDay), arrived);
}

async function keptCounts(
  tx: Transaction,
  feed: Fed,
  counted: CountedThen["counted"],
): Promise<readonly Kind[]> {
  const known = counted.flatMap(({ held, ...one }) => (held === undefined ? [] : [{ ...one, held }]));
  return known.length > 0 ? known : besideStanding(counted, await countHeld(tx, feed));
}

/** How many records of each kind stand. What waits, or cannot be shown, makes no room for changing the rest. */
export async function countHeld(tx: Transaction, { peer, tier }: Fed): Promise<readonly Held[]> {
  return tx.query<Held[]>(countStanding, [peer.id, tier, KINDS]);
}

/** What came of each kind, and how many of it stand. */
export function besideStanding(counted: readonly Arrived[], standing: readonly Held[]): readonly Kind[] {
  const held = new Map(standing.map((one) => [one.type, one.held]));
  const types = new Set([...counted, ...standing].map(({ type }) => type));
  return [...types].map((type) => {
    const { fresh, changed } = counted.find((one) => one.type === type) ?? { fresh: 0, changed: 0 };
    return { type, fresh, changed, held: held.get(type) ?? 0 };
  });
}

const asOfANewDay = ({ type, held }: Kind): Kind => ({ type, fresh: 0, changed: 0, held });

/** What came today before, with what comes now. */
function addUp(before: readonly Kind[], now: readonly Arrived[]): readonly Kind[] {
  const types = new Set([...before, ...now].map(({ type }) => type));
  return [...types].map((type) => {
    const earlier = before.find((one) => one.type === type) ?? { fresh: 0, changed: 0, held: 0 };
    const { fresh, changed } = now.find((one) => one.type === type) ?? { fresh: 0, changed: 0 };
    return { ...earlier, type, fresh: earlier.fresh + fresh, changed: earlier.changed + changed };
  });
}

/** In the place of a word that was taken back comes what was shown here before. */
export const comesBack = (known: string) => `${known}.taken_back and staged.said = any (${known}.shown)`;

/** As this node knows the type of a record. $3: the kinds that are known. */
const kindOf = (record: string) => `case when ${record}.type = any ($3) then ${record}.type else '' end`;

/** By kind; what only comes back counts for nothing. */
const countArriving = `
  select ${kindOf("staged")} as type,
    (count(*) filter (where record.id is null or record.gone is not null or record.type <> staged.type))::int as fresh,
    (count(*) filter (where record.gone is null and record.said <> staged.said))::int as changed
  from base.peer_staged as staged
  left join lateral (
    select known.id, known.gone, known.type, known.said, known.taken_back, known.shown
    from base.peer_record as known
    where known.peer = $1 and known.tier = $2 and known.id = staged.id
    limit 1) as record on true
  where staged.peer = $1 and staged.tier = $2 and staged.gone is null and (${comesBack("record")}) is not true
  group by 1`;

const countStanding = `
  select ${kindOf("record")} as type, count(*)::int as stands,
    (count(*) filter (where record.state = 'TAKEN'))::int as held
  from base.peer_record as record
  where record.peer = $1 and record.tier = $2 and record.gone is null
  group by 1`;
