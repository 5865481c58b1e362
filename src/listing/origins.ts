import type { ListedAudience } from "../visibility/audience.js";
import type { Network } from "./network.js";
import type { Standing } from "./standing.js";

/** The networks there are, and how each peer stands. */
export type Known = { readonly networks: readonly Network[]; readonly standings: readonly Standing[] };

/**
 * Where listings come from, as the database said last: whose node this is, which other networks there are, and until when what
 * they sent may be shown. What is not known here is shown to nobody.
 */
export class Origins {
  readonly #read: () => Promise<Known>;
  /** Every network that was ever met, so that an answer under way can name it. */
  readonly #met = new Map<string, Network>();
  #known: ReadonlySet<string> = new Set();
  #own: Network | null = null;
  #heads: ReadonlyMap<string, number> = new Map();
  #version = 0;

  constructor(read: () => Promise<Known>) {
    this.#read = read;
  }

  /** Another number whenever anything has changed. */
  get version(): number {
    return this.#version;
  }

  /** The network of this node. */
  get own(): Network {
    if (this.#own === null) throw new Error("the database holds no network of this node");
    return this.#own;
  }

  get(id: string): Network | undefined {
    return this.#met.get(id);
  }

  isOwn(id: string): boolean {
    return this.#own?.id === id;
  }

  /** When the last accepted head of a peer was signed, in milliseconds; null when nothing of it may be shown to this audience. */
  headOf(origin: string, audience: ListedAudience): number | null {
    return this.#known.has(origin) ? (this.#heads.get(nameOf(origin, audience)) ?? null) : null;
  }

  take({ networks, standings }: Known): void {
    this.#meet(networks);
    this.#heads = headsOf(standings);
  }

  /** Takes only what shows less: for as long as what came with a newer head has not been taken in. */
  narrow({ networks, standings }: Known): void {
    this.#meet(networks);
    const now = headsOf(standings);
    const left = [...this.#heads].flatMap(([name, head]) => {
      const then = now.get(name);
      return then === undefined ? [] : [[name, Math.min(head, then)] as const];
    });
    this.#heads = new Map(left);
  }

  /** Makes sure that these networks are known, if there are such: one that was added a moment ago may not be. */
  async meet(ids: Iterable<string>): Promise<void> {
    for (const id of ids) if (!this.#met.has(id)) return this.#meet((await this.#read()).networks);
  }

  #meet(networks: readonly Network[]): void {
    for (const network of networks) this.#met.set(network.id, network);
    this.#known = new Set(networks.map(({ id }) => id));
    this.#own = networks.find(({ thisNode }) => thisNode) ?? null;
    this.#version++;
  }
}

function headsOf(standings: readonly Standing[]): ReadonlyMap<string, number> {
  return new Map(standings.map(({ origin, audience, head }) => [nameOf(origin, audience), head.getTime()]));
}

function nameOf(origin: string, audience: ListedAudience): string {
  return `${audience} ${origin}`;
}
