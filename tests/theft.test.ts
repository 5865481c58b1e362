import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { ceiba, yasmin, type Cast } from "../seeds/cast.js";
import { identityCommands } from "../src/commands/identity.js";
import { dayOf } from "../src/clock.js";
import { importBundle } from "../src/federation/bundle-import.js";
import { writeBundle } from "../src/federation/bundle.js";
import { signEntry } from "../src/federation/entry.js";
import { signHead } from "../src/federation/head.js";
import { localIdOf } from "../src/federation/node-id.js";
import type { Peer } from "../src/federation/peer.js";
import { bucketOf, digestOf, emptyBuckets, setOf, withBuckets, type Member } from "../src/federation/set.js";
import { signingKey } from "../src/federation/signing-key.js";
import { readStatement } from "../src/federation/statement.js";
import { savePractitioners } from "../src/practitioners/practitioner.store.js";
import { seen } from "./eventually.js";
import { keyFile, type TestNode } from "./node.js";
import { Origins, aliasOf, personCalled, type Origin } from "../src/conformance/origins.js";
import { befriend, idOf, readerOf, startPeer } from "./peers.js";

const MINUTE = 60_000;
const someone = yasmin.practitioners.find(
  ({ audience, state }) => audience === "PUBLIC" && state === "LISTED",
)!;

/** One reads the other, whose feed key is stolen. Commands go by the machine's clock, which the nodes' is never behind. */
let moment = Date.now();
let folder: string;
let here: TestNode;
let there: TestNode;
let peer: Peer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cadre-theft-"));
  const start = (cast: Cast) => startPeer(cast, {}, () => new Date(moment));
  [here, there] = await Promise.all([start(ceiba), start(yasmin)]);
  await here.federation!.harvester.stop();
  const { database, home } = there.ground;
  const many = Array.from({ length: 60 }, (_, at) => ({
    ...someone,
    id: randomUUID(),
    facts: { ...someone.facts, alias: { value: `Many ${at}`, audience: "PUBLIC" as const } },
  }));
  await database.transaction((tx) => savePractitioners(tx, home, many));
  peer = (await befriend(here, there))[0];
  await sync();
}, 60_000);
afterAll(async () => {
  await Promise.all([here, there].map((node) => node.close()));
  await rm(folder, { recursive: true });
});

const sync = async () => {
  moment += MINUTE;
  return (await here.federation!.peering.sync(peer.id))!;
};

type Found = {
  practitioners: {
    nodes: { alias: string; provenance: { network: { name: string } } }[];
    pageInfo: { endCursor: string; hasNextPage: boolean };
  };
};

/** Whom the reader's visitors find of the other network. */
async function found(after: string | null = null): Promise<ReadonlySet<string>> {
  const { data } = await here.ask<Found>(
    `query ($after: String) { practitioners(first: 50, after: $after) {
      nodes { alias provenance { network { name } } } pageInfo { endCursor hasNextPage } } }`,
    { after },
  );
  const { nodes, pageInfo } = data.practitioners;
  const theirs = nodes.filter(({ provenance }) => provenance.network.name === yasmin.network.name);
  const rest = pageInfo.hasNextPage ? await found(pageInfo.endCursor) : [];
  return new Set([...theirs.map(({ alias }) => alias), ...rest]);
}

async function identity(...args: readonly string[]): Promise<string> {
  let [said, complained] = ["", ""];
  const shell = {
    settings: {
      NODE_ENV: "production",
      DATABASE_URL: there.databaseUrl,
      KEY_FILE: keyFile,
      PUBLIC_URL: there.url,
    },
    say: (text: string) => void (said += text),
    complain: (text: string) => void (complained += text),
    fail: () => undefined,
  };
  await new Command().addCommand(identityCommands(shell)).parseAsync(["identity", ...args], { from: "user" });
  expect(complained).toBe("");
  return said;
}

const servedStatement = async () => await (await fetch(`${there.url}/.well-known/openid-federation`)).text();

/** The key that the other node's feed is signed by, as somebody has it who copied it. */
async function steal() {
  const { feedKeys } = await readStatement(await servedStatement());
  const { thumbprint, x } = feedKeys.findLast(({ revoked }) => revoked === null)!;
  const { database, home } = there.ground;
  const [row] = await database.write.query<{ sealed: string }[]>(
    "select sealed from base.signing_key where thumbprint = $1",
    [thumbprint],
  );
  const d = home.seals.key("signing").open(["base.signing_key", thumbprint, "sealed"], row!.sealed);
  return { key: await signingKey({ x, d }), statement: await servedStatement() };
}
type Stolen = Awaited<ReturnType<typeof steal>>;

/** What the thief signs: the feed without anybody who was in it but the organizations and resources, and with somebody of his own. */
async function forge({ key, statement }: Stolen, told: { epoch?: string; seq?: number } = {}) {
  const feed = readerOf(there.url);
  const [head, records] = [await feed.head(), [...(await feed.records()).values()]];
  const fake = randomUUID();
  const day = dayOf(new Date(moment));
  const signing = { node: head.iss, tier: "public", id: fake, day } as const;
  const jws = await signEntry(signing, personCalled(aliasOf(fake)), key);
  const kept = records.filter((one) => one.object.type !== "Person" && one["cadre:jws"] !== undefined);
  const deleted = records.filter((one) => one.object.type === "Person");
  const items = [
    ...kept,
    ...deleted.map(({ object, endTime }) => ({
      type: "Delete",
      object: { id: object.id, type: "Tombstone", formerType: "Person", deleted: endTime },
      endTime,
    })),
    {
      type: "Create",
      object: { id: `${feed.base}/records/${fake}`, type: "Person" },
      endTime: `${day}T00:00:00Z`,
      "cadre:jws": jws,
    },
  ];
  const standing = [
    ...kept.map((one) => ({ id: idOf(one), jws: one["cadre:jws"]! })),
    { id: fake, jws: jws! },
  ];
  const buckets = new Map<number, Member[]>();
  for (const { id, jws: text } of standing)
    buckets.set(bucketOf(id), [...(buckets.get(bucketOf(id)) ?? []), { id, digest: digestOf(text) }]);
  const iat = new Date(moment + 4 * MINUTE);
  const signed = await signHead(
    {
      node: head.iss,
      tier: "public",
      iat,
      exp: new Date(iat.getTime() + 3_600_000),
      epoch: told.epoch ?? head.epoch,
      seq: told.seq ?? 1_000_000_000,
      count: standing.length,
      set: setOf(withBuckets(emptyBuckets, buckets)),
      floor: 0,
      before: null,
    },
    key,
  );
  const file = join(folder, randomUUID());
  const bundle = writeBundle(file);
  await bundle.put({ "cadre:statement": statement });
  await bundle.put({ "cadre:tier": "public", "cadre:head": signed });
  for (const [at, item] of items.entries()) await bundle.put({ ...item, "cadre:seq": at + 1 });
  await bundle.end();
  await importBundle(here.ground, file);
  await seen(async () => (await found()).has(aliasOf(fake)), true);
  await seen(async () => (await found()).size, 1);
  return { alias: aliasOf(fake) };
}

const revoke = async ({ key }: Stolen) => {
  const yesterday = dayOf(new Date(moment - 24 * 60 * MINUTE));
  expect(
    await identity("revoke", key.thumbprint, "--since", yesterday, "--reason", "a laptop was taken"),
  ).toMatch(/begins anew/);
};

/** Everybody is back, and nobody whom only the thief has signed is there; nothing waits. */
async function recovers(everybody: ReadonlySet<string>, forged: { readonly alias: string }) {
  expect(await sync()).toMatchObject({ problem: null, taken: { public: { waiting: 0 } } });
  await seen(async () => (await found()).size, everybody.size);
  expect(await found()).toEqual(everybody);
  expect(await found()).not.toContain(forged.alias);
  expect(await here.federation!.peering.lookAt(peer.id)).toMatchObject({
    trust: "PUBLIC_ONLY",
    holds: { WAITING: 0, QUARANTINED: 0 },
  });
}

describe("whoever believed what a thief signed comes back to the node by itself once the key is taken back:", () => {
  test("after a head of a huge number, dated ahead, that removed everybody and brought somebody else", async () => {
    const everybody = await found();
    expect(everybody.size).toBeGreaterThan(60);
    const stolen = await steal();
    const forged = await forge(stolen);
    expect((await sync()).problem).toBe("REPLAYED");
    moment += 10 * MINUTE;
    await readerOf(there.url).head();
    moment += 7 * 60 * MINUTE;
    expect((await sync()).problem).toBe("ROLLED_BACK");
    await revoke(stolen);
    await recovers(everybody, forged);
  });

  test("after an epoch of the thief's own", async () => {
    const [everybody, stolen] = [await found(), await steal()];
    const forged = await forge(stolen, { epoch: randomUUID(), seq: 3 });
    await revoke(stolen);
    await recovers(everybody, forged);
  });

  test("after a head in the very epoch that began with the revocation, before the reader had heard of that", async () => {
    const [everybody, stolen] = [await found(), await steal()];
    await revoke(stolen);
    const { epoch } = await readerOf(there.url).head();
    const forged = await forge(stolen, { epoch });
    await recovers(everybody, forged);
  });

  test("when the key that follows was told of before, so that nothing unknown is met", async () => {
    const [everybody, stolen] = [await found(), await steal()];
    await identity("rotate");
    expect((await sync()).problem).toBeNull();
    const forged = await forge({ ...stolen, statement: await servedStatement() }, { epoch: randomUUID() });
    await revoke(stolen);
    await recovers(everybody, forged);
  });
});

test("a feed that its operator begins anew is read again as a whole", async () => {
  const stolen = await steal();
  const before = await readerOf(there.url).head();
  await forge(stolen);
  moment += 10 * MINUTE;
  expect(await identity("new-epoch")).toMatch(/begins anew/);
  expect((await sync()).problem).toBeNull();
  const { epoch, iat } = await readerOf(there.url).head();
  expect(epoch).not.toBe(before.epoch);
  expect(iat).toBeGreaterThan(before.iat);
  // Nobody took a key back: so many who are new wait for a steward.
  const { holds } = await here.federation!.peering.lookAt(peer.id);
  expect(holds.WAITING).toBeGreaterThan(50);
});

describe("when whoever has the root takes a key back", () => {
  let origins: Origins;
  let origin: Origin;
  let known: Peer;
  const ids = (howMany: number) => Array.from({ length: howMany }, () => randomUUID());
  const reads = async () => {
    moment += MINUTE;
    const { peering } = here.federation!;
    expect((await peering.sync(known.id))!.problem).toBeNull();
    return (await peering.lookAt(known.id)).holds;
  };
  const takesBack = () =>
    origin.rotate({ at: new Date(moment - 24 * 60 * MINUTE), reason: "a laptop was taken" });

  beforeAll(async () => {
    origins = await Origins.start(() => new Date(moment));
  });
  afterAll(() => origins.close());
  beforeEach(async () => {
    origin = await origins.add(6);
    const { peering } = here.federation!;
    known = await peering.add("operator", origin.url, null);
    await peering.setTrust("operator", known.id, "PUBLIC_ONLY", await peering.safetyNumberWith(known));
    await reads();
  });

  test("what waits goes on waiting whoever signs it then, and cannot be released until it is signed anew", async () => {
    const [honest, fakes] = [[...origin.items.keys()], ids(51)];
    await origin.list(...fakes);
    expect(await reads()).toMatchObject({ SHOWN: 6, WAITING: 51 });
    await takesBack();
    await origin.list(...honest, ...fakes);
    expect(await reads()).toMatchObject({ SHOWN: 6, QUARANTINED: 0, WAITING: 51 });
    await takesBack();
    expect(await reads()).toMatchObject({ SHOWN: 0, QUARANTINED: 6, WAITING: 51 });
    await here.federation!.peering.release("operator", known.id);
    expect(await reads()).toMatchObject({ SHOWN: 0, WAITING: 51 });
  });

  test("what waits makes no room for changing the others on the next day", async () => {
    const many = await origins.add(30);
    const { peering } = here.federation!;
    const met = await peering.add("operator", many.url, null);
    await peering.setTrust("operator", met.id, "PUBLIC_ONLY", await peering.safetyNumberWith(met));
    const holds = async () => {
      moment += MINUTE;
      expect((await peering.sync(met.id))!.problem).toBeNull();
      return (await peering.lookAt(met.id)).holds;
    };
    const honest = [...many.items.keys()];
    await holds();
    await many.list(...ids(300));
    expect(await holds()).toMatchObject({ SHOWN: 30, WAITING: 300 });
    moment += 24 * 60 * MINUTE;
    await many.put(new Map(honest.map((id) => [id, personCalled("Somebody else")])));
    expect(await holds()).toMatchObject({ SHOWN: 0, WAITING: 330 });
  });

  test("a key that has ended signs no head any more, although nobody took it back", async () => {
    const { feed: old } = origin;
    await origin.rotate();
    await reads();
    origin.feed = old;
    await origin.list(...ids(1));
    moment += MINUTE;
    expect((await here.federation!.peering.sync(known.id))!.problem).toBe("ENDED_KEY");
    expect((await here.federation!.peering.lookAt(known.id)).holds).toMatchObject({ SHOWN: 6 });
  });

  test("what is new or says something else than was shown counts for the day, with what came before", async () => {
    const honest = [...origin.items.keys()];
    await origin.list(...ids(30));
    expect(await reads()).toMatchObject({ SHOWN: 36, WAITING: 0 });
    await origin.withdraw(...honest);
    await reads();
    await takesBack();
    await origin.put(new Map(honest.map((id) => [id, personCalled("Somebody else")])));
    await origin.list(...ids(20));
    expect(await reads()).toMatchObject({ WAITING: 26 });
  });

  test("whom the thief changed, or changed and withdrew, come back as they were without a steward", async () => {
    const honest = [...origin.items.keys()];
    await origin.put(new Map(honest.map((id) => [id, personCalled("Somebody else")])));
    expect(await reads()).toMatchObject({ SHOWN: 6 });
    await origin.withdraw(...honest.slice(3));
    // What comes besides fills the day.
    await origin.list(...ids(51));
    expect(await reads()).toMatchObject({ SHOWN: 3, WAITING: 51 });
    await takesBack();
    await origin.list(...honest);
    expect(await reads()).toMatchObject({ SHOWN: 6, WAITING: 51 });
    for (const id of honest) expect(await heldAs(id)).toBe(aliasOf(id));
  });

  test("what it signed is taken back once, and not again with each statement that goes on telling of it", async () => {
    const honest = [...origin.items.keys()];
    await origin.withdraw(...honest);
    await reads();
    await takesBack();
    await origin.list(...ids(1));
    expect(await reads()).toMatchObject({ SHOWN: 1, WAITING: 0 });
    await origin.rotate();
    await origin.list(...honest, ...ids(51));
    expect(await reads()).toMatchObject({ SHOWN: 1, WAITING: 57 });
  });

  test.each([
    [29, "come back as they were", 6],
    [31, "are as new as anybody, for what was shown of them is forgotten", 0],
  ])("after %i days whom the thief withdrew %s", async (days, _, back) => {
    const honest = [...origin.items.keys()];
    const since = new Date(moment - 24 * 60 * MINUTE);
    await origin.withdraw(...honest);
    await reads();
    moment += days * 24 * 60 * MINUTE;
    await origin.list(...ids(1));
    await reads();
    const shown = "select cardinality(shown) as many from base.peer_record where peer = $1 and id = any ($2)";
    const rows = await here.ground.database.write.query<{ many: number }[]>(shown, [known.id, honest]);
    expect(rows.map(({ many }) => many > 0)).toEqual(honest.map(() => back > 0));
    await origin.rotate({ at: since, reason: "a laptop was taken" });
    await origin.list(...honest, ...ids(51));
    expect(await reads()).toMatchObject({ SHOWN: back, WAITING: 51 + 6 - back });
  });

  /** By what name the reader's visitors find somebody. */
  async function heldAs(id: string): Promise<string | undefined> {
    const { data } = await here.ask<{ practitioner: { alias: string } | null }>(
      "query ($id: ID!) { practitioner(id: $id) { alias } }",
      { id: localIdOf(origin.node, id) },
    );
    return data.practitioner?.alias;
  }
});
