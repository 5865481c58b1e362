import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { baobab, ceiba, yasmin, type Cast } from "../seeds/cast.js";
import { exportBundle } from "../src/federation/bundle-export.js";
import { importBundle } from "../src/federation/bundle-import.js";
import { readWhole, type FeedItem } from "../src/federation/feed.store.js";
import { claimsOf } from "../src/federation/jws.js";
import type { Peer } from "../src/federation/peer.js";
import { Publisher, type PublisherParts } from "../src/federation/publisher.js";
import { openLog } from "../src/log.js";
import { bucketOf, digestOf, emptyBuckets, setOf, withBuckets, type Member } from "../src/federation/set.js";
import type { Tier } from "../src/federation/tier.js";
import type { Practitioner } from "../src/practitioners/practitioner.js";
import { savePractitioners } from "../src/practitioners/practitioner.store.js";
import { newKeyLine } from "../src/storage/master-key.js";
import { cadre, type Ended } from "./command.js";
import { seen } from "./eventually.js";
import type { TestNode } from "./node.js";
import { befriend, changePerson, startPeer, type Head } from "./peers.js";

const DAY = 86_400_000;

/** The origin, a node that reads it over the network, and one that is only ever brought files. One clock for all. */
let moment = Date.now();
let folder: string;
let keyFile: string;
let there: TestNode;
let here: TestNode;
let far: TestNode;
let online: Peer;
let carried: Peer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cadre-bundle-"));
  keyFile = join(folder, "keys");
  await writeFile(keyFile, newKeyLine(), { mode: 0o600 });
  const start = (cast: Cast) => startPeer(cast, { keyFile }, () => new Date(moment));
  [there, here, far] = await Promise.all([start(ceiba), start(yasmin), start(baobab)]);
  // Nobody is read but when a test says so.
  await Promise.all([here, far].map((node) => node.federation!.harvester.stop()));
  online = (await befriend(here, there))[0];
  carried = (await befriend(far, there))[0];
});
afterAll(async () => {
  await Promise.all([there, here, far].map((node) => node.close()));
  await rm(folder, { recursive: true });
});

const command = (node: TestNode, ...args: readonly string[]): Promise<Ended> =>
  cadre(args, {
    NODE_ENV: "production",
    DATABASE_URL: node.databaseUrl,
    KEY_FILE: keyFile,
    NETWORK_NAME: "Test",
  });
const placeFor = () => join(folder, `${randomUUID()}.jsonl.gz`);

/** What a node publishes by. */
function publishing({ ground }: TestNode): PublisherParts {
  return { ...ground, ledgerFile: null, log: openLog("silent") };
}

async function exported(tier: Tier = "public"): Promise<string> {
  const file = placeFor();
  moment += 1000;
  await exportBundle(publishing(there), tier, file);
  return file;
}

const imported = (file: string, node = far) => importBundle(node.ground, file);
const refusalOf = (file: string) =>
  imported(file).then(
    () => "taken in",
    (error: Error) => error.message,
  );

/** A bundle that says something else than the one in this file. */
async function altered(file: string, how: (lines: readonly string[]) => readonly string[]): Promise<string> {
  const lines = gunzipSync(await readFile(file))
    .toString("utf8")
    .trimEnd()
    .split("\n");
  const place = placeFor();
  await writeFile(place, gzipSync(`${how(lines).join("\n")}\n`));
  return place;
}

/** Everything that a node has of its peers, but for the tag by which a server knows what it has sent. */
async function heldBy({ ground }: TestNode): Promise<string> {
  const tables = [
    "select peer, tier, epoch, seq, iat, set_digest, head, cursor, buckets, counted from base.peer_feed",
    "select * from base.peer_record",
    "select * from base.peer_staged",
    "select * from base.peer_evidence",
    "select id, trust, shares, statement, url, claimed from base.peer where trust <> 'BLOCKED'",
    "select audience, kind, id, origin, name, doc, tags, words, lease, not_after from seen.listing where lease is not null",
    "select * from seen.standing",
  ];
  const rows = await Promise.all(
    tables.map((table) =>
      ground.database.write.query(`select row_to_json(held) as row from (${table}) as held`),
    ),
  );
  return JSON.stringify(
    rows.map((some) => (some as { row: object }[]).map(({ row }) => JSON.stringify(row)).sort()),
  );
}

async function foundOn({ ask }: TestNode): Promise<unknown> {
  const { data } = await ask<{ practitioners: { nodes: { provenance: { network: { name: string } } }[] } }>(
    `{ practitioners(first: 50) { nodes { id alias about regions { region { code } } languages { level }
      provenance { signed expires network { name regions { code } } } } } }`,
  );
  const { nodes } = data.practitioners;
  return nodes.filter(({ provenance }) => provenance.network.name === ceiba.network.name);
}

const someone = ceiba.practitioners.find(
  ({ audience, state }) => audience === "PUBLIC" && state === "LISTED",
)!;
const alias = someone.facts.alias!.value;
const shows = async (node: TestNode) => JSON.stringify(await foundOn(node)).includes(`"${alias}"`);

const change = (how: (person: Practitioner) => Practitioner) => changePerson(there, someone.id, how);
const withdraw = () => change((person) => ({ ...person, state: "WITHDRAWN" }));
const comeBack = () => change((person) => ({ ...person, state: "LISTED" }));

describe("a bundle", () => {
  test("that is carried gives the same rows and the same answers as reading over the network", async () => {
    const file = placeFor();
    const out = await command(there, "export", "--bundle", file);
    expect([out.status, out.complained]).toEqual([0, ""]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    moment = Math.max(moment, Date.now());
    expect(await here.federation!.peering.sync(online.id)).toMatchObject({ problem: null });
    const brought = await command(far, "peer", "import-bundle", file);
    expect([brought.status, brought.complained]).toEqual([0, ""]);
    expect(brought.said).toMatch(/Taken in from .*: \d+ records, 0 withdrawals/);
    expect(await heldBy(far)).toBe(await heldBy(here));
    await seen(() => shows(far), true);
    await seen(() => shows(here), true);
    expect(await foundOn(far)).toEqual(await foundOn(here));
    expect(await imported(file)).toMatchObject({ taken: null });
  });

  test("brings withdrawals, and the next one over the network goes on from there", async () => {
    await withdraw();
    expect((await imported(await exported())).taken).toMatchObject({ taken: 0, withdrawn: 1 });
    await seen(() => shows(far), false);
    await comeBack();
    moment += 1000;
    expect(await far.federation!.peering.sync(carried.id)).toMatchObject({
      problem: null,
      taken: { public: { taken: 1, withdrawn: 0 } },
    });
    await seen(() => shows(far), true);
  });

  test("that is old revives nobody", async () => {
    const old = await exported();
    await withdraw();
    const last = await exported();
    await imported(last);
    await seen(() => shows(far), false);
    const before = await heldBy(far);
    expect(await refusalOf(old)).toBe(
      "Nothing of this bundle was taken in. The head is older than one that was accepted before.",
    );
    moment += 8 * DAY;
    expect(await foundOn(far)).toEqual([]);
    expect(await imported(last)).toMatchObject({ taken: null });
    expect(await refusalOf(old)).toMatch(/not good any more/);
    expect([await foundOn(far), await heldBy(far)]).toEqual([[], before]);
    await comeBack();
    await imported(await exported());
    await seen(() => shows(far), true);
  });

  test("that was cut short, altered, made to grow or is none changes nothing, and it is said why", async () => {
    await change((person) => ({ ...person, facts: { ...person.facts, pronouns: null, about: null } }));
    const good = await exported();
    const packed = await readFile(good);
    const written = async (bytes: Buffer) => {
      const file = placeFor();
      await writeFile(file, bytes);
      return file;
    };
    const flipped = Buffer.from(packed);
    flipped[packed.length >> 1]! ^= 0x10;
    const lines = gunzipSync(packed).toString("utf8").trimEnd().split("\n");
    const parsed = (line: string | undefined) => JSON.parse(line ?? "") as Record<string, never>;
    const swap = (line: string) => line.replace(/records\/[0-9a-f-]{36}/, `records/${randomUUID()}`);
    const bad: readonly (readonly [string, RegExp])[] = [
      [await written(packed.subarray(0, packed.length - 20)), /damaged, or a part of it is missing/],
      [await written(packed.subarray(0, 40)), /damaged, or a part of it is missing/],
      [await written(flipped), /damaged|not JSON|not have its shape/],
      [await written(Buffer.from("no bundle at all")), /damaged/],
      [await written(gzipSync(lines.join("\n"))), /a part of it is missing/],
      [await altered(good, (all) => all.slice(0, -1)), /not what the head of the feed says/],
      [await altered(good, (all) => [...all.slice(0, 2), ...all.slice(2).toReversed()]), /not in order/],
      [await altered(good, (all) => all.map((line, at) => (at === 3 ? swap(line) : line))), /another's id/],
      [
        await altered(good, (all) => [all[0]!, all[1]!.replace('"public"', '"partners"'), ...all.slice(2)]),
        /has not let this node read that/,
      ],
      [
        await altered(good, (all) => [
          all[0]!,
          JSON.stringify({
            ...parsed(all[1]),
            "cadre:head": `${String(parsed(all[1])["cadre:head"]).slice(0, -8)}AAAAAAAA`,
          }),
          ...all.slice(2),
        ]),
        /signature .* is not good/,
      ],
      [
        await altered(good, (all) => [
          ...all,
          ...Array.from({ length: 400 }, (_, at) =>
            all[2]!.replace(/"cadre:seq":\d+/, `"cadre:seq":${1_000_000 + at}`),
          ),
        ]),
        /more records than its head/,
      ],
      [
        await written(
          gzipSync(Buffer.concat([Buffer.from(`${lines[0]}\n${lines[1]}\n`), Buffer.alloc(200_000_000)])),
        ),
        /line of the bundle is too long/,
      ],
      [join(folder, "nowhere"), /cannot be read \(ENOENT\)/],
    ];
    const before = await heldBy(far);
    for (const [file, why] of bad) {
      expect(await refusalOf(file)).toMatch(why);
      expect(await heldBy(far)).toBe(before);
    }
    expect((await imported(good)).taken).toMatchObject({ taken: 1 });
  });

  test("is taken in on probation too, but not from a node that is strange, paused or blocked", async () => {
    const { peering } = far.federation!;
    const file = await exported();
    await peering.setTrust("operator", carried.id, "PAUSED", null);
    expect(await refusalOf(file)).toMatch(/paused, blocked or retired/);
    await peering.setTrust("operator", carried.id, "BLOCKED", null);
    expect(await refusalOf(file)).toMatch(/paused, blocked or retired/);
    await far.ground.database.write.query("update base.peer set trust = 'PROBATION'");
    expect((await imported(file)).taken?.taken).toBeGreaterThan(0);
    expect(await foundOn(far)).toEqual([]);
    await far.ground.database.write.query("delete from base.peer");
    expect(await refusalOf(file)).toMatch(/does not know/);
  });

  test("of what partners see is made with a warning, is recorded, and helps nobody it is not shared with", async () => {
    const file = placeFor();
    const made = await command(there, "export", "--bundle", file, "--tier", "partners");
    expect([made.status, made.complained]).toEqual([0, expect.stringMatching(/one such peer's steward/)]);
    moment = Math.max(moment, Date.now());
    const entries = await there.ground.database.write.query(
      "select actor, fields from base.audit where action = 'EXPORTED' order by seq desc limit 1",
    );
    expect(entries).toEqual([{ actor: "operator", fields: ["bundle:partners"] }]);
    await expect(imported(file, here)).rejects.toThrow(/has not let this node read that/);
    expect(existsSync(`${file}.part`)).toBe(false);
    const [reader] = (await there.federation!.peering.all()).filter(({ url }) => url === here.url);
    await there.federation!.peering.setTrust("operator", reader!.id, "PARTNER", null);
    moment += 1000;
    expect(await here.federation!.peering.sync(online.id)).toMatchObject({ problem: null });
    const next = await exported("partners");
    expect((await imported(next, here)).taken).toMatchObject({ taken: 0, withdrawn: 0 });
    expect((await command(there, "export", "--bundle", join(folder, "no", "place"))).complained).toMatch(
      /cannot be written .*ENOENT/,
    );
  });

  test("is of one moment, whatever changes while it is written", async () => {
    const { database, home } = there.ground;
    const crowd = Array.from({ length: 1100 }, () => ({ ...someone, id: randomUUID() }));
    await database.transaction((tx) => savePractitioners(tx, home, crowd));
    moment += 1000;
    await new Publisher(publishing(there)).current("public");
    const told: FeedItem[] = [];
    const heads = new Set<string>();
    await readWhole(database, "public", async ({ feed, items }) => {
      told.push(...items);
      heads.add(feed.head);
      const last = crowd.at(-1)!;
      await database.transaction((tx) => savePractitioners(tx, home, [{ ...last, state: "WITHDRAWN" }]));
      await new Publisher(publishing(there)).current("public");
    });
    const [head, ...others] = [...heads].map((jws) => claimsOf(jws) as Head);
    const standing = told.flatMap(({ id, jws }) => (jws === null ? [] : [{ id, digest: digestOf(jws) }]));
    const buckets = new Map(standing.map(({ id }) => [bucketOf(id), [] as Member[]]));
    for (const one of standing) buckets.get(bucketOf(one.id))!.push(one);
    expect([others, standing.length]).toEqual([[], head!.count]);
    expect(setOf(withBuckets(emptyBuckets, buckets))).toBe(head!.set);
  });
});
