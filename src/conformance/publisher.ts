import { bodyShapes, faultOf, isWireType } from "../federation/body.js";
import { LEASES, LONGEST_LEASE, readEntry } from "../federation/entry.js";
import { HEAD_TRAVELS, readHead, RENEWED, type FeedHead } from "../federation/head.js";
import { claimsOf, verify, type KnownKeys } from "../federation/jws.js";
import type { Outbound } from "../federation/outbound.js";
import { bucketOf, digestOf, emptyBuckets, setOf, withBuckets, type Member } from "../federation/set.js";
import { readStatement, type Statement } from "../federation/statement.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import type { Checked } from "./checked.js";

/**
 * Whether a node of whatever make keeps to the protocol, as far as that can be seen from outside without an account: the publisher's
 * part of `docs/federation.md`. Each check is a promise; its number stays the same.
 */
type Check = {
  readonly id: string;
  readonly promise: string;
  /** Says what is not as promised; nothing when all is. */
  readonly look: (node: Visited) => Promise<void>;
};

/** Looks at the node at this address. */
export async function lookAtPublisher(
  outbound: Outbound,
  url: string,
  vocabulary: Vocabulary,
): Promise<readonly Checked[]> {
  const node = new Visited(outbound, url.replace(/\/$/, ""), vocabulary);
  const checked: Checked[] = [];
  for (const { id, promise, look } of CHECKS) {
    const fault = await look(node).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : "It cannot be looked at."),
    );
    checked.push({ id, promise, fault, untried: null });
  }
  return checked;
}

type Answer = Awaited<ReturnType<Outbound["get"]>>;
type Item = {
  readonly type: string;
  readonly object: { readonly id: string; readonly type?: string };
  readonly "cadre:seq"?: number;
  readonly "cadre:jws"?: string;
};
type Page = {
  readonly type?: string;
  readonly orderedItems?: readonly Item[];
  readonly next?: { readonly id: string } | string;
  readonly totalItems?: number;
  readonly first?: { readonly id: string } | string;
};
type Walked = {
  readonly answers: readonly Answer[];
  readonly items: readonly Item[];
  readonly head: string | null;
};

const MOST_PAGES = 2000;
const LARGEST = 16 * 1024 * 1024;

/** A node that is being looked at; what was read once is not asked for again. */
class Visited {
  #statement: Promise<Statement> | null = null;
  #walked: Promise<Walked> | null = null;

  constructor(
    readonly outbound: Outbound,
    readonly url: string,
    readonly vocabulary: Vocabulary,
  ) {}

  get(address: string, etag: string | null = null): Promise<Answer> {
    return this.outbound.get(address, { accept: "*/*", largest: LARGEST, etag });
  }

  statement(): Promise<Statement> {
    this.#statement ??= this.get(`${this.url}/.well-known/openid-federation`).then(({ body }) =>
      readStatement(textOf(body)),
    );
    return this.#statement;
  }

  async keys(): Promise<KnownKeys> {
    const { feedKeys } = await this.statement();
    return new Map(feedKeys.map((key) => [key.thumbprint, key]));
  }

  async base(): Promise<string> {
    const { feeds } = await this.statement();
    if (feeds.public === undefined) throw new Error("Its statement names no public feed.");
    return feeds.public.url;
  }

  async head(): Promise<FeedHead> {
    return readHead(textOf((await this.get(`${await this.base()}/head`)).body), await this.keys());
  }

  /** The whole list of changes, from its start. */
  walk(): Promise<Walked> {
    this.#walked ??= this.#walk();
    return this.#walked;
  }

  async #walk(): Promise<Walked> {
    const answers: Answer[] = [];
    const items: Item[] = [];
    const seen = new Set<string>();
    let head: string | null = null;
    for (let next: string | null = `${await this.base()}/changes`; next !== null;) {
      if (seen.has(next) || seen.size >= MOST_PAGES) throw new Error("The list of changes does not end.");
      seen.add(next);
      const answer = await this.get(next);
      const page = pageIn(answer);
      answers.push(answer);
      items.push(...(page.orderedItems ?? []));
      head = (page as { "cadre:head"?: string })["cadre:head"] ?? null;
      next = addressOf(page.next);
    }
    return { answers, items, head };
  }

  async records() {
    const [{ items }, keys] = [await this.walk(), await this.keys()];
    const told = items.filter((item) => item["cadre:jws"] !== undefined);
    return Promise.all(
      told.map(async (item) => ({ item, entry: await readEntry(item["cadre:jws"] ?? "", keys) })),
    );
  }
}

const CHECKS: readonly Check[] = [
  {
    id: "D1",
    promise: "The node's statement is served as what it is, and signed by its root key.",
    look: async (node) => {
      const { headers } = await node.get(`${node.url}/.well-known/openid-federation`);
      hold(
        mediaType(headers) === "application/entity-statement+jwt",
        "The statement has another media type.",
      );
      await node.statement();
    },
  },
  {
    id: "D2",
    promise: "The statement holds for at most 90 days, and has not ended.",
    look: async (node) => hold((await node.statement()).expires > new Date(), "The statement has ended."),
  },
  {
    id: "D3",
    promise: "The node's id is the thumbprint of its first root key, and its address its own.",
    look: async (node) =>
      hold((await node.statement()).url === node.url, "The statement tells another address."),
  },
  {
    id: "D4",
    promise: "Keys that sign records are not root keys.",
    look: async (node) => {
      const { roots, feedKeys } = await node.statement();
      hold(!feedKeys.some(({ thumbprint }) => roots.includes(thumbprint)), "A root key signs records.");
    },
  },
  {
    id: "D5",
    promise: "Whom the node knows is told nowhere.",
    look: async (node) => {
      for (const path of ["/fed/v1/peers", "/fed/v1/peerings"])
        hold((await node.get(`${node.url}${path}`)).status >= 400, `${path} answers.`);
    },
  },
  {
    id: "D6",
    promise: "The keys the node no longer uses are signed by its root.",
    look: async (node) => {
      const { root } = await node.statement();
      const { body } = await node.get(`${node.url}/fed/v1/historical-keys`);
      await verify(textOf(body), "jwk-set+jwt", new Map([[root.thumbprint, root]]));
    },
  },
  {
    id: "H1",
    promise: "The head is signed by a feed key, for this node and this feed.",
    look: async (node) => {
      const [head, { node: id }] = [await node.head(), await node.statement()];
      hold(head.node === id && head.tier === "public", "The head is another node's, or another feed's.");
    },
  },
  {
    id: "H2",
    promise: `The head is never older than ${RENEWED} hours.`,
    look: async (node) => {
      const age = Date.now() - (await node.head()).iat.getTime();
      hold(age <= RENEWED * 3_600_000 + 60_000 && age > -300_000, "The head is too old, or from the future.");
    },
  },
  {
    id: "H3",
    promise: "A head that is known already is not sent again.",
    look: async (node) => {
      const address = `${await node.base()}/head`;
      const etag = (await node.get(address)).headers.get("etag");
      hold(etag !== null && !etag.startsWith("W/"), "The head has no strong tag.");
      hold((await node.get(address, etag)).status === 304, "The head is sent again.");
    },
  },
  {
    id: "H4",
    promise: "Numbers never go back, and belong to one epoch.",
    look: async (node) => {
      const [one, other] = [await node.head(), await node.head()];
      hold(one.epoch === other.epoch && other.seq >= one.seq, "The feed went back, or began anew.");
    },
  },
  {
    id: "H5",
    promise: "Whoever reads the whole list holds exactly what its head says.",
    look: async (node) => {
      const { items, head: told } = await node.walk();
      const head = told === null ? await node.head() : await readHead(told, await node.keys());
      const held = new Map<string, Member>();
      for (const item of items) {
        const jws = item["cadre:jws"];
        if (jws === undefined) held.delete(idOf(item));
        else held.set(idOf(item), { id: idOf(item), digest: digestOf(jws) });
      }
      const buckets = new Map<number, Member[]>();
      for (const member of held.values())
        buckets.set(bucketOf(member.id), [...(buckets.get(bucketOf(member.id)) ?? []), member]);
      hold(head.count === held.size, "The head counts another number of records.");
      hold(
        head.set === setOf(withBuckets(emptyBuckets, buckets)),
        "The head's digest is that of another set.",
      );
    },
  },
  {
    id: "H6",
    promise: "A head says that it is good for a week at most.",
    look: async (node) => {
      const { iat, exp } = await node.head();
      hold(
        exp.getTime() - iat.getTime() <= HEAD_TRAVELS * 3_600_000 && exp > new Date(),
        "It is good for longer, or ended.",
      );
    },
  },
  {
    id: "C1",
    promise: "Changes stand in the order of their numbers.",
    look: async (node) => {
      const numbers = (await node.walk()).items.map((item) => item["cadre:seq"] ?? Number.NaN);
      hold(
        numbers.every((seq, at) => at === 0 || seq > (numbers[at - 1] ?? 0)),
        "They do not ascend.",
      );
    },
  },
  {
    id: "C2",
    promise: "Each record stands in the list once, at its latest change.",
    look: async (node) => {
      const ids = (await node.walk()).items.map(idOf);
      hold(new Set(ids).size === ids.length, "A record stands in the list twice.");
    },
  },
  {
    id: "C3",
    promise: "A page holds at most 250 items and a mebibyte.",
    look: async (node) => {
      for (const answer of (await node.walk()).answers)
        hold(
          (pageIn(answer).orderedItems ?? []).length <= 250 && answer.body.length <= 1024 * 1024,
          "A page is larger.",
        );
    },
  },
  {
    id: "C4",
    promise: "The list ends.",
    look: async (node) => void (await node.walk()),
  },
  {
    id: "C6",
    promise: "What was withdrawn is told by its id and day alone.",
    look: async (node) => {
      const gone = (await node.walk()).items.filter(isWithdrawal);
      for (const item of gone) {
        const names = [...Object.keys(item), ...Object.keys(item.object)];
        hold(
          names.every((name) => TOMBSTONE.has(name)),
          "A withdrawal tells more.",
        );
      }
    },
  },
  {
    id: "C7",
    promise: "A cursor that is none, or of another epoch, is refused: 400, 409 or 410.",
    look: async (node) => {
      const base = await node.base();
      for (const made of ["what is this", "00000000-0000-4000-8000-000000000000 1"]) {
        const after = Buffer.from(made).toString("base64url");
        const { status } = await node.get(`${base}/changes?after=${after}`);
        hold([400, 409, 410].includes(status), "Such a cursor is taken.");
      }
    },
  },
  {
    id: "C8",
    promise: "The collection can be read page by page as Activity Streams, and holds the same.",
    look: async (node) => {
      const collection = pageIn(await node.get(`${await node.base()}/collection`));
      hold(collection.type === "OrderedCollection", "It is no ordered collection.");
      const ids: string[] = [];
      let pages = 0;
      for (let next = addressOf(collection.first); next !== null; pages++) {
        hold(pages < MOST_PAGES, "It does not end.");
        const page = pageIn(await node.get(next));
        hold(page.type === "OrderedCollectionPage", "A page of it is none.");
        ids.push(...(page.orderedItems ?? []).map(idOf));
        next = addressOf(page.next);
      }
      const walked = (await node.walk()).items.map(idOf);
      hold(ids.sort().join() === walked.sort().join(), "It holds something else than the list of changes.");
    },
  },
  {
    id: "C9",
    promise: "A withdrawn record answers 410, and one that never was 404.",
    look: async (node) => {
      const [base, { items }] = [await node.base(), await node.walk()];
      for (const item of items.filter(isWithdrawal).slice(0, 20))
        hold((await node.get(`${base}/records/${idOf(item)}`)).status === 410, "It does not.");
      const never = await node.get(`${base}/records/00000000-0000-4000-8000-000000000000`);
      hold(never.status === 404, "A record that never was is not simply absent.");
    },
  },
  {
    id: "R1",
    promise: "Every record is signed by a feed key, and served as it stands in the list.",
    look: async (node) => {
      const [base, records] = [await node.base(), await node.records()];
      for (const { item } of records.slice(0, 20)) {
        const { body } = await node.get(`${base}/records/${idOf(item)}`);
        hold(textOf(body) === item["cadre:jws"], "A record is served otherwise than it stands in the list.");
      }
    },
  },
  {
    id: "R2",
    promise: "Every record is this node's own, and stands under its own id.",
    look: async (node) => {
      const { node: id } = await node.statement();
      for (const { item, entry } of await node.records())
        hold(entry.node === id && entry.id === idOf(item) && entry.tier === "public", "One does not.");
    },
  },
  {
    id: "R3",
    promise: "Every record holds a random number of its own.",
    look: async (node) => {
      const { items } = await node.walk();
      const told = items.flatMap((item) => item["cadre:jws"] ?? []);
      const numbers = told.map((jws) => (claimsOf(jws) as { jti?: string }).jti ?? "");
      hold(
        numbers.every((jti) => jti.length >= 16),
        "One is too short.",
      );
      hold(new Set(numbers).size === numbers.length, "Two are the same.");
    },
  },
  {
    id: "R4",
    promise: "Records keep to size, depth, text and links.",
    look: async (node) => {
      for (const { entry } of await node.records()) {
        const fault = faultOf(entry.type, entry.body);
        hold(fault === null, fault ?? "");
      }
    },
  },
  {
    id: "R5",
    promise: "Leases are as long as their kind has them, and never longer than 90 days.",
    look: async (node) => {
      for (const { entry } of await node.records()) {
        const most = isWireType(entry.type) ? LEASES[entry.type] : LONGEST_LEASE;
        hold(entry.lease <= most, "One is longer.");
      }
    },
  },
  {
    id: "R6",
    promise: "Records say what the protocol has words for and nothing else: no way to reach a person.",
    look: async (node) => {
      for (const { entry } of await node.records()) {
        if (!isWireType(entry.type)) continue;
        const known = Object.keys(bodyShapes[entry.type].shape);
        const more = Object.keys(entry.body as object).find((name) => !known.includes(name));
        hold(more === undefined, `A record of type ${entry.type} says something else.`);
      }
    },
  },
  {
    id: "R7",
    promise: "A word of the node's own comes with a wider one that everybody knows.",
    look: async (node) => {
      for (const { entry } of await node.records()) checkWords(entry.body, node.vocabulary);
    },
  },
  {
    id: "F1",
    promise: "What is for partners is told to nobody who does not sign what they ask.",
    look: async (node) => {
      const { feeds } = await node.statement();
      for (const path of feeds.partners === undefined ? [] : ["head", "changes", "collection"])
        hold((await node.get(`${feeds.partners?.url}/${path}`)).status === 401, `${path} is told.`);
    },
  },
];

/** Of one that moved it is told where to, signed. */
const TOMBSTONE = new Set([
  "type",
  "object",
  "endTime",
  "cadre:seq",
  "cadre:move",
  "id",
  "formerType",
  "deleted",
]);

function isWithdrawal({ type }: { readonly type: string }): boolean {
  return type === "Delete" || type === "Move";
}

function checkWords(body: unknown, { specialties, regions }: Vocabulary): void {
  const { specialties: skills = [], regions: areas = [] } = body as {
    specialties?: readonly (string | { specialty: string })[];
    regions?: readonly { region: string; broader?: readonly string[] }[];
  };
  for (const told of skills) {
    const root = (typeof told === "string" ? told : told.specialty).split(".")[0] ?? "";
    hold(specialties.has(root), "A specialty lies below none of the roots.");
  }
  for (const { region, broader = [] } of areas)
    hold(
      regions.has(region) || broader.some((code) => regions.has(code)),
      "A region is known to nobody else.",
    );
}

function hold(so: boolean, otherwise: string): void {
  if (!so) throw new Error(otherwise);
}

function pageIn({ body, status }: Answer): Page {
  if (status !== 200) throw new Error(`A page answers ${status}.`);
  return JSON.parse(textOf(body)) as Page;
}

function addressOf(link: Page["next"]): string | null {
  return link === undefined ? null : typeof link === "string" ? link : link.id;
}

function idOf({ object }: Item): string {
  return object.id.split("/").at(-1) ?? "";
}

function textOf(body: Buffer): string {
  return body.toString("utf8").trim();
}

function mediaType(headers: Headers): string {
  return (headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
}
