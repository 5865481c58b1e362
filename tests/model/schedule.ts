import { AHEAD } from "../../src/federation/accept.js";
import type { Cursor } from "../../src/federation/feed.js";
import type { FeedHead } from "../../src/federation/head.js";
import { Dice } from "../proof/dice.js";
import { Lost, Reader, rules as allRules, type Network, type Page, type Rules } from "./harvester.js";
import {
  DAY,
  HOUR,
  Origin,
  setFrom,
  writeHead,
  writeRecord,
  type HeadText,
  type Item,
  type RecordText,
  type Snapshot,
} from "./origin.js";
import { Truth, Violation } from "./truth.js";

const NODE = "node N";
const OTHER = "node O";
const START = Date.parse("2026-11-20T10:00:00Z");
const PAGE = 3;
const STEPS = 50;
const PEOPLE = Array.from({ length: 6 }, (_, at) => `0${at % 3}000000-0000-4000-8000-00000000000${at}`);
const FAKES = Array.from({ length: 60 }, (_, at) => `ff000000-0000-4000-8000-0000000000${at + 10}`);

/** What a thief does, the rarer to be noticed the more often. */
const FORGERIES = [
  0, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 7, 8, 8, 9, 10, 10, 10, 10, 11, 11, 11, 12, 13, 14, 14,
] as const;

/** One course of events from a seed: an origin, a network and a thief that do as the dice say, and one reader. */
class Schedule {
  readonly #dice: Dice;
  #now = START;
  readonly #origin: Origin;
  readonly #partners: Origin;
  readonly #other: Origin;
  readonly #reader: Reader;
  readonly #truth: Truth;
  /** Whatever was ever signed, of whichever feed: the network forgets nothing. */
  readonly #archive: Snapshot[] = [];
  readonly #members = new Map<string, ReadonlyMap<string, RecordText>>();
  readonly #floods = new Set<string>();
  #latest: Snapshot;
  #forged: Snapshot | null = null;
  #stolen: string | null = null;
  #reading: Generator<void, boolean> | null = null;
  #honest = false;
  /** How far the network can be believed in this course; some courses are calm. */
  readonly #malice: number;

  constructor(seed: number, by: Rules = allRules) {
    this.#dice = new Dice(seed);
    this.#malice = this.#dice.pick([0, 0.2, 0.6]);
    this.#origin = new Origin(NODE, "public");
    this.#partners = new Origin(NODE, "partners");
    this.#other = new Origin(OTHER, "public");
    this.#partners.list(PEOPLE[0]!, START);
    this.#other.list(PEOPLE[1]!, START);
    this.#reader = new Reader(NODE, "public", () => this.#now, by);
    this.#truth = new Truth(this.#reader, (head) => this.#members.get(head) ?? new Map(), this.#floods);
    this.#latest = this.#publish();
  }

  /** The first thing that must not be and was; null when there was none. */
  run(): string | null {
    try {
      for (let step = 0; step < STEPS; step++) {
        this.#step();
        this.#truth.check();
      }
      this.#settle();
      return null;
    } catch (error) {
      if (error instanceof Violation) return error.message;
      throw error;
    }
  }

  // ── what happens ──────────────────────────────────────────────────────────────────────────────────────────────────

  #step(): void {
    const dice = this.#dice;
    if (dice.chance(0.55)) return this.#readOn();
    if (dice.chance(0.35)) return this.#pass();
    if (dice.chance(0.75)) return this.#originDoes();
    if (dice.chance(0.6)) return this.#thiefDoes();
    if (dice.chance(0.03)) return this.#reader.block();
    // A crash: what was being read is read anew.
    this.#reading = null;
  }

  /** The reading under way goes one question further, or one begins. */
  #readOn(): void {
    if (this.#reading === null) {
      if (this.#dice.chance(0.5)) this.#reader.learn(this.#keys());
      this.#reading = this.#reader.read(this.#network());
    }
    const whole = this.#dice.chance(0.7);
    do if (this.#reading?.next().done === true) this.#reading = null;
    while (whole && this.#reading !== null);
  }

  #pass(): void {
    const dice = this.#dice;
    this.#now += dice.throw() * dice.pick([HOUR, HOUR, DAY, DAY, 9 * DAY, 130 * DAY]);
  }

  #originDoes(): void {
    const [dice, now, origin] = [this.#dice, this.#now, this.#origin];
    const kind = dice.throw();
    if (kind < 0.4) origin.list(dice.pick(PEOPLE), now);
    else if (kind < 0.7) origin.withdraw(dice.pick(PEOPLE), now);
    else if (kind < 0.78) origin.backUp();
    else if (kind < 0.86) {
      origin.restore();
      // Somebody may forget what the backup does not know.
      if (dice.chance(0.6)) origin.replayLedger(now);
    } else if (kind < 0.89) origin.rotate(now);
    else if (kind < 0.97 && this.#stolen !== null) {
      origin.revoke(now);
      if (dice.chance(0.6)) origin.resign(now);
    }
    this.#latest = this.#publish();
  }

  #publish(): Snapshot {
    for (const [side, id] of [
      [this.#partners, PEOPLE[0]!],
      [this.#other, PEOPLE[1]!],
    ] as const) {
      if (this.#dice.chance(0.5)) side.list(id, this.#now);
      else side.withdraw(id, this.#now);
      this.#keep(side.publish(this.#now));
    }
    return this.#keep(this.#origin.publish(this.#now));
  }

  #keep(snapshot: Snapshot): Snapshot {
    const standing = snapshot.items.flatMap(({ id, record }) =>
      record === null ? [] : [[id, record] as const],
    );
    this.#members.set(snapshot.head.jws, new Map(standing));
    if (snapshot.many) this.#floods.add(snapshot.head.jws);
    this.#archive.push(snapshot);
    return snapshot;
  }

  // ── the thief ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #thiefDoes(): void {
    if (this.#malice === 0) return;
    this.#stolen ??= this.#origin.key;
    this.#forged = this.#keep(this.#forge(this.#stolen));
  }

  /** A feed signed with the stolen key, with one thing in it that must not be. */
  #forge(key: string): Snapshot {
    const [dice, now] = [this.#dice, this.#now];
    const { head, items } = dice.chance(0.7) ? this.#latest : dice.pick(this.#archive.filter(isOf(NODE)));
    const { seq } = head.told;
    const put = (id: string, record: RecordText | null, at = seq + 1): Item[] => [
      ...items.filter((item) => item.id !== id),
      { id, seq: at, record, day: "2026-11-20" },
    ];
    const write = (told: Partial<RecordText["told"]>, id = dice.pick(FAKES)) =>
      writeRecord({ node: NODE, id, tier: "public", ...told }, key, now);
    const signed = (items: readonly Item[], told: Partial<FeedHead> = {}, many = false): Snapshot => {
      const claims: FeedHead = {
        ...head.told,
        iat: new Date(now),
        exp: new Date(now + DAY),
        seq: seq + 1,
        count: items.filter(({ record }) => record !== null).length,
        set: setFrom(items),
        ...told,
      };
      return { head: writeHead(claims, key, now), items, many };
    };
    const old = this.#archive.filter(isOf(NODE)).flatMap((one) => one.items);
    const past = old.filter(({ record }) => record !== null);
    switch (dice.pick(FORGERIES)) {
      case 0:
        return signed(items, { iat: new Date(now + 30 * DAY), exp: new Date(now + 31 * DAY) });
      case 1:
        return signed(items, { exp: new Date(now + 400 * DAY) });
      case 2:
        return signed(items, { seq: Math.max(0, seq - 1 - Math.floor(3 * dice.throw())) });
      case 3:
        return signed(items.slice(1), { seq });
      case 4:
        return signed(put(FAKES[0]!, write({}, FAKES[0]!)));
      case 5: {
        const many = FAKES.map((id, at): Item => ({
          id,
          seq: seq + 1 + at,
          record: write({}, id),
          day: "2026-11-20",
        }));
        return signed([...items.filter(({ id }) => !id.startsWith("ff")), ...many], { seq: seq + 60 }, true);
      }
      case 6:
        return signed(put(PEOPLE[1]!, this.#other.items.get(PEOPLE[1]!)?.record ?? null));
      case 7:
        return signed(put(FAKES[1]!, write({}, FAKES[2]!)));
      case 8:
        return signed(put(PEOPLE[0]!, this.#partners.items.get(PEOPLE[0]!)?.record ?? null));
      case 9:
        return signed(put(FAKES[3]!, write({ iat: new Date(now + 20 * DAY) }, FAKES[3]!)));
      case 10:
        return signed(put(FAKES[4]!, write({ lease: 36_500 * 86_400 }, FAKES[4]!)));
      case 11: {
        const one = past.length === 0 ? null : dice.pick(past);
        return signed(one === null ? items : put(one.id, one.record));
      }
      case 12:
        return signed(put(FAKES[5]!, write({ notAfter: new Date(now + HOUR) }, FAKES[5]!)));
      case 14: {
        const iat = now - 2 * DAY * dice.throw();
        return signed(items, { iat: new Date(iat), exp: new Date(iat + 3 * DAY) });
      }
      default:
        return signed(items);
    }
  }

  // ── the network ───────────────────────────────────────────────────────────────────────────────────────────────────

  #keys() {
    // Whoever runs a node may name another's key as its own, which makes nothing of that other's its own.
    return new Map([...this.#origin.keys, ...this.#partners.keys, ...this.#other.keys]);
  }

  #network(): Network {
    return {
      statement: () => this.#keys(),
      head: () => this.#anyHead(),
      page: (of, from) => this.#anyPage(of, from),
    };
  }

  #anyHead(): Snapshot {
    const dice = this.#dice;
    if (this.#honest || !dice.chance(this.#malice)) return this.#latest;
    if (dice.chance(0.1)) throw new Lost();
    if (this.#forged !== null && dice.chance(0.6)) return this.#forged;
    const snapshot = dice.pick(dice.chance(0.5) ? this.#archive.slice(-8) : this.#archive);
    if (!dice.chance(0.1)) return snapshot;
    return this.#keep({ ...snapshot, head: broken(snapshot.head) });
  }

  #anyPage(of: Snapshot, from: Cursor | null): Page | null {
    const dice = this.#dice;
    const forged = !this.#archive.includes(of) || of === this.#forged || of !== this.#latest;
    if (this.#honest || !dice.chance(this.#malice)) {
      // An honest server goes on: what it sends is what its feed is by now.
      return pageOf(forged ? of : this.#latest, from);
    }
    if (dice.chance(0.1)) throw new Lost();
    const page = pageOf(dice.chance(0.8) ? of : dice.pick(this.#archive), from);
    return page === null || dice.chance(0.5) ? page : this.#spoil(page);
  }

  #spoil(page: Page): Page {
    const dice = this.#dice;
    const { items } = page;
    const past = dice.pick(dice.pick(this.#archive).items.length > 0 ? this.#archive : [this.#latest]).items;
    switch (Math.floor(dice.throw() * 8)) {
      case 0:
        return { ...page, items: items.filter(() => dice.chance(0.5)) };
      case 1:
        return { ...page, items: items.filter(({ record }) => record !== null) };
      case 2:
        return { ...page, items: [...items, ...past] };
      case 3:
        return { ...page, items: [...items].reverse() };
      case 4:
        return { ...page, items: items.map((one) => ({ ...one, record: one.record && broken(one.record) })) };
      case 5:
        return { ...page, more: false };
      case 6:
        return { ...page, items: [...items, ...items] };
      default:
        return { ...page, items: items.map((one, at) => ({ ...one, id: items[at - 1]?.id ?? one.id })) };
    }
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Everything calms down: the origin puts its house in order, the network is honest, and the reader reads a few times. */
  #settle(): void {
    this.#honest = true;
    this.#reading = null;
    this.#now += DAY + AHEAD;
    const origin = this.#origin;
    origin.replayLedger(this.#now);
    if (this.#stolen !== null) {
      origin.revoke(this.#now);
      origin.resign(this.#now);
    } else if (this.#malice > 0) origin.resign(this.#now);
    this.#now += HOUR;
    this.#latest = this.#publish();
    for (let times = 0; times < 2; times++) {
      this.#reader.learn(this.#keys());
      const reading = this.#reader.read(this.#network());
      while (reading.next().done !== true);
      this.#truth.check();
      this.#now += HOUR;
    }
    // Whoever is blocked is not read; whoever told two stories waits for a steward.
    if (this.#reader.trust === "TRUSTED") this.#truth.checkQuiet(origin, this.#latest.head.jws);
  }
}

function isOf(node: string) {
  return ({ head }: Snapshot) => head.told.node === node && head.told.tier === "public";
}

function broken<T extends HeadText | RecordText>(text: T): T {
  return { ...text, jws: `${text.jws} altered`, good: false };
}

function pageOf({ head, items }: Snapshot, from: Cursor | null): Page | null {
  const { epoch, seq, floor } = head.told;
  if (from !== null && (from.epoch !== epoch || from.seq > seq || Math.max(from.seq, from.floor) < floor))
    return null;
  const rest = items.filter((item) => item.seq > (from?.seq ?? 0)).sort((one, other) => one.seq - other.seq);
  const some = rest.slice(0, PAGE);
  const more = rest.length > PAGE;
  const cursor = { epoch, seq: more ? (some.at(-1)?.seq ?? seq) : seq, floor: from?.floor ?? floor };
  return { items: some, head: more ? null : head, cursor, more };
}

/** Runs schedules until one goes wrong; null when none did. */
export function runUntilWrong(
  many: number,
  by: Rules = allRules,
  from = 1,
): { readonly seed: number; readonly what: string } | null {
  for (let seed = from; seed < from + many; seed++) {
    const what = new Schedule(seed, by).run();
    if (what !== null) return { seed, what };
  }
  return null;
}
