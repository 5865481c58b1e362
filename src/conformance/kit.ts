import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Outbound } from "../federation/outbound.js";
import { OutboundError } from "../federation/outbound-error.js";
import { signRequest } from "../federation/request-signature.js";
import type { AskedFor, Origins } from "./origins.js";
import type { Search } from "./search.js";
import { Player, aliasOf, somebodyAt, type Players, type Trial } from "./trial.js";

/** What only whoever runs the looked-at node can do. Each resolves when it was done, or when they were told what to do. */
export type Hands = {
  /** Has the node meet these networks. They stay on probation. */
  meet(urls: readonly string[]): Promise<void>;
  /** Has it trust them as far as showing what they share with everybody. */
  trust(known: readonly { readonly url: string; readonly number: string }[]): Promise<void>;
  /** Has it block them. */
  block(urls: readonly string[]): Promise<void>;
  /** Has it take a bundle in, or refuse it; null where nobody carries any. */
  readonly takeBundle: ((file: string) => Promise<void>) | null;
};

/** How long to wait for what, in milliseconds but for `lease`. */
export type Pace = {
  /** Between two searches. */
  readonly look: number;
  /** Until what was read has had the time to show. */
  readonly settle: number;
  /** For a network that has pinged to be read. */
  readonly reading: number;
  /** For whoever runs the node to do what they were asked. */
  readonly hands: number;
  /** Between two pings of one network. */
  readonly ping: number;
  /** The lease of whom a lease has to end for, in seconds. */
  readonly lease: number;
};

export type KitParts = {
  /** The address of the node that is looked at. */
  readonly url: string;
  readonly outbound: Outbound;
  readonly search: Search;
  readonly origins: Origins;
  readonly hands: Hands;
  readonly pace: Pace;
  /** The ids of what is to be tried; null for everything. */
  readonly only: readonly string[] | null;
};

/** The networks that are played to a node, and what is seen of it. */
export class Kit {
  /** A word that nobody's alias at the node has but those of this run: a search for it finds them and no others. */
  readonly mark = Array.from({ length: 12 }, () => String.fromCharCode(97 + randomInt(26))).join("");
  readonly players: Player[] = [];
  readonly #pinged = new Map<Player, number>();

  constructor(readonly parts: KitParts) {}

  /** The networks of a trial, with somebody in each. */
  async stage({ id, networks = 1, base }: Trial): Promise<Players> {
    const players: [Player, ...Player[]] = [await this.#network(id, 0)];
    while (players.length < networks) players.push(await this.#network(id, players.length));
    await base?.(players);
    this.players.push(...players);
    return players;
  }

  async #network(trial: string, at: number): Promise<Player> {
    const { origins } = this.parts;
    const player = new Player(await origins.add(), origins.all.length - 1, trial, this.mark);
    player.origin.name = `Conformance ${trial}, invented`;
    await player.list(somebodyAt(at));
    return player;
  }

  /** The requests to a network since then whose path holds this. */
  asked({ number }: Player, path: string, since: number): readonly AskedFor[] {
    const { asked } = this.parts.origins;
    return asked.filter((one) => one.number === number && one.path.includes(path) && one.at >= since);
  }

  /** What somebody of a trial is called. */
  aliasOf({ id }: Pick<Trial, "id">, who: string): string {
    return aliasOf(this.mark, id, who);
  }

  /** Everybody of this run who is found now. */
  found(): Promise<ReadonlySet<string>> {
    return this.parts.search.find(this.mark);
  }

  /** Tells the node that a network has something new, as often as one may; which status it answered, null when it did not. */
  async ping(player: Player): Promise<number | null> {
    const wait = (this.#pinged.get(player) ?? -Infinity) + this.parts.pace.ping - Date.now();
    if (wait > 0) await sleep(wait);
    this.#pinged.set(player, Date.now());
    return this.say(await this.signed(player));
  }

  /** A ping as its network signs it, for this address. */
  async signed({ voice: { node, key }, origin }: Player, address = this.pings): Promise<Request> {
    const body = JSON.stringify({ iss: node, seq: origin.seq });
    const headers = await signRequest(key, { node, method: "POST", url: address, body });
    return { body, headers };
  }

  /** Says it where pings are heard; which status the node answered, null when it did not. */
  async say({ body, headers }: Request): Promise<number | null> {
    try {
      const asked = { contentType: "application/json", body, largest: 64 * 1024, headers };
      return (await this.parts.outbound.post(this.pings, asked)).status;
    } catch (error) {
      if (error instanceof OutboundError) return null;
      throw error;
    }
  }

  get pings(): string {
    return `${this.parts.url}/fed/v1/pings`;
  }

  /** Whether it became so within this time. */
  async until(so: () => boolean | Promise<boolean>, patience: number): Promise<boolean> {
    const end = Date.now() + patience;
    for (;;) {
      if (await so()) return true;
      if (Date.now() >= end) return false;
      await sleep(Math.min(this.parts.pace.look, 250));
    }
  }
}

/** What is said to a node. */
export type Request = { readonly body: string; readonly headers: Readonly<Record<string, string>> };
