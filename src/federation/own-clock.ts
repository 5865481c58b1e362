/**
 * What peers' answers say of this node's own clock. No peer is asked for the time: every answer of theirs says, in its `Date`, what
 * time it is there. What a node with a wrong clock signs is refused by others, or ends early, and cannot be taken back: so it signs no
 * head until its clock is right, or its operator says that it is.
 */
export type OwnClock = {
  /** By how many seconds this node's clock is ahead of what half of the peers say; below 0 when it is behind. */
  readonly ahead: number;
  /** How many trusted peers have said so within a day. */
  readonly peers: number;
  /** Whether the operator vouches for it: two liars among three peers would silence the node otherwise. */
  readonly vouched: boolean;
};

/** Fewer peers are not believed: one of them may be wrong, and a second one lie. */
const ENOUGH = 3;
/** Nobody refuses what is signed by a clock that is this far off, in seconds. */
const TOLERATED = 300;

/** Whether peers say that it is wrong, so many that it is to be looked at. */
export function isWrong({ ahead, peers }: OwnClock): boolean {
  return peers >= ENOUGH && isOff(ahead);
}

/** Whether nothing is signed by it. */
export function isStopped(clock: OwnClock): boolean {
  return isWrong(clock) && !clock.vouched;
}

/** Whether two clocks that are so many seconds apart cannot both be right. */
export function isOff(ahead: number): boolean {
  return Math.abs(ahead) > TOLERATED;
}

/**
 * By how many seconds this node's clock is ahead of that of whoever answered, between when it was asked and when the answer was there:
 * 0 when both may be right, however long the answer took. Null for what tells no time.
 */
export function aheadOf(date: string | null, sent: Date, received: Date): number | null {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return null;
  // It is told in whole seconds.
  const [first, last] = [theirs, theirs + 1000];
  const ahead = sent.getTime() > last ? sent.getTime() - last : Math.min(0, received.getTime() - first);
  return Math.max(-MOST, Math.min(MOST, Math.round(ahead / 1000)));
}

/** A column's largest number: whoever is further off says whatever they like. */
const MOST = 2_000_000_000;

/** What the operator is told of a clock that is wrong. */
export function clockSentence({ ahead, peers, vouched }: OwnClock): string {
  const told = `This node's clock is ${apart(ahead)} ${ahead > 0 ? "ahead of" : "behind"} those of its peers (${peers} of them were heard)`;
  if (vouched)
    return `${told}: its operator vouches for it by CLOCK_TRUSTED, and it goes on signing. If it is wrong all the same, others refuse what it signs.`;
  return `${told}: it signs nothing for others until that is mended. Set the clock right; peers are read again within the hour, and "cadre peer sync --all" does it at once. If it is right, and peers are wrong or lie, set CLOCK_TRUSTED=true.`;
}

export function apart(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
