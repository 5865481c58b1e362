import { baobab, ceiba, yasmin, type Cast } from "../seeds/cast.js";
import { harvest } from "../src/federation/harvest.js";
import type { Peer } from "../src/federation/peer.js";
import { savePractitioners } from "../src/practitioners/practitioner.store.js";
import type { Practitioner } from "../src/practitioners/practitioner.js";
import { saveOrganizations } from "../src/organizations/organization.store.js";
import { saveResources } from "../src/resources/resource.store.js";
import { seen } from "./eventually.js";
import type { Ask, TestNode } from "./node.js";
import { befriend, changePerson, startPeer } from "./peers.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Networks with a node of their own each, and one clock for all. */
let moment = 0;
let here: TestNode;
let there: TestNode;

const start = (cast: Cast) => startPeer(cast, {}, () => new Date(moment));

beforeEach(async () => {
  moment = Date.parse("2026-11-20T10:00:00Z");
  [here, there] = await Promise.all([start(ceiba), start(yasmin)]);
  // A ping would have it read in between.
  await here.federation!.harvester.stop();
});
afterEach(async () => {
  await Promise.all([here.close(), there.close()]);
});

const peering = (node: TestNode) => node.federation!.peering;

const sync = (node: TestNode, peer: Peer) => peering(node).sync(peer.id);

type People = {
  practitioners: {
    totalCount: number;
    nodes: readonly {
      id: string;
      alias: string;
      provenance: { signed: boolean; expires: string | null; network: { name: string } };
    }[];
    sources: { fresh: number; stale: number; hidden: number };
  };
};

async function people(ask: Ask, where = "") {
  const { data } = await ask<People>(
    `{ practitioners(first: 50${where}) { totalCount sources { fresh stale hidden }
      nodes { id alias provenance { signed expires network { name } } } } }`,
  );
  return data.practitioners;
}

const aliases = async (ask: Ask) => (await people(ask)).nodes.map(({ alias }) => alias);

const openly = (cast: Cast) =>
  cast.practitioners.filter(({ audience, state }) => audience === "PUBLIC" && state === "LISTED");
const open = <T>(record: T) => ({ ...record, audience: "PUBLIC" as const });
const someone = openly(yasmin)[0]!;
const alias = someone.facts.alias!.value;
const withdraw = (person: Practitioner): Practitioner => ({ ...person, state: "WITHDRAWN" });

describe("networks that share", () => {
  test("a search on one finds people of all three, with their origin, a signature and an end", async () => {
    const third = await start(baobab);
    for (const other of [there, third]) await sync(here, (await befriend(here, other))[0]);
    await third.close();
    await seen(
      async () => (await people(here.ask)).totalCount,
      openly(ceiba).length + openly(yasmin).length + openly(baobab).length,
    );
    const { nodes: found, sources } = await people(here.ask);
    expect(new Set(found.map(({ provenance }) => provenance.network.name))).toEqual(
      new Set([ceiba, yasmin, baobab].map(({ network }) => network.name)),
    );
    const foreign = found.find((one) => one.alias === alias);
    expect(foreign?.provenance).toEqual({
      signed: true,
      expires: "2026-11-27",
      network: { name: yasmin.network.name },
    });
    expect(sources).toEqual({ fresh: 2, stale: 0, hidden: 0 });
  });

  test("nobody is seen before two stewards have compared the number of their nodes", async () => {
    const { text } = await peering(there).invite("operator", "public");
    const peer = await peering(here).add("operator", there.url, text);
    expect(peer.trust).toBe("PROBATION");
    expect(await sync(here, peer)).toMatchObject({ problem: null });
    expect(await aliases((await here.signedIn("STEWARD")).ask)).not.toContain(alias);
    for (const number of [null, "12345 12345 12345 12345 12345 12345"])
      await expect(peering(here).setTrust("operator", peer.id, "PUBLIC_ONLY", number)).rejects.toThrow(
        /safety number/,
      );
    const [seenThere] = await peering(there).all();
    const number = await peering(there).safetyNumberWith(seenThere!);
    await peering(here).setTrust("operator", peer.id, "PUBLIC_ONLY", number);
    await seen(async () => (await aliases(here.ask)).includes(alias), true);
  });

  test("an invitation is good once, for whoever sends it back signed, until it ends", async () => {
    const third = await start(baobab);
    const { text } = await peering(here).invite("operator", "public");
    await peering(there).add("operator", here.url, text);
    await expect(peering(third).add("operator", here.url, text)).rejects.toThrow(
      /does not take the invitation/,
    );
    const late = await peering(here).invite("operator", "public");
    moment += 15 * DAY;
    await expect(peering(third).add("operator", here.url, late.text)).rejects.toThrow(/has ended/);
    await expect(peering(third).add("operator", here.url, "no.invitation.atall")).rejects.toThrow(
      /no invitation/,
    );
    await third.close();
  });

  test("a city hidden from peers disappears from the peers that had it", async () => {
    const place = (audience: "PUBLIC" | "MEMBERS") => (person: Practitioner) => ({
      ...person,
      facts: {
        ...person.facts,
        regions: [{ value: { region: "LB-BA" as string, relation: "WORKS_IN" as const }, audience }],
      },
    });
    await changePerson(there, someone.id, place("PUBLIC"));
    const [peer] = await befriend(here, there);
    await sync(here, peer);
    const inCity = async () =>
      (await people(here.ask, ', where: { region: { anyOf: ["LB-BA"] } }')).totalCount;
    await seen(inCity, 1);
    await changePerson(there, someone.id, place("MEMBERS"));
    moment += 1000;
    await sync(here, peer);
    await seen(inCity, 0);
    expect(await aliases(here.ask)).toContain(alias);
  });

  test("somebody who withdraws at one is gone from the other with the next reading", async () => {
    const [peer] = await befriend(here, there);
    await sync(here, peer);
    await seen(async () => (await aliases(here.ask)).includes(alias), true);
    await changePerson(there, someone.id, withdraw);
    expect((await sync(here, peer))?.taken.public).toEqual({
      taken: 0,
      withdrawn: 1,
      waiting: 0,
      quarantined: 0,
    });
    await seen(async () => (await aliases(here.ask)).includes(alias), false);
  });

  test("a record that was lost here is brought back by its bucket, and reading goes on from there", async () => {
    const lost = { ...someone, id: crypto.randomUUID() };
    const { database, home } = there.ground;
    await database.transaction((tx) => savePractitioners(tx, home, [lost]));
    const [peer] = await befriend(here, there);
    await sync(here, peer);
    await here.ground.database.write.query("delete from base.peer_record where id = $1", [lost.id]);
    const { parts } = peering(here);
    const asked: string[] = [];
    const outbound: typeof parts.outbound = {
      ...parts.outbound,
      get: (url, question) => {
        asked.push(url.split("/public/")[1]?.replace(/\W.*/, "") ?? "");
        return parts.outbound.get(url, question);
      },
    };
    const reads = async (pronouns: string) => {
      await changePerson(there, someone.id, (person) => ({
        ...person,
        facts: { ...person.facts, pronouns: { value: pronouns, audience: "PUBLIC" } },
      }));
      moment += 1000;
      asked.splice(0);
      expect((await harvest({ ...parts, outbound }, peer.id))?.problem).toBeNull();
      return [...asked];
    };
    expect((await reads("elle")).slice(0, 3)).toEqual(["head", "changes", "buckets"]);
    expect(asked.filter((path) => path === "changes").length).toBe(1);
    expect(await reads("ella")).toEqual(["head", "changes"]);
  });

  test("while a peer is silent its people are shown until their lease ends, and then no more", async () => {
    const [peer] = await befriend(here, there);
    await sync(here, peer);
    await seen(async () => (await people(here.ask)).sources.fresh, 1);
    await there.close();
    expect((await sync(here, peer))?.problem).toBe("UNREACHABLE");
    moment += 6 * DAY;
    expect(await aliases(here.ask)).toContain(alias);
    expect((await people(here.ask)).sources).toEqual({ fresh: 0, stale: 1, hidden: 0 });
    moment += 2 * DAY;
    expect(await aliases(here.ask)).not.toContain(alias);
    there = await start(yasmin);
  });

  test("members see what partners see where a peer shares it; nobody else does", async () => {
    const hidden = yasmin.practitioners.find(
      ({ audience, facts }) => audience === "PARTNERS" && facts.alias !== null,
    )!;
    const name = hidden.facts.alias!.value;
    const [peer] = await befriend(here, there, "PARTNER");
    expect(Object.keys((await sync(here, peer))!.taken)).toEqual(["public", "partners"]);
    const member = await here.signedIn("PRACTITIONER");
    await seen(async () => (await aliases(member.ask)).includes(name), true);
    expect(await aliases(here.ask)).not.toContain(name);
    const [back] = await peering(there).all();
    await peering(there).setTrust("operator", back!.id, "PUBLIC_ONLY", null);
    moment += 1000;
    await sync(here, peer);
    await seen(async () => (await aliases(member.ask)).includes(name), false);
    expect(await aliases(member.ask)).toContain(alias);
  });

  test("whoever is paused is hidden at once, and shown again; whoever is blocked leaves nothing behind", async () => {
    const [peer] = await befriend(here, there);
    await sync(here, peer);
    await seen(async () => (await aliases(here.ask)).includes(alias), true);
    await peering(here).setTrust("operator", peer.id, "PAUSED", null);
    await seen(async () => (await aliases(here.ask)).includes(alias), false);
    expect(await sync(here, peer)).toBeNull();
    const number = await peering(here).safetyNumberWith(peer);
    await peering(here).setTrust("operator", peer.id, "PUBLIC_ONLY", number);
    await seen(async () => (await aliases(here.ask)).includes(alias), true);
    await peering(here).setTrust("operator", peer.id, "BLOCKED", null);
    await seen(async () => (await aliases(here.ask)).includes(alias), false);
    const left = await here.ground.database.write.query(
      "select (select count(*) from base.peer_record) + (select count(*) from seen.listing where origin = $1) as rows",
      [peer.id],
    );
    expect(left).toEqual([{ rows: "0" }]);
    const { text } = await peering(here).invite("operator", "public");
    await expect(peering(there).add("operator", here.url, text)).rejects.toThrow(/known already/);
  });

  test("more new people in a day than a network has wait for a steward, and so do organizations and resources, each kind by itself; withdrawals do not", async () => {
    const [peer] = await befriend(here, there);
    await sync(here, peer);
    const { database, home } = there.ground;
    const many = <T extends { readonly id: string }>(one: T, length = 51) =>
      Array.from({ length }, () => ({ ...one, id: crypto.randomUUID() }));
    const [organization, resource] = [open(ceiba.organizations[0]!), open(ceiba.resources[0]!)];
    await database.transaction((tx) => savePractitioners(tx, home, many(someone)));
    await database.transaction((tx) => saveResources(tx, home, many(resource, 50)));
    await changePerson(there, someone.id, withdraw);
    const taken = (await sync(here, peer))?.taken.public;
    expect(taken).toEqual({ taken: 50, withdrawn: 1, waiting: 51, quarantined: 0 });
    await seen(async () => (await aliases(here.ask)).includes(alias), false);
    await database.transaction((tx) => saveOrganizations(tx, home, many(organization)));
    await database.transaction((tx) => saveResources(tx, home, many(resource, 1)));
    moment += 1000;
    expect((await sync(here, peer))?.taken.public).toMatchObject({ taken: 0, waiting: 52 });
  });
});
