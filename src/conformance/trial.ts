import { randomUUID } from "node:crypto";
import { personCalled, type Item, type Origin } from "./origins.js";
import type { SigningKey } from "../federation/jws.js";
import type { Kit } from "./kit.js";
import { Drip } from "./misdeeds.js";

/**
 * One promise of a reader, and what is played to it: networks of invented people that do something, are read, and do the next thing. What
 * the reader made of it shows in what whoever searches it finds.
 */
export type Trial = {
  readonly id: string;
  readonly promise: string;
  /** How many networks it takes; one unless it says otherwise. */
  readonly networks?: number;
  /** What they hold, beside somebody each, when they are met. */
  readonly base?: (players: Players) => Promise<void>;
  readonly steps: readonly Step[];
  /** After all others: while it lasts, nobody else is read. */
  readonly last?: boolean;
  /** Whether it needs somebody who carries a bundle to the node. */
  readonly carried?: boolean;
  /** What is wrong by everything that was seen, as a sentence; null when nothing is. */
  readonly judge?: (kit: Kit, players: Players) => string | null | Promise<string | null>;
};

export type Players = readonly [Player, ...Player[]];

export type Step = {
  readonly act: (players: Players, kit: Kit) => Promise<unknown>;
  /** Whether its networks are read after it; true unless it says otherwise. */
  readonly read?: boolean;
  /** Who is found then. */
  readonly shown?: readonly string[];
  /** Who is not. */
  readonly hidden?: readonly string[];
  /** Of whom neither is promised. Somebody of each network, who was there from the start, goes on being found unless they stand here or above. */
  readonly either?: readonly string[];
};

/** Whom every network lists from the start: that of the first of a trial, and of another. */
export const SOMEBODY = "somebody";
export function somebodyAt(network: number): string {
  return network === 0 ? SOMEBODY : `${SOMEBODY}${network}`;
}

/** A feed as it was. */
type Kept = Pick<Origin, "epoch" | "seq" | "head"> & { readonly items: readonly (readonly [string, Item])[] };

/** A network of a trial. Its people are named after the run and the trial, so that nothing else at the node is found in their place. */
export class Player {
  readonly #ids = new Map<string, string>();
  #kept: Kept | null = null;
  /** As whom it speaks to the node, by the key that the node has met it with. */
  readonly voice: { readonly node: string; readonly key: SigningKey };
  readonly drip = new Drip();
  /** A moment that its trial has to remember, in milliseconds. */
  noted = 0;

  constructor(
    /** Another stands here when somebody else has taken its address. */
    public origin: Origin,
    readonly number: number,
    readonly trial: string,
    readonly mark: string,
  ) {
    this.voice = { node: origin.node, key: origin.feed };
  }

  aliasOf(who: string): string {
    return aliasOf(this.mark, this.trial, who);
  }

  idOf(who: string): string {
    const id = this.#ids.get(who) ?? randomUUID();
    this.#ids.set(who, id);
    return id;
  }

  /** What is said of somebody, unless a trial says something else. */
  bodyOf(who: string): object {
    return personCalled(this.aliasOf(who)).body;
  }

  /** Lists somebody for a day, or says of them what these claims say. Whatever becomes of the run, nobody is found for longer. */
  async list(who: string, claims: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const usual = { lease: 86_400, body: this.bodyOf(who) };
    await this.origin.putClaims(this.idOf(who), { ...usual, ...claims });
  }

  async withdraw(who: string): Promise<void> {
    await this.origin.withdraw(this.idOf(who));
  }

  /** Leaves somebody out, and tells nobody that they left. */
  drop(who: string): void {
    this.origin.items.delete(this.idOf(who));
  }

  /** Begins a new epoch with what is listed, whose numbers begin at the start. */
  beginAnew(): void {
    const { origin } = this;
    origin.epoch = randomUUID();
    const standing = origin.standing();
    origin.items.clear();
    origin.seq = 0;
    for (const item of standing) origin.items.set(item.id, { ...item, seq: ++origin.seq });
  }

  /** Remembers the feed as it is now. */
  keep(): void {
    const { epoch, seq, head, items } = this.origin;
    this.#kept = { epoch, seq, head, items: [...items] };
  }

  /** Serves the feed as it was remembered, under the head of then. */
  bringBack(): void {
    if (this.#kept === null) return;
    const { items, ...told } = this.#kept;
    Object.assign(this.origin, told);
    this.origin.items.clear();
    for (const [id, item] of items) this.origin.items.set(id, item);
  }

  /** The signed text of somebody's record. */
  recordOf(who: string): string {
    return this.origin.items.get(this.idOf(who))?.jws ?? "";
  }
}

export function aliasOf(mark: string, trial: string, who: string): string {
  return `${mark} ${trial} ${who}`;
}
