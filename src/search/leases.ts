import type { Clock } from "../clock.js";
import type { Origins } from "../listing/origins.js";
import { freshnessOf, isShown, leaseEnd, type Sources } from "../listing/standing.js";
import type { ListedAudience } from "../visibility/audience.js";
import { holds, take, type Bits } from "./bits.js";
import { Column } from "./column.js";

/** For whom an index is, and what tells it what of its peers' records that audience may see now. */
export type Leave = {
  readonly audience: ListedAudience;
  readonly origins: Origins;
  readonly clock: Clock;
};

/** Records of one origin that are leased for so many seconds; 0 for those of this node. */
type Group = { readonly origin: string; readonly lease: number };

/** The shortest and the longest lease of an origin's records. */
type Range = { readonly shortest: number; readonly longest: number };

/** What was found out at one moment, good from then until something ends, or changes. */
type View = {
  readonly from: number;
  readonly until: number;
  readonly version: number;
  readonly shown: Bits;
  /** By group, how many there are whose own last moment has not come. */
  readonly counts: Uint32Array;
};

/**
 * Which records of an index may be shown now: those of this node, and those of a peer while their lease holds. Nothing has to happen
 * for one to be hidden: what is shown is good until the first moment at which something ends.
 */
export class Leases {
  readonly #groups: Group[] = [];
  readonly #numbers = new Map<string, number>();
  #last: Group & { readonly number: number } = { origin: "", lease: 0, number: -1 };
  readonly #groupOf = new Column();
  readonly #notAfter = new Column();
  #view: View | null = null;
  #own = { version: -1, groups: 0, only: true };

  constructor(readonly leave: Leave) {}

  /** The next ordinal's: `notAfter` is a second of the epoch, or 0. */
  push(origin: string, lease: number, notAfter: number): void {
    this.#groupOf.push(this.#numberOf(origin, lease));
    this.#notAfter.push(notAfter);
    this.#view = null;
  }

  /** Has to be told whenever a record dies. */
  died(): void {
    this.#view = null;
  }

  leaseOf(ordinal: number): number {
    return this.#groups[this.#groupOf.at(ordinal)]?.lease ?? 0;
  }

  notAfterOf(ordinal: number): number {
    return this.#notAfter.at(ordinal);
  }

  trim(): void {
    this.#groupOf.trim();
    this.#notAfter.trim();
  }

  /** Of the living those that are shown now. It is the index's own: whoever takes something out copies it first. */
  shown(alive: Bits): Bits {
    return this.#onlyOwn() ? alive : this.#lookedAt(alive).shown;
  }

  /** How the copies of each peer that this audience may see something of stand. One that has no such record here is not counted. */
  sources(alive: Bits): Sources {
    const sources = { fresh: 0, stale: 0, hidden: 0 };
    if (this.#onlyOwn()) return sources;
    const now = this.leave.clock().getTime();
    for (const [origin, range] of this.#rangesByOrigin(this.#lookedAt(alive).counts)) {
      const head = this.leave.origins.headOf(origin, this.leave.audience);
      if (head !== null) sources[freshnessOf(now, head, range)]++;
    }
    return sources;
  }

  #rangesByOrigin(counts: Uint32Array): ReadonlyMap<string, Range> {
    const ranges = new Map<string, Range>();
    this.#groups.forEach(({ origin, lease }, group) => {
      if (counts[group] === 0 || this.leave.origins.isOwn(origin)) return;
      const { shortest, longest } = ranges.get(origin) ?? { shortest: lease, longest: lease };
      ranges.set(origin, { shortest: Math.min(shortest, lease), longest: Math.max(longest, lease) });
    });
    return ranges;
  }

  /** Most indexes hold nothing of a peer: that costs two comparisons. */
  #onlyOwn(): boolean {
    const { origins } = this.leave;
    if (this.#own.version !== origins.version || this.#own.groups !== this.#groups.length) {
      const only = this.#groups.every(({ origin }) => origins.isOwn(origin));
      this.#own = { version: origins.version, groups: this.#groups.length, only };
    }
    return this.#own.only;
  }

  #lookedAt(alive: Bits): View {
    const now = this.leave.clock().getTime();
    const view = this.#view;
    const good = view !== null && view.from <= now && now < view.until;
    if (good && view.version === this.leave.origins.version) return view;
    return (this.#view = this.#look(alive, now));
  }

  #look(alive: Bits, now: number): View {
    const ends = this.#groups.map((group) => this.#endOf(group));
    const [groupOf, lasts] = [this.#groupOf.values, this.#notAfter.values];
    const counts = new Uint32Array(ends.length);
    let until = Infinity;
    let shown = alive;
    for (let ordinal = 0; ordinal < this.#groupOf.length; ordinal++) {
      const leaseEnds = ends[groupOf[ordinal]!]!;
      if (leaseEnds === Infinity || !holds(alive, ordinal)) continue;
      const last = lasts[ordinal]!;
      const notAfter = last === 0 ? Infinity : last * 1000;
      if (now < notAfter) {
        counts[groupOf[ordinal]!]! += 1;
        if (notAfter < until) until = notAfter;
      }
      if (isShown(now, leaseEnds, notAfter)) continue;
      if (shown === alive) shown = alive.slice();
      take(shown, ordinal);
    }
    for (const end of ends) if (now < end && end < until) until = end;
    return { from: now, until, version: this.leave.origins.version, shown, counts };
  }

  /** A record of this node never ends; one of a network that is not known was never shown. */
  #endOf({ origin, lease }: Group): number {
    const { origins, audience } = this.leave;
    return origins.isOwn(origin) ? Infinity : leaseEnd(origins.headOf(origin, audience), lease);
  }

  /** Records of one origin come one behind the other. */
  #numberOf(origin: string, lease: number): number {
    if (this.#last.origin === origin && this.#last.lease === lease) return this.#last.number;
    const name = `${origin} ${lease}`;
    const known = this.#numbers.get(name);
    const number = known ?? this.#groups.push({ origin, lease }) - 1;
    if (known === undefined) this.#numbers.set(name, number);
    this.#last = { origin, lease, number };
    return number;
  }
}
