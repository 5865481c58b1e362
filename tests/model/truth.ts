import { dayOf } from "../../src/clock.js";
import { AHEAD, isRevoked, withdrawnSince } from "../../src/federation/accept.js";
import type { Held, Kept, Reader } from "./harvester.js";
import { DAY, type Origin, type RecordText } from "./origin.js";

/** What must never be so, whatever the network, a thief or the origin does; named as in the plan of simulations. */
export class Violation extends Error {
  override readonly name = "Violation";
}

function never(that: boolean, what: string): void {
  if (that) throw new Violation(what);
}

const LONGEST_HEAD = 7 * DAY;
const LONGEST_LEASE = 90 * DAY;

/** Looks on, and knows what no reader can: when a text was truly made, who made it, and what a head was signed over. */
export class Truth {
  #last: Kept | null = null;
  /** The day on which the reader learnt that a record had been withdrawn. */
  readonly #withdrawn = new Map<string, { readonly day: string; readonly signedBy: string | null }>();

  constructor(
    readonly reader: Reader,
    /** What each head was signed over. */
    readonly members: (head: string) => ReadonlyMap<string, RecordText>,
    /** Heads that bring more new people than a network has. */
    readonly floods: ReadonlySet<string>,
  ) {}

  /** Asked after every step. */
  check(): void {
    const { kept, trust } = this.reader;
    const shown = this.reader.shown();
    never(trust !== "TRUSTED" && shown.length > 0, "I7: something of a blocked origin is shown");
    if (kept !== null && kept.head !== this.#last?.head) this.#accepted(kept, this.#last);
    if (kept !== null) for (const one of shown) this.#checkShown(one, kept);
    this.#last = kept;
  }

  /** At the end, with an honest network: the reader holds and shows what the origin does. */
  checkQuiet(origin: Origin, head: string): void {
    never(this.reader.kept?.head.jws !== head, "I2: the reader does not come to the origin's state");
    const wanted = [...origin.items.values()].filter(({ record }) => record !== null);
    const held = [...(this.reader.kept?.held.values() ?? [])].filter(({ record }) => record !== null);
    never(held.length !== wanted.length, "I2: the reader does not hold what the origin holds");
    for (const { id, record } of wanted)
      never(this.reader.kept?.held.get(id)?.record !== record, "I2: the reader holds another record");
  }

  #accepted({ head, held }: Kept, last: Kept | null): void {
    const { reader } = this;
    const { node, tier, iat, epoch, seq, set, signedBy } = head.told;
    const now = reader.now();
    never(node !== reader.node, "I7: another node's head was accepted");
    never(tier !== reader.tier, "I7: another feed's head was accepted");
    never(!head.good, "I7: a head nobody signed was accepted");
    never(iat.getTime() > now + AHEAD, "I6: a head of the future was accepted");
    never(head.made < now - LONGEST_HEAD, "I3: a head from more than a week ago was accepted");
    never(now >= head.told.exp.getTime(), "I3: a head that had ended was accepted");
    const revoked = reader.keys.get(signedBy)?.revoked;
    // However it is dated.
    never(
      revoked !== null && revoked !== undefined && head.made >= revoked.at.getTime(),
      "I7: a thief's head was accepted",
    );
    const ends = reader.keys.get(signedBy)?.ends?.getTime() ?? Infinity;
    never(iat.getTime() >= ends || now >= ends + DAY, "I7: a head of a key that had ended was accepted");
    // What a thief signed last holds nobody back from what the node signs.
    if (last !== null && !reader.keys.get(last.head.told.signedBy)?.revoked) {
      const before = last.head.told;
      never(iat <= before.iat, "I6: heads went back in time");
      never(epoch === before.epoch && seq < before.seq, "I6: heads went back in number");
      never(
        epoch === before.epoch && seq === before.seq && set !== before.set,
        "I7: two stories were accepted",
      );
    }
    for (const { id, gone, goneBy, record } of held.values()) {
      if (gone !== null && !this.#withdrawn.has(id))
        this.#withdrawn.set(id, { day: gone, signedBy: goneBy ?? null });
      if (record !== null && record !== last?.held.get(id)?.record) this.#taken(id, record, now);
    }
    if (this.floods.has(head.jws) && last !== null)
      never(
        reader.shown().some(({ id }) => id.startsWith("ff")),
        "I7: a thief's many new people were shown",
      );
  }

  #taken(id: string, record: RecordText, now: number): void {
    never(record.told.iat.getTime() > now + AHEAD, "I5: a record of the future was accepted");
    const left = this.#withdrawn.get(id);
    if (left === undefined) return;
    const day = withdrawnSince(left, this.reader.keys);
    never(dayOf(new Date(record.made)) < day, "I5: somebody who was withdrawn came back as they were");
    this.#withdrawn.delete(id);
  }

  #checkShown({ id, record }: Held & { readonly record: RecordText }, { head }: Kept): void {
    const { node, tier, keys, now } = this.reader;
    const { told } = record;
    never(told.node !== node, "I7: a record of another node is shown");
    never(told.tier !== tier, "I7: a record of another feed is shown");
    never(told.id !== id, "I7: a record is shown under another's id");
    never(!record.good, "I7: a record nobody signed is shown");
    never(
      this.members(head.jws).get(id) !== record,
      "I3: something is shown that the last head does not hold",
    );
    never(isRevoked(told, keys), "I7: what a thief signed is shown");
    const lease = Math.min(told.lease * 1000, LONGEST_LEASE);
    never(now() >= head.made + AHEAD + lease, "I3: something is shown past its lease");
  }
}
