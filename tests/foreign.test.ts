import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { ceiba } from "../seeds/cast.js";
import { deleteOrigin, logChanges, writeListings, type Touched } from "../src/listing/listing.store.js";
import { LISTED_AUDIENCES } from "../src/visibility/audience.js";
import { comesToStay, EVERYTHING } from "./entries.js";
import { startTestNode, type Ask, type Person, type TestNode } from "./node.js";
import { countStatements, readsListings } from "./statements.js";
import { organization, Peer, person, resource } from "./peer.js";
import { refusal } from "./people.js";

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const NOON = new Date("2026-11-21T12:00:00Z").getTime();
const DAY_IN_SECONDS = DAY / 1000;

/** What hides is promised within a second; what shows may take its time on a busy machine. */
const SHOWN = 5000;

let now = NOON;
let node: TestNode;
let member: Person;
let peer: Peer;
beforeEach(async () => {
  now = NOON;
  node = await startTestNode(ceiba, {}, () => new Date(now));
  member = await comesToStay(node, "STEWARD");
  peer = await new Peer(node).introduce();
});
afterEach(() => node.close());

const head = (hoursAgo = 0) => new Date(now - hoursAgo * HOUR);

describe("a peer's people", () => {
  test("are found beside ours, with where they come from, until when, and that it is signed", async () => {
    await peer.share([person(peer, "Mashua", { verified: "2026-10-01" })]);
    await peer.hear(head(1));
    await within(SHOWN, async () => (await everybody()).includes("Mashua"));
    for (const ask of [node.ask, member.ask]) {
      const found = await everybody(ask);
      expect(found).toContain("Quetzal");
      expect(found).toContain("Mashua");
      const { data } = await ask(
        `{ practitioners(search: "mashua") { totalCount nodes { alias
          provenance { network { id name url regions { code } isThisNode } verified expires signed } } } }`,
      );
      expect(data).toEqual({
        practitioners: {
          totalCount: 1,
          nodes: [
            {
              alias: "Mashua",
              provenance: {
                network: {
                  id: peer.id,
                  name: "Red Yaraví",
                  url: "https://yaravi.example.org",
                  regions: [{ code: "PE" }],
                  isThisNode: false,
                },
                verified: "2026-10-01",
                expires: "2026-11-28",
                signed: true,
              },
            },
          ],
        },
      });
    }
    const ours = await node.ask(
      '{ practitioners(search: "quetzal", first: 1) { nodes { provenance { expires signed } } } }',
    );
    expect(ours.data).toEqual({
      practitioners: { nodes: [{ provenance: { expires: null, signed: false } }] },
    });
  });

  test("expire on the day that comes first: that of the lease, or that of their own consent", async () => {
    const notAfter = new Date(NOON + 2 * DAY);
    await shared(
      person(peer, "Mashua", {}, { notAfter }),
      person(peer, "Oca", {}, { lease: DAY_IN_SECONDS }),
    );
    const { data } = await node.ask<Named>(
      `{ list: practitioners(where: { network: "${peer.id}" }, orderBy: ALIAS) { nodes { named: alias provenance { expires } } } }`,
    );
    expect(data.list.nodes).toEqual([
      { named: "Mashua", provenance: { expires: "2026-11-23" } },
      { named: "Oca", provenance: { expires: "2026-11-22" } },
    ]);
  });

  test("are found by the network they belong to, and not as ours", async () => {
    await shared(person(peer, "Mashua"));
    const by = (where: object) => names("practitioners", where);
    expect(await by({ network: peer.id })).toEqual(["Mashua"]);
    expect(await by({ network: node.ground.home.network })).not.toContain("Mashua");
    expect(await by({ not: { network: node.ground.home.network } })).toEqual(["Mashua"]);
  });

  test("are their network's, whatever their document says", async () => {
    const liar = { id: node.ground.home.network };
    await shared(person(liar, "Mashua"));
    const { data } = await node.ask(
      `{ practitioners(search: "mashua") { nodes { provenance { network { isThisNode } signed } } } }`,
    );
    expect(data).toEqual({
      practitioners: { nodes: [{ provenance: { network: { isThisNode: false }, signed: true } }] },
    });
    expect(await names("practitioners", { network: node.ground.home.network })).not.toContain("Mashua");
  });

  test("of a peer added while the node runs are known with the next question", async () => {
    const mashua = person(peer, "Mashua");
    await shared(mashua);
    // Another process does it, so that the node has heard of nothing when it is asked.
    const other = randomUUID();
    await elsewhere(
      `with made as (insert into seen.network (id, name) values ($2, 'Red Kallawaya')),
         stands as (update seen.standing set origin = $2 where origin = $1)
       update seen.listing set origin = $2 where origin = $1`,
      [peer.id, other],
    );
    const { data } = await node.ask(
      `query ($id: ID!) { practitioner(id: $id) { alias provenance { network { name } } } }`,
      { id: mashua.id },
    );
    expect(data).toEqual({
      practitioner: { alias: "Mashua", provenance: { network: { name: "Red Kallawaya" } } },
    });
  });

  test("of a peer added while the node runs are found within a second", async () => {
    const other = await new Peer(node, randomUUID(), "Red Kallawaya").introduce();
    await other.share([person(other, "Mashua")]);
    await other.hear(head());
    await within(SHOWN, async () => (await everybody()).includes("Mashua"));
  });
});

describe("when its lease ends", () => {
  test("a record is hidden, by nothing but time: in lists, counts, facets, advice, words, by id and by link", async () => {
    const guide = resource(peer, "Guía de audiencias");
    const part = resource(peer, "Anexo de audiencias", [guide.id]);
    const house = organization(peer, "Casa Tarwi");
    const mashua = person(peer, "Mashua", {
      about: "yaravinto",
      resources: [guide.id],
      organizations: [house.id],
    });
    // What links to it lasts longer than what it links to, and the other way.
    const oca = person(
      peer,
      "Oca",
      { resources: [guide.id], organizations: [house.id] },
      { lease: 30 * DAY_IN_SECONDS },
    );
    const before = await Promise.all([told(node.ask), told(member.ask)]);
    await shared(guide, part, house, mashua, oca);
    const ids = { mashua: mashua.id, house: house.id, guide: guide.id, oca: oca.id };
    for (const ask of [node.ask, member.ask]) {
      expect(await sees(ask, ids)).toEqual({
        mashua: "Mashua",
        house: "Casa Tarwi",
        guide: "Guía de audiencias",
        of: { resources: ["Guía de audiencias"], organizations: ["Casa Tarwi"] },
        words: 1,
        language: 2,
        parts: ["Anexo de audiencias"],
        teachers: ["Mashua", "Oca"],
      });
      expect(await told(ask)).not.toEqual(before[0]);
    }
    now = NOON + 7 * DAY - 1;
    expect(await everybody()).toContain("Mashua");
    now = NOON + 7 * DAY;
    for (const ask of [node.ask, member.ask]) {
      expect(await countsWhatItShows(ask)).toBe(true);
      expect(await sees(ask, ids)).toEqual({
        mashua: "NOT_FOUND",
        house: "NOT_FOUND",
        guide: "NOT_FOUND",
        of: { resources: [], organizations: [] },
        words: 0,
        language: 1,
        parts: null,
        teachers: null,
      });
    }
    now = NOON + 30 * DAY;
    expect(await Promise.all([told(node.ask), told(member.ask)])).toEqual(before);
  });

  test("a record is shown again as soon as a newer head arrives", async () => {
    await shared(person(peer, "Mashua"));
    now += 8 * DAY;
    expect(await everybody()).not.toContain("Mashua");
    await peer.hear(head());
    await within(SHOWN, async () => (await everybody()).includes("Mashua"));
  });

  test("those of the same peer with a longer lease stay", async () => {
    await shared(person(peer, "Mashua", {}, { lease: 2 * DAY_IN_SECONDS }), person(peer, "Oca"));
    now += 2 * DAY;
    expect(await names("practitioners", { network: peer.id })).toEqual(["Oca"]);
  });

  test("a cursor that stood on a hidden record goes on behind it", async () => {
    await shared(
      person(peer, "Aaa Mashua", {}, { lease: DAY_IN_SECONDS }),
      person(peer, "Aab Oca"),
      person(peer, "Aac Tarwi"),
    );
    const first = await page(1, null);
    expect(first.names).toEqual(["Aaa Mashua"]);
    now += DAY;
    expect((await page(2, first.end)).names).toEqual(["Aab Oca", "Aac Tarwi"]);
    expect((await page(2, null)).names).toEqual(["Aab Oca", "Aac Tarwi"]);
  });
});

test("a record is hidden when its own consent ends, though its lease holds, and no later head brings it back", async () => {
  await shared(person(peer, "Mashua", {}, { notAfter: new Date(NOON + DAY) }), person(peer, "Oca"));
  now = NOON + DAY - 1000;
  expect(await names("practitioners", { network: peer.id })).toEqual(["Mashua", "Oca"]);
  now = NOON + DAY;
  expect(await names("practitioners", { network: peer.id })).toEqual(["Oca"]);
  await peer.hear(head());
  await sleep(200);
  expect(await names("practitioners", { network: peer.id })).toEqual(["Oca"]);
});

describe("a peer that is no longer trusted", () => {
  test("is hidden within a second when another process says so without a word", async () => {
    const mashua = person(peer, "Mashua");
    await shared(mashua);
    await elsewhere("delete from seen.standing where origin = $1", [peer.id]);
    expect(await byId("practitioner", mashua.id)).toBe("NOT_FOUND");
    await within(1000, () => countsWhatItShows(node.ask));
    expect(await everybody()).not.toContain("Mashua");
  });

  test("is hidden at once when it is said aloud, from those alone it is said of", async () => {
    await shared(person(peer, "Mashua"));
    await peer.hear(head(), ["MEMBERS"]);
    await within(400, () => countsWhatItShows(node.ask));
    expect(await everybody()).not.toContain("Mashua");
    expect(await everybody(member.ask)).toContain("Mashua");
    expect(await countsWhatItShows(member.ask)).toBe(true);
  });

  test("leaves nothing behind when all of it is purged", async () => {
    await shared(person(peer, "Mashua"), resource(peer, "Guía"));
    expect(await countsWhatItShows(node.ask)).toBe(true);
    const purged = await node.ground.database.transaction((tx) => deleteOrigin(tx, peer.id));
    expect(purged).toBe(6);
    await within(1000, async () => !(await everybody()).includes("Mashua"));
    expect(await rows("select from seen.listing where origin = $1", [peer.id])).toHaveLength(0);
    const ours = node.ground.home.network;
    expect(await node.ground.database.transaction((tx) => deleteOrigin(tx, ours))).toBe(0);
    expect(await rows("select from seen.standing where origin = $1", [peer.id])).toHaveLength(0);
    expect(await rows("select from seen.change where origin = $1", [peer.id])).toHaveLength(12);
  });
});

describe("nothing is shown of a peer", () => {
  test("whose network nobody has heard of, until somebody has", async () => {
    const stranger = new Peer(node, randomUUID(), "Red Kallawaya");
    const mashua = person(stranger, "Mashua");
    await stranger.share([mashua]);
    await stranger.hear(head());
    await shared(person(peer, "Oca"));
    expect(await everybody()).toContain("Oca");
    expect(await everybody()).not.toContain("Mashua");
    expect(await byId("practitioner", mashua.id)).toBe("NOT_FOUND");
    await stranger.introduce();
    await within(SHOWN, async () => (await everybody()).includes("Mashua"));
    expect(await byId("practitioner", mashua.id)).toBe("Mashua");
  });

  test("that came without a lease, even while the peer stands", async () => {
    const { kind, id, listings } = person(peer, "Mashua");
    await peer.share([{ kind, id, listings, lease: null as unknown as number, notAfter: null }]);
    await shared(person(peer, "Oca"));
    await peer.hear(new Date(now + 4 * 60 * 1000));
    await sleep(200);
    expect(await names("practitioners", { network: peer.id })).toEqual(["Oca"]);
    expect(await countsWhatItShows(node.ask)).toBe(true);
    expect(await byId("practitioner", id)).toBe("NOT_FOUND");
  });

  test("to an audience its feed was not for", async () => {
    await peer.share([person(peer, "Mashua", {}, { audiences: ["MEMBERS"] })]);
    await peer.hear(head());
    await within(SHOWN, async () => (await everybody(member.ask)).includes("Mashua"));
    expect(await everybody()).not.toContain("Mashua");
  });
});

test("a change of lease alone is a change, and the same again is none", async () => {
  const id = randomUUID();
  const shares = (lease: number, notAfter?: Date) =>
    peer.share([person(peer, "Mashua", {}, { lease, ...(notAfter ? { notAfter } : {}) }, id)]);
  expect(await shares(100)).toBe(3);
  expect(await shares(100)).toBe(0);
  expect(await shares(200)).toBe(3);
  expect(await shares(200, new Date(NOON))).toBe(3);
  expect(await shares(200, new Date(NOON + 999))).toBe(0);
  expect(await shares(200)).toBe(3);
});

test("what was written in many pieces is told to the log as one, in the end", async () => {
  const pieces = ["Mashua", "Oca", "Tarwi"].map((alias) => [person(peer, alias)]);
  await node.ground.database.transaction(async (tx) => {
    const touched: Touched[] = [];
    for (const records of pieces) touched.push(...(await writeListings(tx, peer.id, records)));
    // Others write meanwhile.
    const saved = member.ask(`mutation { saveOrganization(input: { name: "Casa Nueva" }) { id } }`);
    expect(refusal(await saved)).toBeNull();
    expect(await logChanges(tx, peer.id, touched)).toBe(9);
  });
  await peer.hear(head());
  await settled();
  expect(await names("practitioners", { network: peer.id })).toEqual(["Mashua", "Oca", "Tarwi"]);
});

test("a record that its network calls another kind than before is that kind alone", async () => {
  const mashua = person(peer, "Mashua");
  await shared(mashua);
  const house = organization(peer, "Casa Tarwi");
  await shared({ ...house, id: mashua.id });
  await within(1000, async () => !(await everybody()).includes("Mashua"));
  expect(await names("organizations", { network: peer.id })).toEqual(["Casa Tarwi"]);
  expect(await byId("practitioner", mashua.id)).toBe("NOT_FOUND");
  expect(await byId("organization", mashua.id)).toBe("Casa Tarwi");
});

describe("what is a peer's is not ours to change", () => {
  test("our stewards can neither edit nor remove, accept nor suspend it, and nobody can vouch for it", async () => {
    const [guide, house, mashua] = [
      resource(peer, "Guía"),
      organization(peer, "Casa Tarwi"),
      person(peer, "Mashua"),
    ];
    await shared(guide, house, mashua);
    const kept = () =>
      rows("select doc, version from seen.listing where origin = $1 order by id, audience", [peer.id]);
    const before = await kept();
    const tries: readonly (readonly [mutation: string, id: string])[] = [
      ['saveResource(input: { id: "ID", title: [{ in: "es", text: "Nuestra" }] }) { id }', guide.id],
      ['removeResource(id: "ID")', guide.id],
      ['saveOrganization(input: { id: "ID", name: "Nuestra" }) { id }', house.id],
      ['removeOrganization(id: "ID")', house.id],
      ['acceptPractitioner(id: "ID") { id }', mashua.id],
      ['returnPractitioner(id: "ID", reason: "ours") { id }', mashua.id],
      ['suspendPractitioner(id: "ID", reason: "ours") { id }', mashua.id],
      ['liftPractitioner(id: "ID") { id }', mashua.id],
    ];
    for (const [mutation, id] of tries) {
      const answer = await member.ask(`mutation { ${mutation.replace("ID", id)} }`);
      expect([mutation, refusal(answer)]).toEqual([mutation, "NOT_FOUND"]);
    }
    const [own] = ceiba.practitioners;
    await node.ground.database.write.query("update base.practitioner set account = $1 where id = $2", [
      member.account,
      own?.id,
    ]);
    const vouched = await member.ask(`mutation { vouch(practitioner: "${mashua.id}") }`);
    expect(refusal(vouched)).toBe("NOT_FOUND");
    expect(await kept()).toEqual(before);
  });

  test("but ours may be a part of it, and say so for as long as it is shown", async () => {
    const guide = resource(peer, "Guía");
    await shared(guide);
    const saved = await member.ask<{ saveResource: { id: string } }>(
      `mutation ($input: ResourceInput!) { saveResource(input: $input) { id partOf { title } } }`,
      { input: { kind: "SESSION", title: [{ in: "es", text: "Nuestra sesión" }], partOf: [guide.id] } },
    );
    expect(saved.data).toMatchObject({ saveResource: { partOf: [{ title: "Guía" }] } });
    const asked = `query ($id: ID!) { resource(id: $id) { title partOf { title } } }`;
    const ours = () => node.ask(asked, { id: saved.data.saveResource.id });
    expect((await ours()).data).toEqual({
      resource: { title: "Nuestra sesión", partOf: [{ title: "Guía" }] },
    });
    now += 7 * DAY;
    expect((await ours()).data).toEqual({ resource: { title: "Nuestra sesión", partOf: [] } });
  });
});

describe("sources say how complete an answer is", () => {
  const sources = async (list: string, ask: Ask = node.ask) => {
    const { data } = await ask<{ list: { sources: { readonly fresh: number } } }>(
      `{ list: ${list} { sources { fresh stale hidden } } }`,
    );
    return data.list.sources;
  };
  const none = { fresh: 0, stale: 0, hidden: 0 };

  test("by how long ago each peer was heard from, however narrow the question", async () => {
    const lists = ["practitioners", 'practitioners(search: "nobody at all")', "organizations", "resources"];
    for (const list of lists) expect(await sources(list)).toEqual(none);
    const short = { lease: 2 * DAY_IN_SECONDS };
    await shared(person(peer, "Mashua", {}, short), person(peer, "Oca"), organization(peer, "Casa Tarwi"));
    await within(SHOWN, async () => (await everybody()).includes("Oca"));
    const told = () => Promise.all(lists.map((list) => sources(list)));
    const [fresh, stale, hidden] = [
      { ...none, fresh: 1 },
      { ...none, stale: 1 },
      { ...none, hidden: 1 },
    ];
    expect(await told()).toEqual([fresh, fresh, fresh, none]);
    now = NOON + DAY;
    expect(await told()).toEqual([stale, stale, fresh, none]);
    now = NOON + 4 * DAY;
    expect(await told()).toEqual([stale, stale, stale, none]);
    now = NOON + 7 * DAY;
    expect(await told()).toEqual([hidden, hidden, hidden, none]);
  });

  test("and nothing of a peer that is not trusted, nor to whom none of it is shared", async () => {
    await peer.share([person(peer, "Mashua", {}, { audiences: ["MEMBERS"] })]);
    await peer.hear(head(), ["MEMBERS"]);
    await within(SHOWN, async () => (await everybody(member.ask)).includes("Mashua"));
    expect(await sources("practitioners", member.ask)).toEqual({ ...none, fresh: 1 });
    expect(await sources("practitioners")).toEqual(none);
    await peer.hear(head(), LISTED_AUDIENCES);
    await sleep(300);
    expect(await sources("practitioners")).toEqual(none);
    await peer.hear(head(), []);
    await within(1000, async () => (await sources("practitioners", member.ask)).fresh === 0);
    expect(await sources("practitioners", member.ask)).toEqual(none);
    expect(await everybody(member.ask)).not.toContain("Mashua");
  });

  test("while a copy that is not shown costs as many statements as what never was, however often it is asked for", async () => {
    await shared(person(peer, "Mashua"));
    const { data } = await node.ask<{ of: { nodes: readonly { id: string; alias: string }[] } }>(
      "{ of: practitioners(first: 50) { nodes { id alias } } }",
    );
    const copy = data.of.nodes.find(({ alias }) => alias === "Mashua")?.id ?? "";
    await peer.hear(head(), []);
    await within(1000, async () => !(await everybody()).includes("Mashua"));
    const statements = (id: string) =>
      countStatements(readsListings, async () => {
        for (let times = 0; times < 3; times++)
          expect((await node.ask(`{ practitioner(id: "${id}") { id } }`)).errors).toHaveLength(1);
      });
    // What was known of it while it was shown is forgotten when it is asked for first.
    await statements(copy);
    await statements(randomUUID());
    const never = randomUUID();
    await statements(never);
    expect(await statements(copy)).toBe(await statements(never));
  });

  test("and nothing of those whose own consent has ended", async () => {
    await shared(person(peer, "Mashua", {}, { notAfter: new Date(NOON + DAY), lease: DAY_IN_SECONDS }));
    expect(await sources("practitioners")).toEqual({ ...none, fresh: 1 });
    now = NOON + DAY;
    expect(await sources("practitioners")).toEqual(none);
  });
});

/**
 * A node that has never held anything of a peer is the same node before. `sources` is left out: to say that something may be missing
 * is what it is for.
 */
describe("what is hidden changes no byte of any answer", () => {
  const theirs = { person: randomUUID(), resource: randomUUID() };
  const curriculum = ceiba.resources[0]?.id ?? "";
  const list = (args: string) =>
    `{ practitioners(${args}) { totalCount edges { cursor node { ${EVERYTHING} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      advice { relax would } facets { specialties { specialty { code } count } regions { region { code } count } languages { language { tag } count } } } }`;
  const operations = () => [
    list("first: 50"),
    list("first: 3"),
    list("first: 50, orderBy: ALIAS"),
    list("first: 50, orderBy: RECENTLY_VERIFIED"),
    list('search: "mashua"'),
    list('search: "yaravintu"'),
    list('search: "yarav"'),
    // A typo is forgiven where nobody is found without: of ours, only with one.
    list('search: "quetzak"'),
    list('search: "quechua"'),
    list('where: { language: { anyOf: ["qu"] } }'),
    list('where: { region: { anyOf: ["PE"] }, specialty: { anyOf: ["legal.detention"] } }'),
    list(`where: { network: "${peer.id}" }`),
    list(`where: { not: { network: "${node.ground.home.network}" } }`),
    list('where: { not: { language: { anyOf: ["es"] } } }, first: 50'),
    list("where: { unknown: [VERIFIED] }, first: 50"),
    list(`after: "AAAA"`),
    `{ practitioner(id: "${theirs.person}") { ${EVERYTHING} } }`,
    `{ resource(id: "${theirs.resource}") { id title } }`,
    `{ resource(id: "${curriculum}") { id title partOf { id } parts { id } practitioners { ${EVERYTHING} } } }`,
    `{ resources(first: 50) { totalCount nodes { id title parts { id } partOf { id } practitioners { id alias } provenance { network { id } expires } } } }`,
    `{ organizations(first: 50) { totalCount nodes { id name provenance { network { id } expires } } advice { relax would } } }`,
    "{ network { id name isThisNode } }",
  ];
  /** What a peer may share: words and codes that ours have and have not, links to ours, names that stand between ours. */
  const everything = (told: Parameters<typeof person>[3]) => [
    person(peer, "Mashua", { about: "yaravinto quetzak", resources: [curriculum] }, told, theirs.person),
    person(peer, "Aguaymanto", { language: "es-MX", region: "419", verified: "2026-11-01" }, told),
    person(peer, "Zapallo", { specialty: "digital.malware", region: "GT-16" }, told),
    { ...resource(peer, "Guía", [curriculum], told), id: theirs.resource },
    organization(peer, "Casa Tarwi", told),
  ];
  const answers = async () => {
    const all: string[] = [];
    for (const ask of [node.ask, member.ask]) {
      for (const query of operations()) {
        const { status, text } = await ask(query);
        all.push(`${status} ${text}`);
      }
    }
    return all;
  };

  test("because its lease has ended", async () => {
    const before = await answers();
    await shared(...everything({}));
    expect(await answers()).not.toEqual(before);
    now += 7 * DAY;
    expect(await answers()).toEqual(before);
  });

  test("because its consent has ended, it is not trusted, its network is unknown, or it was purged", async () => {
    const before = await answers();
    await peer.share(everything({ notAfter: new Date(now) }));
    await peer.hear(head());
    await settled();
    expect(await answers()).toEqual(before);
    await peer.hear(head(), []);
    await peer.share(everything({}));
    await settled();
    expect(await answers()).toEqual(before);
    await elsewhere("delete from seen.network where id = $1", [peer.id]);
    await peer.hear(head());
    await settled();
    expect(await answers()).toEqual(before);
    await peer.introduce();
    await within(SHOWN, async () => (await everybody()).includes("Mashua"));
    await node.ground.database.transaction((tx) => deleteOrigin(tx, peer.id));
    await settled();
    expect(await answers()).toEqual(before);
  });
});

// ── verbs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

type Named = {
  readonly list: { readonly totalCount: number; readonly nodes: readonly { readonly named: string }[] };
};

/** Takes records of the peer in, with a head of this moment, and waits until the node has taken them in. */
async function shared(...records: Parameters<Peer["share"]>[0]): Promise<void> {
  await peer.share(records);
  await peer.hear(head());
  await settled();
}

/** Until the node has followed the change log up to here. */
async function settled(): Promise<void> {
  const sign = `signpost${randomUUID().replaceAll("-", "")}`;
  const other = await new Peer(node, randomUUID(), "Signpost").introduce();
  const post = organization(other, sign);
  await other.share([post]);
  await other.hear(head());
  await within(SHOWN, async () => (await total(sign)) === 1);
  await node.ground.database.transaction((tx) => deleteOrigin(tx, other.id));
  await elsewhere("delete from seen.network where id = $1", [other.id]);
  await within(SHOWN, async () => (await total(sign)) === 0);
}

async function total(search: string): Promise<number> {
  const { data } = await node.ask<{ organizations: { totalCount: number } }>(
    "query ($search: String) { organizations(search: $search, first: 0) { totalCount } }",
    { search },
  );
  return data.organizations.totalCount;
}

async function names(list: string, where: object, ask: Ask = node.ask): Promise<readonly string[]> {
  const of =
    { practitioners: "PractitionerWhere", organizations: "OrganizationWhere" }[list] ?? "ResourceWhere";
  const field = { practitioners: "alias", organizations: "name" }[list] ?? "title";
  const { data } = await ask<Named>(
    `query ($where: ${of}) { list: ${list}(where: $where, first: 50) { nodes { named: ${field} } } }`,
    { where },
  );
  return data.list.nodes.map(({ named }) => named).sort();
}

function everybody(ask: Ask = node.ask): Promise<readonly string[]> {
  return names("practitioners", {}, ask);
}

async function countsWhatItShows(ask: Ask): Promise<boolean> {
  const { data } = await ask<Named>(
    "{ list: practitioners(first: 50) { totalCount nodes { named: alias } } }",
  );
  return data.list.totalCount === data.list.nodes.length;
}

async function page(first: number, after: string | null) {
  const { data } = await node.ask<Named & { list: { pageInfo: { endCursor: string | null } } }>(
    `query ($first: Int, $after: String) { list: practitioners(orderBy: ALIAS, first: $first, after: $after, where: {}) {
      nodes { named: alias } pageInfo { endCursor } } }`,
    { first, after },
  );
  return { names: data.list.nodes.map(({ named }) => named), end: data.list.pageInfo.endCursor };
}

/** What a record is called, or why there is none. */
async function byId(kind: "practitioner" | "organization" | "resource", id: string, ask: Ask = node.ask) {
  const field = { practitioner: "alias", organization: "name", resource: "title" }[kind];
  const answer = await ask<{ one: { named: string } | null }>(
    `query ($id: ID!) { one: ${kind}(id: $id) { named: ${field} } }`,
    { id },
  );
  return refusal(answer) ?? answer.data.one?.named;
}

/** Counts, facets and advice of a question that is answered by peers alone. */
async function told(ask: Ask) {
  const { data } = await ask(
    `{ practitioners(where: { region: { anyOf: ["PE"] }, language: { anyOf: ["qu"] }, specialty: { anyOf: ["legal.detention"] } }) { totalCount advice { relax would }
      facets { specialties { specialty { code } count } regions { region { code } count } languages { language { tag } count } } }
      all: practitioners { totalCount facets { specialties { specialty { code } count } regions { region { code } count } languages { language { tag } count } } }
      organizations { totalCount } resources { totalCount } }`,
  );
  return data;
}

type Ids = { readonly mashua: string; readonly house: string; readonly guide: string; readonly oca: string };

async function sees(ask: Ask, { mashua, house, guide, oca }: Ids) {
  type Titled = readonly { readonly title: string }[];
  const { data } = await ask<{
    of: { resources: Titled; organizations: readonly { readonly name: string }[] };
    words: { totalCount: number };
    language: { totalCount: number };
    resource: { parts: Titled; practitioners: readonly { readonly alias: string }[] } | null;
  }>(
    `query ($oca: ID!, $guide: ID!) { of: practitioner(id: $oca) { resources { title } organizations { name } }
      words: practitioners(search: "yaravinto") { totalCount }
      language: practitioners(where: { language: { anyOf: ["qu"] } }) { totalCount }
      resource(id: $guide) { parts { title } practitioners { alias } } }`,
    { oca, guide },
  );
  return {
    mashua: await byId("practitioner", mashua, ask),
    house: await byId("organization", house, ask),
    guide: await byId("resource", guide, ask),
    of: {
      resources: data.of.resources.map(({ title }) => title),
      organizations: data.of.organizations.map(({ name }) => name),
    },
    words: data.words.totalCount,
    language: data.language.totalCount,
    parts: data.resource?.parts.map(({ title }) => title) ?? null,
    teachers: data.resource?.practitioners.map(({ alias }) => alias).sort() ?? null,
  };
}

async function rows(sql: string, values: readonly unknown[]): Promise<readonly unknown[]> {
  return node.ground.database.write.query(sql, [...values]);
}

/** What another process does to the database, telling nobody. */
async function elsewhere(sql: string, values: readonly unknown[]): Promise<void> {
  const client = new Client(node.databaseUrl);
  await client.connect();
  await client.query(sql, [...values]).finally(() => client.end());
}

async function within(milliseconds: number, holds: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > milliseconds) throw new Error(`not within ${milliseconds} ms`);
    await sleep(10);
  }
}
