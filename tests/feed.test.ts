import { randomUUID } from "node:crypto";
import { ceiba } from "../seeds/cast.js";
import { readHead } from "../src/federation/head.js";
import { readEntry } from "../src/federation/entry.js";
import { digestOf, bucketOf, emptyBuckets, setOf, withBuckets, type Member } from "../src/federation/set.js";
import { readStatement, type Statement } from "../src/federation/statement.js";
import { saveOrganizations } from "../src/organizations/organization.store.js";
import type { Practitioner } from "../src/practitioners/practitioner.js";
import { bodyOf, changePerson, idOf, readerOf, startPeer } from "./peers.js";
import type { TestNode } from "./node.js";

const quetzal = ceiba.practitioners[0]!;
const members = ceiba.practitioners.find(({ audience }) => audience === "MEMBERS")!;
const hidden = ceiba.practitioners.filter(({ audience }) => audience !== "PUBLIC").map(({ id }) => id);
const raices = ceiba.organizations[0]!;

let moment = 0;
let node: TestNode;
let feed: ReturnType<typeof readerOf>;
let statement: Statement;

const DAY = 86_400_000;

beforeEach(async () => {
  moment = Date.parse("2026-11-20T10:00:00Z");
  node = await startPeer(ceiba, {}, () => new Date(moment));
  feed = readerOf(node.url);
  statement = await readStatement(await (await fetch(`${node.url}/.well-known/openid-federation`)).text());
});
afterEach(() => node.close());

const change = (id: string, how: (person: Practitioner) => Practitioner) => changePerson(node, id, how);

const withdraw = (id: string) => change(id, (person) => ({ ...person, state: "WITHDRAWN" }));
const keys = () => new Map(statement.feedKeys.map((key) => [key.thumbprint, key]));
const everyByte = async () => JSON.stringify(await feed.walk());

describe("a node's statement", () => {
  test("is signed by the root key that the node is named after, and names feeds and the keys that sign them", async () => {
    const answer = await fetch(`${node.url}/.well-known/openid-federation`);
    expect(answer.headers.get("content-type")).toBe("application/entity-statement+jwt");
    expect(statement.url).toBe(node.url);
    expect(statement.network.name).toBe("Red Ceiba");
    expect(statement.feeds.public?.url).toBe(feed.base);
    expect(statement.node).toMatch(/^urn:ietf:params:oauth:jwk-thumbprint:sha-256:[\w-]{43}$/);
    expect(statement.expires.getTime() - statement.issued.getTime()).toBe(90 * DAY);
    expect(statement.feedKeys.map(({ thumbprint }) => thumbprint)).not.toContain(statement.root.thumbprint);
  });

  test("stays the same node after a restart, and is signed anew before it ends", async () => {
    moment += 61 * DAY;
    await node.upkeep();
    const later = await readStatement(
      await (await fetch(`${node.url}/.well-known/openid-federation`)).text(),
    );
    expect(later.node).toBe(statement.node);
    expect(later.expires.getTime() - moment).toBe(90 * DAY);
  });

  test("the keys it no longer uses are signed too, and there are none at first", async () => {
    const answer = await fetch(`${node.url}/fed/v1/historical-keys`);
    expect(answer.headers.get("content-type")).toBe("application/jwk-set+jwt");
  });
});

describe("a feed", () => {
  test("holds exactly what everybody may see, each record once, as its head says", async () => {
    const pages = await feed.walk();
    const activities = pages.flatMap(({ orderedItems }) => orderedItems);
    const seqs = activities.map((one) => one["cadre:seq"]);
    expect(seqs).toEqual([...seqs].sort((one, other) => one - other));
    expect(new Set(activities.map(idOf)).size).toBe(activities.length);
    const { data } = await node.ask<{
      practitioners: { totalCount: number };
      organizations: { totalCount: number };
      resources: { totalCount: number };
    }>("{ practitioners { totalCount } organizations { totalCount } resources { totalCount } }");
    const total = Object.values(data).reduce((sum, { totalCount }) => sum + totalCount, 0);
    const head = await readHead(pages.at(-1)?.["cadre:head"] ?? "", keys());
    expect([activities.length, head.count]).toEqual([total, total]);
    const held: Member[] = activities.map((one) => ({ id: idOf(one), digest: digestOf(one["cadre:jws"]!) }));
    const beside = (id: string) => held.filter((one) => bucketOf(one.id) === bucketOf(id));
    const buckets = new Map(held.map(({ id }) => [bucketOf(id), beside(id)]));
    expect(head.set).toBe(setOf(withBuckets(emptyBuckets, buckets)));
  });

  test("every record is signed by a feed key of the statement, for this feed, with a random number in it", async () => {
    const records = [...(await feed.records()).values()];
    const read = await Promise.all(records.map((one) => readEntry(one["cadre:jws"]!, keys())));
    expect(read.map(({ id }) => id)).toEqual(records.map(idOf));
    expect(new Set(read.map(({ node: origin, tier }) => `${origin} ${tier}`))).toEqual(
      new Set([`${statement.node} public`]),
    );
    expect(new Set(read.map(({ iat }) => iat.toISOString()))).toEqual(new Set(["2026-11-20T00:00:00.000Z"]));
  });

  test("holds no contact point, no hidden place and nobody who is for members only", async () => {
    await node.ground.database.transaction((tx) =>
      saveOrganizations(tx, node.ground.home, [
        {
          ...raices,
          facts: { ...raices.facts, contact: [{ kind: "EMAIL", value: "canary@example.org", note: null }] },
        },
      ]),
    );
    const records = await feed.records();
    expect([...records.keys()].filter((id) => hidden.includes(id))).toEqual([]);
    const bodies = JSON.stringify([...records.values()].map(bodyOf));
    expect(bodies).not.toContain("canary@example.org");
    expect(bodies).not.toContain("contact");
    expect(JSON.stringify(bodyOf(records.get(quetzal.id)))).toContain("GT");
    expect(JSON.stringify(bodyOf(records.get(quetzal.id)))).not.toContain("GT-09");
  });

  test("what partners see is told to nobody who does not sign what they ask", async () => {
    for (const path of [
      "head",
      "changes",
      "collection",
      "page/1",
      "buckets",
      "buckets/3",
      `records/${quetzal.id}`,
    ]) {
      const answer = await fetch(`${node.url}/fed/v1/partners/${path}`);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
    }
  });

  test("a city hidden from everybody is in no page any more, the moment that is saved", async () => {
    await change(quetzal.id, (person) => ({
      ...person,
      facts: {
        ...person.facts,
        regions: [{ value: { region: "GT-01", relation: "WORKS_IN" }, audience: "PUBLIC" }],
      },
    }));
    expect(JSON.stringify(bodyOf((await feed.records()).get(quetzal.id)))).toContain("GT-01");
    const told = (await feed.records()).get(quetzal.id)!["cadre:jws"]!;
    await change(quetzal.id, (person) => ({
      ...person,
      facts: {
        ...person.facts,
        regions: [{ value: { region: "GT-01", relation: "WORKS_IN" }, audience: "MEMBERS" }],
      },
    }));
    const now = (await feed.records()).get(quetzal.id);
    expect(now?.type).toBe("Update");
    expect(JSON.stringify(bodyOf(now))).not.toContain("GT-01");
    expect(await everyByte()).not.toContain(told);
  });

  test("somebody who withdraws is gone from every page at once: an opaque id and a day remain", async () => {
    const before = await feed.records();
    const head = await feed.head();
    await withdraw(quetzal.id);
    const answer = await feed.get(`/records/${quetzal.id}`);
    expect(answer.status).toBe(410);
    expect(await answer.json()).toEqual({
      id: `${feed.base}/records/${quetzal.id}`,
      type: "Tombstone",
      formerType: "Person",
      deleted: "2026-11-20T00:00:00Z",
    });
    expect(await everyByte()).not.toContain(before.get(quetzal.id)!["cadre:jws"]);
    const gone = (await feed.records()).get(quetzal.id);
    expect([gone?.type, gone?.["cadre:jws"]]).toEqual(["Delete", undefined]);
    expect(await feed.head()).toMatchObject({ count: head.count - 1, seq: head.seq + 1, epoch: head.epoch });
  });

  test("an edit that changes nothing for the feed's readers leaves head and records as they are", async () => {
    const before = [await (await feed.get("/head")).text(), await everyByte()];
    await change(quetzal.id, (person) => ({
      ...person,
      facts: { ...person.facts, pronouns: { value: "canary", audience: "MEMBERS" } },
    }));
    await change(members.id, (person) => ({
      ...person,
      facts: { ...person.facts, pronouns: { value: "canary", audience: "MEMBERS" } },
    }));
    expect([await (await feed.get("/head")).text(), await everyByte()]).toEqual(before);
  });

  test("a link to what everybody may not see is not told; once they may, it is", async () => {
    const linked = () => feed.records().then((all) => bodyOf(all.get(quetzal.id))["organizations"]);
    expect(await linked()).toEqual([raices.id]);
    const save = (audience: "MEMBERS" | "PUBLIC") =>
      node.ground.database.transaction((tx) =>
        saveOrganizations(tx, node.ground.home, [{ ...raices, audience }]),
      );
    await save("MEMBERS");
    expect(await linked()).toEqual([]);
    await save("PUBLIC");
    expect(await linked()).toEqual([raices.id]);
  });

  test("a head that is known already is not sent again, and is signed anew after six hours without a change", async () => {
    const first = await feed.get("/head");
    const etag = first.headers.get("etag") ?? "";
    expect(first.headers.get("cache-control")).toBe("public, max-age=60");
    expect((await feed.get("/head", { "if-none-match": etag })).status).toBe(304);
    const before = await feed.head();
    moment += 7 * 3_600_000;
    expect((await feed.get("/head", { "if-none-match": etag })).status).toBe(200);
    expect(await feed.head()).toMatchObject({
      seq: before.seq,
      set: before.set,
      prev_iat: before.iat,
      iat: moment / 1000,
    });
  });

  test("a reader goes on where they were and gets what changed since, and nothing else", async () => {
    const cursor = (await feed.walk()).at(-1)?.["cadre:cursor"];
    const since = `${feed.base}/changes?after=${cursor}`;
    expect((await feed.walk(since))[0]?.orderedItems).toEqual([]);
    await withdraw(quetzal.id);
    expect((await feed.walk(since)).flatMap(({ orderedItems }) => orderedItems.map(idOf))).toEqual([
      quetzal.id,
    ]);
  });

  test("a cursor of another epoch, of the future, from before what was dropped, or made up is refused each in its way", async () => {
    const head = await feed.head();
    const ask = (text: string) => feed.get(`/changes?after=${Buffer.from(text).toString("base64url")}`);
    const told = async (text: string) => {
      const answer = await ask(text);
      return [answer.status, ((await answer.json()) as { type: string }).type];
    };
    expect(await told(`${randomUUID()} 3`)).toEqual([409, "urn:cadre:problem:epoch-changed"]);
    expect(await told(`${head.epoch} ${head.seq + 1}`)).toEqual([409, "urn:cadre:problem:future-cursor"]);
    expect(await told("what is this")).toEqual([400, "urn:cadre:problem:no-cursor"]);
    await withdraw(quetzal.id);
    const after = await feed.head();
    moment += 121 * DAY;
    expect(await feed.head()).toMatchObject({ floor: after.seq, seq: after.seq });
    expect(await told(`${head.epoch} ${head.seq}`)).toEqual([410, "urn:cadre:problem:cursor-expired"]);
    // Whoever began at the start since then has nothing to hear of it, wherever they are by now.
    expect((await ask(`${head.epoch} 0 ${after.seq}`)).status).toBe(200);
    expect((await feed.get(`/records/${quetzal.id}`)).status).toBe(404);
  });

  test("the whole collection can be read page by page, by whoever reads Activity Streams", async () => {
    const whole = await feed.json<{ totalItems: number; first: { id: string } }>(`${feed.base}/collection`);
    const page = await feed.json<{ orderedItems: readonly unknown[]; type: string }>(whole.first.id);
    expect([page.type, page.orderedItems.length]).toEqual(["OrderedCollectionPage", whole.totalItems]);
    expect((await fetch(`${feed.base}/page/2`)).status).toBe(404);
  });

  test("a difference is found by its bucket, and the bucket read alone", async () => {
    const { buckets } = await feed.json<{ buckets: readonly string[] }>(`${feed.base}/buckets`);
    expect(buckets.length).toBe(256);
    const page = await feed.json<{ orderedItems: readonly never[] }>(
      `${feed.base}/buckets/${bucketOf(quetzal.id)}`,
    );
    expect(page.orderedItems.map(idOf)).toContain(quetzal.id);
  });

  test("of a hundred commits by four writers at once a reader misses none", async () => {
    const people = ceiba.practitioners.filter(({ audience }) => audience === "PUBLIC").slice(0, 4);
    const heard = new Map<string, number>();
    let cursor = (await feed.walk()).at(-1)?.["cadre:cursor"] ?? "";
    const hear = async () => {
      const pages = await feed.walk(`${feed.base}/changes?after=${cursor}`);
      for (const one of pages.flatMap(({ orderedItems }) => orderedItems))
        heard.set(idOf(one), Number(bodyOf(one)["pronouns"]));
      cursor = pages.at(-1)?.["cadre:cursor"] ?? cursor;
    };
    let writing = true;
    const listening = (async () => {
      while (writing) await hear();
    })();
    const says = (value: string): { value: string; audience: "PUBLIC" } => ({ value, audience: "PUBLIC" });
    await Promise.all(
      people.map(async ({ id }) => {
        for (let turn = 1; turn <= 25; turn++)
          await change(id, (person) => ({
            ...person,
            facts: { ...person.facts, pronouns: says(String(turn)) },
          }));
      }),
    );
    writing = false;
    await listening;
    await hear();
    expect([...heard.values()]).toEqual(people.map(() => 25));
  });
});
