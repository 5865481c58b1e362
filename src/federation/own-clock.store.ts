import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import type { Transaction } from "../storage/database.js";
import { isStopped, type OwnClock } from "./own-clock.js";

/** Keeps what a peer's answers said last of this node's clock. */
export async function saveHeard(tx: Transaction, peer: string, ahead: number, now: Date): Promise<void> {
  await tx.query(
    `insert into base.peer_clock (peer, ahead, heard) values ($1, $2, $3)
     on conflict (peer) do update set ahead = excluded.ahead, heard = excluded.heard`,
    [peer, ahead, now],
  );
}

/** Whether this is what the peer's answers said of it half a day ago or later. */
export async function isHeard(tx: Transaction, peer: string, ahead: number, now: Date): Promise<boolean> {
  const rows = await tx.query<object[]>(
    `select from base.peer_clock as clock
     where clock.peer = $1 and clock.ahead = $2
       and clock.heard between $3::timestamptz - interval '12 hours' and $3::timestamptz`,
    [peer, ahead, now],
  );
  return rows.length > 0;
}

/** What trusted peers said of this node's clock within a day, whichever way it was set meanwhile: the median. */
export async function readOwnClock(tx: Transaction, { clock, clockTrusted }: Timed): Promise<OwnClock> {
  const [row] = await tx.query<Omit<OwnClock, "vouched">[]>(selectOwnClock, [clock()]);
  return { ahead: 0, peers: 0, ...row, vouched: clockTrusted };
}

type Timed = Pick<Home, "clock" | "clockTrusted">;

/** By how much this node's clock is ahead of each of these peers'; a peer that was not heard within a day is missing. */
export async function readAhead(
  tx: Transaction,
  peers: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.query<{ peer: string; ahead: number }[]>(selectAhead, [peers, now]);
  return new Map(rows.map(({ peer, ahead }) => [peer, ahead]));
}

/** Refuses to sign while the clock is wrong and nobody vouches for it. */
export async function checkOwnClock(tx: Transaction, home: Timed): Promise<void> {
  if (isStopped(await readOwnClock(tx, home)))
    throw new DirectoryError(
      "UNAVAILABLE",
      "This node's clock is wrong: it signs nothing until it is right.",
    );
}

const WITHIN_A_DAY = (now: string) =>
  `clock.heard between ${now}::timestamptz - interval '1 day' and ${now}::timestamptz + interval '1 day'`;

const selectOwnClock = `
  select coalesce(percentile_disc(0.5) within group (order by clock.ahead), 0) as ahead, count(*)::int as peers
  from base.peer_clock as clock
  join base.peer on peer.id = clock.peer
  where peer.trust in ('PUBLIC_ONLY', 'PARTNER') and ${WITHIN_A_DAY("$1")}`;

const selectAhead = `
  select clock.peer, clock.ahead
  from base.peer_clock as clock
  where clock.peer = any ($1::uuid[]) and ${WITHIN_A_DAY("$2")}`;
