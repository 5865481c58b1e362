import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dayOf } from "../clock.js";
import type { Body, Person } from "../federation/body.js";
import { signEntry } from "../federation/entry.js";
import { bucketList } from "../federation/feed.js";
import { HEAD_LASTS, signHead, type FeedHead } from "../federation/head.js";
import { sign, type SigningKey } from "../federation/jws.js";
import { nodeIdOf } from "../federation/node-id.js";
import {
  ALL_BUCKETS,
  bucketOf,
  digestOf,
  emptyBuckets,
  setOf,
  withBuckets,
  type Member,
} from "../federation/set.js";
import { makeKey, signingKey } from "../federation/signing-key.js";
import { statementClaims, succeed, type FeedKey, type Retiring } from "../federation/statement.js";
import type { Tier } from "../federation/tier.js";

const DAY = 86_400_000;

/** What a feed says of one record at its latest change: `jws` is null for one that was withdrawn. */
export type Item = {
  readonly id: string;
  readonly seq: number;
  readonly jws: string | null;
  readonly day: string;
};

/** What an origin answers instead of what it should. */
export type Misdeed = (asked: IncomingMessage, answer: ServerResponse, origin: Origin) => boolean;

/** Where networks are played: on which address and port, and where others meet them, if that is elsewhere, as behind a proxy. */
type Place = { readonly host?: string; readonly port?: number; readonly url?: string };

/** One request: of which network, for which path below its address, and when, in milliseconds. */
export type AskedFor = { readonly number: number; readonly path: string; readonly at: number };

/**
 * Networks that are nothing but their signed feeds, many on one HTTP server, with keys of their own that are made anew each time. Each can
 * be made to break any rule: for whoever looks at how they are read.
 */
export class Origins {
  readonly all: Origin[] = [];
  readonly #server: Server;
  url = "";
  /** What was asked of them, in order. */
  readonly asked: AskedFor[] = [];
  /** How often something was asked for that is none of theirs. */
  strays = 0;
  /** Networks, by number, that answer nothing until these have ended: nobody meets one that is half changed. */
  readonly held = new Map<number, Promise<unknown>>();

  private constructor(readonly clock: () => Date) {
    this.#server = createServer((asked, answer) => this.#answer(asked, answer));
    this.#server.keepAliveTimeout = 60_000;
  }

  static async start(
    clock: () => Date = () => new Date(),
    { host = "127.0.0.1", port = 0, url }: Place = {},
  ): Promise<Origins> {
    const origins = new Origins(clock);
    await new Promise<void>((resolve, reject) => {
      origins.#server.once("error", reject);
      origins.#server.listen(port, host, resolve);
    });
    origins.url = url ?? `http://localhost:${(origins.#server.address() as AddressInfo).port}`;
    return origins;
  }

  get requests(): number {
    return this.asked.length + this.strays;
  }

  async add(people = 0): Promise<Origin> {
    const [root, feed] = [await newKey(), await newKey()];
    const origin = new Origin(`${this.url}/${this.all.length}`, this.clock, root, feed);
    this.all.push(origin);
    await origin.list(...Array.from({ length: people }, () => randomUUID()));
    return origin;
  }

  /** Another node at the address of this one, with keys of its own: as when somebody took the address, or the root key was lost. */
  async inPlaceOf(origin: Origin): Promise<Origin> {
    const other = new Origin(origin.url, this.clock, await newKey(), await newKey());
    this.all[this.all.indexOf(origin)] = other;
    return other;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(asked: IncomingMessage, answer: ServerResponse): void {
    const [, number = "", ...path] = (asked.url ?? "").split("?")[0]!.split("/");
    if (this.all[Number(number)] === undefined) {
      this.strays++;
      return void answer.writeHead(404).end();
    }
    this.asked.push({ number: Number(number), path: path.join("/"), at: Date.now() });
    this.#answerFor(Number(number), asked, answer).catch(() => answer.destroy());
  }

  async #answerFor(number: number, asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    await this.held.get(number);
    await this.all[number]?.answer(asked, answer);
  }
}

export async function newKey(): Promise<SigningKey> {
  return signingKey(await makeKey());
}

/** What somebody called this says of themselves. */
export function personCalled(alias: string): Body {
  const body: Person = {
    alias,
    specialties: [{ specialty: "legal.detention" }],
    languages: [{ language: "es", level: "NATIVE", use: [] }],
    regions: [{ region: "PE", relation: "WORKS_IN" }],
    formats: [],
    delivery: [],
    communities: [],
    organizations: [],
    resources: [],
    seeks: [],
  };
  return { type: "Person", body };
}

/** One network. It keeps to the protocol, unless `misdeed` answers instead of it. */
export class Origin {
  readonly node: string;
  readonly tier: Tier = "public";
  readonly items = new Map<string, Item>();
  /** Keys that are told of, the one that signs at the end. */
  keys: FeedKey[];
  feed: SigningKey;
  epoch: string = randomUUID();
  seq = 0;
  floor = 0;
  pageSize = 250;
  head = "";
  misdeed: Misdeed | null = null;
  mirrors: readonly string[] = [];
  name: string;
  root: SigningKey;
  #iat = 0;
  #statement = "";
  #chain: readonly string[] = [];
  #retiring: Retiring | null = null;

  constructor(
    readonly url: string,
    readonly clock: () => Date,
    root: SigningKey,
    feed: SigningKey,
  ) {
    this.root = root;
    this.node = nodeIdOf(root.thumbprint);
    this.feed = feed;
    this.keys = [{ ...feed, ends: null, revoked: null }];
    this.name = `Network ${url.split("/").at(-1)}`;
  }

  get place(): string {
    return `${this.url}/fed/v1/public`;
  }

  /** Lists these people, each called by the first signs of their id; or tells them anew. */
  async list(...ids: readonly string[]): Promise<void> {
    await this.put(new Map(ids.map((id) => [id, personCalled(aliasOf(id))])));
  }

  async put(said: ReadonlyMap<string, Body>): Promise<void> {
    const day = dayOf(this.clock());
    for (const [id, body] of said)
      this.#set(id, await signEntry({ node: this.node, tier: this.tier, id, day }, body, this.feed), day);
    await this.publish();
  }

  /** A record of any claims, as the origin would sign it. */
  async putClaims(id: string, claims: Readonly<Record<string, unknown>>): Promise<void> {
    const usual = {
      iss: this.node,
      sub: id,
      jti: randomUUID(),
      iat: Date.parse(`${dayOf(this.clock())}T00:00:00Z`) / 1000,
      v: "1.0",
      type: "Person",
      lease: 7 * 86_400,
      audience: this.tier,
      body: personCalled(aliasOf(id)).body,
    };
    await this.putJws(id, await sign("vnd.cadre.record+jwt", { ...usual, ...claims }, this.feed));
  }

  async putJws(id: string, jws: string): Promise<void> {
    this.#set(id, jws, dayOf(this.clock()));
    await this.publish();
  }

  async withdraw(...ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#set(id, null, dayOf(this.clock()));
    await this.publish();
  }

  #set(id: string, jws: string | null, day: string): void {
    // The latest stands last: sorting what is in order costs nothing.
    this.items.delete(id);
    this.items.set(id, { id, seq: ++this.seq, jws, day });
  }

  /** Another key signs from now on. The one before is kept, or taken back. */
  async rotate(revoked: FeedKey["revoked"] = null): Promise<void> {
    this.feed = await newKey();
    const before = this.keys.map((key) =>
      key.ends === null ? { ...key, ends: this.clock(), revoked } : key,
    );
    this.keys = [...before, { ...this.feed, ends: null, revoked: null }];
    this.#statement = "";
    await this.publish();
  }

  /** Another root signs from now on, by the word of the one before it. */
  async handOver(): Promise<void> {
    const next = await newKey();
    this.#chain = [...this.#chain, await succeed(this.node, this.root, next, this.clock())];
    this.root = next;
    this.#statement = "";
  }

  /** Says where else its feed is to be read. */
  names(...mirrors: readonly string[]): void {
    this.mirrors = mirrors;
    this.#statement = "";
  }

  /** Says when it ends, whatever it does then. */
  retires(retiring: Retiring): void {
    this.#retiring = retiring;
    this.#statement = "";
  }

  /** Signs a head of what the feed holds now, with claims of its own where they are given. */
  async publish(told: Partial<FeedHead> = {}): Promise<void> {
    const iat = Math.max(this.clock().getTime(), this.#iat + 1);
    const standing = this.standing();
    const head: FeedHead = {
      node: this.node,
      tier: this.tier,
      iat: new Date(iat),
      exp: new Date(iat + HEAD_LASTS * 3_600_000),
      epoch: this.epoch,
      seq: this.seq,
      count: standing.length,
      set: setOf(this.buckets()),
      floor: this.floor,
      before: null,
      ...told,
    };
    if (told.iat === undefined) this.#iat = iat;
    this.head = await signHead(head, this.feed);
  }

  standing(): readonly (Item & { readonly jws: string })[] {
    return [...this.items.values()].filter(
      (item): item is Item & { readonly jws: string } => item.jws !== null,
    );
  }

  buckets(): Buffer {
    const members = new Map<number, Member[]>();
    for (const { id, jws } of this.standing()) {
      const bucket = bucketOf(id);
      const beside = members.get(bucket) ?? [];
      beside.push({ id, digest: digestOf(jws) });
      members.set(bucket, beside);
    }
    return withBuckets(emptyBuckets, members);
  }

  async statement(): Promise<string> {
    if (this.#statement !== "") return this.#statement;
    const now = this.clock();
    const claims = statementClaims({
      node: this.node,
      url: this.url,
      network: { name: this.name, regions: ["PE"] },
      root: this.root,
      feedKeys: this.keys,
      chain: this.#chain,
      feeds: { public: { url: this.place, mirrors: this.mirrors } },
      custody: "online",
      relay: false,
      retiring: this.#retiring,
      vocabulary: [],
      issued: now,
      expires: new Date(now.getTime() + 89 * DAY),
    });
    return (this.#statement = await sign("entity-statement+jwt", claims, this.root));
  }

  /** The page of changes after a number, as JSON. */
  changes(after: number, from: readonly Item[] = [...this.items.values()]): object {
    const rest = from.filter(({ seq }) => seq > after).sort((one, other) => one.seq - other.seq);
    const some = rest.slice(0, this.pageSize);
    const more = rest.length > some.length;
    const cursor = `${this.epoch}.${more ? some.at(-1)!.seq : this.seq}`;
    return {
      ...this.page(some),
      "cadre:cursor": cursor,
      ...(more ? { next: { id: `${this.place}/changes?after=${cursor}` } } : { "cadre:head": this.head }),
    };
  }

  page(items: readonly Item[]): { readonly type: string; readonly orderedItems: readonly object[] } {
    return {
      type: "OrderedCollectionPage",
      orderedItems: items.map(({ id, seq, jws, day }) => ({
        type: jws === null ? "Delete" : "Create",
        object: {
          id: `${this.place}/records/${id}`,
          ...(jws === null ? { deleted: `${day}T00:00:00Z` } : {}),
        },
        endTime: `${day}T00:00:00Z`,
        "cadre:seq": seq,
        ...(jws === null ? {} : { "cadre:jws": jws }),
      })),
    };
  }

  async answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    answer.setHeader("date", this.clock().toUTCString());
    if (this.misdeed?.(asked, answer, this) === true) return;
    const { pathname, searchParams } = new URL(asked.url ?? "", this.url);
    const path = pathname.split("/").slice(2).join("/");
    if (path === ".well-known/openid-federation") return void answer.end(await this.statement());
    if (path === "fed/v1/public/head") return this.#answerHead(asked, answer);
    if (path === "fed/v1/public/changes") return this.#answerChanges(searchParams.get("after"), answer);
    if (path === "fed/v1/public/buckets") return void answer.end(JSON.stringify(this.bucketList()));
    const bucket = /^fed\/v1\/public\/buckets\/(\d+)$/.exec(path)?.[1];
    if (bucket === undefined) return void answer.writeHead(404).end();
    const inside = this.standing().filter(({ id }) => bucketOf(id) === Number(bucket));
    const cursor = `${this.epoch}.${this.seq}`;
    answer.end(JSON.stringify({ ...this.page(inside), "cadre:cursor": cursor, "cadre:head": this.head }));
  }

  /** What anybody could have copied of its feed at this moment, by path. */
  files(): ReadonlyMap<string, string> {
    const items = [...this.items.values()];
    const pages = Math.max(1, Math.ceil(items.length / this.pageSize));
    const page = (at: number) => ({
      ...this.page(items.slice(at * this.pageSize, (at + 1) * this.pageSize)),
      ...(at + 1 < pages ? { next: `${this.place}/page/${at + 2}` } : {}),
    });
    const bucket = (at: number) => ({
      ...this.page(this.standing().filter(({ id }) => bucketOf(id) === at)),
      "cadre:cursor": `${this.epoch}.${this.seq}`,
      "cadre:head": this.head,
    });
    return new Map([
      ["head", this.head],
      ["buckets", JSON.stringify(this.bucketList())],
      ...ALL_BUCKETS.map((at) => [`buckets/${at}`, JSON.stringify(bucket(at))] as const),
      ...Array.from({ length: pages }, (_, at) => [`page/${at + 1}`, JSON.stringify(page(at))] as const),
    ]);
  }

  bucketList(): object {
    const { epoch, seq, head } = this;
    return bucketList({ epoch, seq, head, buckets: this.buckets() });
  }

  #answerHead(asked: IncomingMessage, answer: ServerResponse): void {
    const etag = `"${digestOf(this.head).toString("base64url")}"`;
    if (asked.headers["if-none-match"] === etag) return void answer.writeHead(304, { etag }).end();
    answer.writeHead(200, { etag }).end(this.head);
  }

  #answerChanges(cursor: string | null, answer: ServerResponse): void {
    const [epoch, seq] = cursor?.split(".") ?? [this.epoch, "0"];
    if (epoch !== this.epoch) return void answer.writeHead(409).end();
    if (cursor !== null && Number(seq) < this.floor) return void answer.writeHead(410).end();
    answer.end(JSON.stringify(this.changes(Number(seq))));
  }
}

export function aliasOf(id: string): string {
  return `Person ${id.slice(0, 8)}`;
}
