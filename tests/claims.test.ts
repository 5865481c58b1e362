import { randomUUID } from "node:crypto";
import { ceiba, yasmin, type Cast } from "../seeds/cast.js";
import { claimsOf } from "../src/federation/jws.js";
import { localIdOf, networkIdOf } from "../src/federation/node-id.js";
import type { Peer } from "../src/federation/peer.js";
import { EVERYTHING, currentVersion, does, listed, save, show } from "./entries.js";
import { seen } from "./eventually.js";
import type { Ask, Person, TestNode } from "./node.js";
import { Origins, aliasOf, type Origin } from "../src/conformance/origins.js";
import { befriend, readerOf, startPeer } from "./peers.js";

const HOUR = 3_600_000;

/** Two networks that are partners, and two more that everybody reads but that only sign. One clock for all. */
let moment = Date.now();
let here: TestNode;
let there: TestNode;
let origins: Origins;
let near: Origin;
let far: Origin;
/** The other as each knows it. */
let theirs: Peer;
let ours: Peer;
let agreedTo: string;
/** Somebody at each, whom everybody sees. */
let one: Owner;
let other: Owner;

beforeAll(async () => {
  const clock = () => new Date(moment);
  const start = (cast: Cast) => startPeer(cast, {}, clock);
  [here, there] = await Promise.all([start(ceiba), start(yasmin)]);
  for (const node of [here, there]) {
    await node.federation!.harvester.stop();
    await node.federation!.pings.stop();
  }
  [theirs, ours] = await befriend(here, there, "PARTNER");
  origins = await Origins.start(clock);
  [near, far] = [await origins.add(), await origins.add()];
  for (const origin of [near, far]) await trust(origin);
  agreedTo = await currentVersion(here);
  [one, other] = [await someone(here), await someone(there)];
}, 60_000);
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await origins.close();
});

async function trust(origin: Origin): Promise<void> {
  const peering = here.federation!.peering;
  const { id } = await peering.add("operator", origin.url, null);
  const number = await peering.safetyNumberWith((await peering.all()).find((one) => one.id === id)!);
  await peering.setTrust("operator", id, "PUBLIC_ONLY", number);
}

/** What each has to say by now is read by the other. */
async function sync(): Promise<void> {
  moment += 60_000;
  await readAt(here, theirs);
  await readAt(there, ours);
}

async function readAt(node: TestNode, { id }: Pick<Peer, "id">): Promise<void> {
  expect(await node.federation!.peering.sync(id)).toMatchObject({ problem: null });
}

async function tell(origin: Origin, id: string, sameAs: unknown): Promise<void> {
  await origin.putClaims(id, { sameAs });
  moment += 1000;
  await readAt(here, { id: networkIdOf(origin.node) });
}

type Owner = Person & { readonly id: string; readonly name: string; readonly node: string };

let people = 0;

/** Somebody whom everybody sees, and the name of their entry everywhere. */
async function someone(at: TestNode): Promise<Owner> {
  people += 1;
  const owner = await listed(
    at,
    { alias: `Colibrí ${people}`, languages: [{ language: "es", level: "FLUENT" }] },
    [
      ["ENTRY", "PUBLIC"],
      ["LANGUAGES", "PUBLIC"],
    ],
  );
  const { data } = await owner.ask<{ profile: { nameEverywhere: string } }>("{ profile { nameEverywhere } }");
  const name = data.profile.nameEverywhere;
  return { ...owner, name, node: name.split("/")[0]! };
}

/** One says to this audience that the other's entry is theirs too. */
async function claim(owner: Owner, names: readonly string[], to = "PUBLIC"): Promise<void> {
  const saved = await save(owner, { sameAs: names });
  expect(saved.errors).toBeUndefined();
  expect((await show(owner, "SAME_AS", to, { agreedTo })).errors).toBeUndefined();
}

/** The entry of somebody at one node as another knows it. */
const at = (owner: Owner) => localIdOf(owner.node, owner.id);

/** The ids of those who are the same person to whoever asks. */
async function sameAs(ask: Ask, id: string): Promise<string> {
  const { data, text } = await ask<{ practitioner: { sameAs: readonly Same[] } | null }>(
    "query ($id: ID!) { practitioner(id: $id) { sameAs { id } } }",
    { id },
  );
  if (data.practitioner === null) return text.includes("NOT_FOUND") ? "nobody" : text;
  return data.practitioner.sameAs.map((same) => same.id).join(" ");
}
type Same = { readonly id: string; readonly alias: string };

/** Everything that can be asked of somebody, by whoever could be asking. */
async function everything(node: TestNode, id: string): Promise<string> {
  const askers = [node.ask, (await node.signedIn("PRACTITIONER")).ask, (await node.signedIn("STEWARD")).ask];
  const answers = askers.map(async (ask) => {
    const one = `practitioner(id: $id) { ${EVERYTHING} sameAs { id } }`;
    const all =
      "practitioners(first: 50) { totalCount nodes { id sameAs { id } } facets { languages { count } } }";
    return (await ask(`query ($id: ID!) { ${one} ${all} }`, { id })).text;
  });
  return (await Promise.all(answers)).join("\n");
}

test("two entries that each say it of the other are shown beside each other at both networks, and a search finds each", async () => {
  await claim(one, [other.name]);
  await claim(other, [one.name]);
  await sync();
  await seen(() => sameAs(here.ask, one.id), at(other));
  await seen(() => sameAs(there.ask, other.id), at(one));
  expect(await sameAs(here.ask, at(other))).toBe(one.id);
  const asked = `{ practitioners(search: "colibri") {
    nodes { id alias provenance { signed network { name } } sameAs { alias provenance { signed network { name } } } } } }`;
  type Found = { practitioners: { nodes: readonly (Same & { sameAs: readonly object[] })[] } };
  const { data } = await here.ask<Found>(asked);
  const found = new Map(
    data.practitioners.nodes.map(({ id, sameAs: same, ...entry }) => [id, { entry, same }]),
  );
  expect(found.get(one.id)?.same).toEqual([found.get(at(other))?.entry]);
  expect(found.get(at(other))?.same).toEqual([found.get(one.id)?.entry]);
  expect(found.get(at(other))?.entry).toMatchObject({
    provenance: { signed: true, network: { name: yasmin.network.name } },
  });
});

test("what one side alone says changes no answer that anybody gets, at either network", async () => {
  for (const owner of [one, other]) await save(owner, { sameAs: [] });
  const hidden = await listed(here, { alias: "Nobody sees" }, [["ENTRY", "MEMBERS"]]);
  await sync();
  const member = await here.signedIn("PRACTITIONER");
  await seen(
    async () =>
      (await member.ask('{ practitioners(search: "Nobody sees") { totalCount } }')).text.includes(":1"),
    true,
  );
  const answers = async () => [
    await everything(here, one.id),
    await everything(here, at(other)),
    await everything(there, at(one)),
    await everything(there, other.id),
  ];
  const before = await answers();
  expect(before.join()).toContain('"sameAs":[]');
  expect(before.join()).not.toContain('"sameAs":[{');
  // Of one who is there, of nobody, and of one who may not be seen.
  await claim(other, [one.name, `${one.node}/${randomUUID()}`, `${one.node}/${hidden.id}`]);
  await sync();
  expect(await answers()).toEqual(before);
});

test("a link is seen by those to whom both say it, and leaves only in the feeds that are for them", async () => {
  const told = async (to: string) => {
    await claim(one, [other.name], to);
    await sync();
    const record = (await readerOf(here.url).records()).get(one.id);
    return {
      inPublicFeed: (claimsOf(record?.["cadre:jws"] ?? "") as { sameAs?: unknown }).sameAs ?? null,
      anybody: await sameAs(there.ask, other.id),
      member: await sameAs((await there.signedIn("PRACTITIONER")).ask, other.id),
    };
  };
  await claim(other, [one.name]);
  await sync();
  const nobody = { inPublicFeed: null, anybody: "", member: "" };
  expect(await told("PRIVATE")).toEqual(nobody);
  expect(await told("MEMBERS")).toEqual(nobody);
  expect(await told("PARTNERS")).toEqual({ ...nobody, member: at(one) });
  expect(await told("PUBLIC")).toEqual({
    inPublicFeed: [{ node: other.node, id: other.id }],
    anybody: at(one),
    member: at(one),
  });
  expect(await told("MEMBERS")).toEqual(nobody);
});

test("whoever takes it back is alone at their own network at once, and at the other with its next reading", async () => {
  const [one, other] = [await someone(here), await someone(there)];
  await claim(one, [other.name]);
  await claim(other, [one.name]);
  await sync();
  await seen(() => sameAs(here.ask, one.id), at(other));
  await seen(() => sameAs(there.ask, other.id), at(one));
  expect((await show(one, "SAME_AS", "PRIVATE")).errors).toBeUndefined();
  expect(await sameAs(here.ask, one.id)).toBe("");
  expect(await sameAs(here.ask, at(other))).toBe("");
  await sync();
  expect(await sameAs(there.ask, other.id)).toBe("");
  expect(await sameAs(there.ask, at(one))).toBe("");

  await claim(one, [other.name]);
  await sync();
  await seen(() => sameAs(there.ask, other.id), at(one));
  await does(one, "withdrawProfile");
  expect(await sameAs(here.ask, at(other))).toBe("");
  await sync();
  expect(await sameAs(there.ask, at(one))).toBe("nobody");
  expect(await sameAs(there.ask, other.id)).toBe("");
});

test("a link ends with the lease of either entry, and when a steward hides one", async () => {
  await claim(one, [other.name]);
  await claim(other, [one.name]);
  await sync();
  await seen(() => sameAs(here.ask, one.id), at(other));
  const steward = await here.signedIn("STEWARD");
  const hidden = await steward.ask("mutation ($id: ID!) { hideRecord(id: $id) { id } }", { id: at(other) });
  expect(hidden.errors).toBeUndefined();
  expect(await sameAs(here.ask, one.id)).toBe("");
  await here.federation?.peering.setHidden("operator", at(other), false);
  await seen(() => sameAs(here.ask, one.id), at(other));
  moment += 8 * 24 * HOUR;
  expect(await sameAs(here.ask, one.id)).toBe("");
  await sync();
  await seen(() => sameAs(here.ask, one.id), at(other));
});

test("nobody attaches themselves to somebody who has not said so, whatever they sign", async () => {
  await claim(one, [other.name]);
  await claim(other, [one.name]);
  await sync();
  await seen(() => sameAs(here.ask, one.id), at(other));
  const intruder = randomUUID();
  const local = localIdOf(near.node, intruder);
  const names = (owner: Owner) => ({ node: owner.node, id: owner.id });
  const signed: readonly unknown[] = [
    [names(one), names(other)],
    // By the ids they have here, as if they were ours, the intruder's own, or each other's.
    [
      { node: one.node, id: at(other) },
      { node: near.node, id: one.id },
      { node: other.node, id: one.id },
    ],
    [
      { node: near.node, id: intruder },
      { node: one.node, id: local },
    ],
    // With the other side's word in one's own mouth.
    [{ ...names(one), sameAs: [{ node: near.node, id: intruder }] }],
    Array.from({ length: 50 }, () => names(one)),
    "everybody",
    [null, names(one)],
    { node: one.node, id: one.id },
  ];
  for (const said of signed) {
    await tell(near, intruder, said);
    expect(await sameAs(here.ask, local)).toBe("");
    expect(await sameAs(here.ask, one.id)).toBe(at(other));
    expect(await sameAs(here.ask, at(other))).toBe(one.id);
  }
  // The word of one that stands is no word of another of the same peer.
  const accomplice = randomUUID();
  await tell(near, accomplice, [{ node: near.node, id: intruder }, names(one)]);
  await tell(near, intruder, [{ node: near.node, id: accomplice }, names(one)]);
  expect(await sameAs(here.ask, local)).toBe("");
  expect(await sameAs(here.ask, one.id)).toBe(at(other));
});

test("two peers' entries that say it of each other are shown so; a third cannot speak for them", async () => {
  const [one, other, third] = [randomUUID(), randomUUID(), randomUUID()];
  await tell(near, one, [{ node: far.node, id: other.toUpperCase() }]);
  await tell(far, other, []);
  await seen(() => sameAs(here.ask, localIdOf(far.node, other)), "");
  // What another network's record says is told by that network alone.
  await tell(near, third, [
    { node: near.node, id: one },
    { node: far.node, id: other },
  ]);
  expect(await sameAs(here.ask, localIdOf(near.node, one))).toBe("");
  await tell(far, other, [{ node: near.node, id: one }]);
  await seen(() => sameAs(here.ask, localIdOf(far.node, other)), localIdOf(near.node, one));
  expect(await sameAs(here.ask, localIdOf(near.node, one))).toBe(localIdOf(far.node, other));
  expect(await sameAs(here.ask, localIdOf(near.node, third))).toBe("");
  const { data } = await here.ask<{ practitioner: Same }>(
    "query ($id: ID!) { practitioner(id: $id) { alias } }",
    {
      id: localIdOf(far.node, other),
    },
  );
  expect(data.practitioner.alias).toBe(aliasOf(other));
});

test("it is the owner's alone to say: theirs until they agree to show it, by a name that tells nothing of whether it leads anywhere", async () => {
  const [one, other] = [await someone(here), await someone(there)];
  const unknown = `${other.node}/${randomUUID()}`;
  const saved = await save(one, {
    sameAs: [other.name, unknown.toUpperCase().replace(/^.*\//, `${other.node}/`)],
  });
  const shown = saved.data.saveProfile.visibility.filter(({ field }) => field === "SAME_AS");
  expect(shown).toEqual(
    [other.name, unknown].map((item) => ({
      field: "SAME_AS",
      item,
      audience: "PRIVATE",
      ceiling: "PUBLIC",
      coarser: [],
    })),
  );
  const refused = await show(one, "SAME_AS", "PUBLIC", { item: other.name });
  expect(refused.errors?.[0]?.message).toContain("This would show SAME_AS to PUBLIC");
  expect((await show(one, "SAME_AS", "PUBLIC", { item: other.name, agreedTo })).errors).toBeUndefined();
  const code = async (sameAs: readonly string[]) =>
    (await save(one, { sameAs })).errors?.[0]?.extensions?.["code"];
  expect(await code(["Colibrí"])).toBe("BAD_USER_INPUT");
  expect(await code([other.name, other.name])).toBe("BAD_USER_INPUT");
  expect(await code(Array.from({ length: 6 }, () => `${other.node}/${randomUUID()}`))).toBe("BAD_USER_INPUT");
  // A steward who looks after the entry is not told its name everywhere, nor what is the owner's alone.
  const steward = await here.signedIn("STEWARD");
  const looked = await steward.ask(
    `mutation ($id: ID!) { suspendPractitioner(id: $id, reason: "A question") { nameEverywhere visibility { item } } }`,
    { id: one.id },
  );
  expect(looked.text).toContain('"nameEverywhere":null');
  expect(looked.text).not.toContain(unknown);
});

test("two entries of one network are never the same person's", async () => {
  const [one, other] = [await someone(here), await someone(here)];
  await claim(one, [other.name, one.name]);
  await claim(other, [one.name]);
  expect(await sameAs(here.ask, one.id)).toBe("");
});

describe("an entry that moved to another network", () => {
  let old: Owner;
  let next: Owner;

  beforeEach(async () => {
    [old, next] = [await someone(here), await someone(there)];
    await sync();
  });

  const arrives = async (at: Owner, from: string, to = "PUBLIC") => {
    expect((await save(at, { movedFrom: from })).errors).toBeUndefined();
    expect((await show(at, "MOVED_FROM", to, { agreedTo })).errors).toBeUndefined();
  };
  const leaves = async (to: string, told = "PUBLIC") => {
    const answer = await old.ask(
      "mutation ($to: String!, $told: Audience!) { moveProfile(to: $to, told: $told) { state } }",
      { to, told },
    );
    expect(answer.errors).toBeUndefined();
  };
  /** Who is found by this id; what is answered when nobody is. */
  const found = async (ask: Ask, id: string) => {
    const { data, text } = await ask<{ practitioner: Same | null }>(
      "query ($id: ID!) { practitioner(id: $id) { id provenance { network { name } } } }",
      { id },
    );
    return data.practitioner?.id ?? text.replaceAll(id, "");
  };
  const nobodyIs = async (ask: Ask) => found(ask, randomUUID());

  test("is found by its old id where both networks say so, as the new one that it is", async () => {
    await arrives(next, old.name);
    await sync();
    expect(await found(here.ask, old.id)).toBe(old.id);
    await leaves(next.name);
    expect(await found(here.ask, old.id)).toBe(at(next));
    expect(await found(there.ask, at(old))).toBe(at(old));
    await sync();
    expect(await found(there.ask, at(old))).toBe(next.id);
    const activity = (await readerOf(here.url).records()).get(old.id);
    expect(activity).toMatchObject({ type: "Move", object: { type: "Tombstone" } });
    expect(claimsOf(activity?.["cadre:move"] ?? "")).toMatchObject({
      iss: old.node,
      sub: old.id,
      audience: "public",
      to: { node: next.node, id: next.id },
    });
    // Whoever comes back is found as themselves, and when they leave again without a word nobody is led anywhere.
    await does(old, "submitProfile", { agreedTo });
    expect(await found(here.ask, old.id)).toBe(await nobodyIs(here.ask));
    expect((await readerOf(here.url).records()).get(old.id)).toMatchObject({ type: "Delete" });
  });

  test("leads nowhere by the word of one side, like one that never was", async () => {
    await leaves(next.name);
    await sync();
    for (const [node, id] of [
      [here, old.id],
      [there, at(old)],
    ] as const)
      expect(await found(node.ask, id)).toBe(await nobodyIs(node.ask));
    // That another's entry says it came from there attaches it to nobody.
    const intruder = await someone(there);
    await arrives(intruder, old.name);
    await tell(near, randomUUID(), []);
    await sync();
    expect(await found(there.ask, at(old))).toBe(await nobodyIs(there.ask));
    await arrives(next, old.name);
    await sync();
    expect(await found(there.ask, at(old))).toBe(next.id);
    expect(await found(here.ask, old.id)).toBe(at(next));
    await does(next, "withdrawProfile");
    await sync();
    expect(await found(here.ask, old.id)).toBe(await nobodyIs(here.ask));

    const other = await someone(here);
    const claimed = await someone(there);
    await arrives(claimed, other.name);
    await does(other, "withdrawProfile");
    await sync();
    expect(await found(here.ask, other.id)).toBe(await nobodyIs(here.ask));
    expect(await found(there.ask, at(other))).toBe(await nobodyIs(there.ask));
  });

  test("is followed by those who are told by both, and by nobody else", async () => {
    await arrives(next, old.name, "PUBLIC");
    await leaves(next.name, "PARTNERS");
    await sync();
    const member = await there.signedIn("PRACTITIONER");
    expect(await found(member.ask, at(old))).toBe(next.id);
    expect(await found(there.ask, at(old))).toBe(await nobodyIs(there.ask));
    expect((await readerOf(here.url).records()).get(old.id)).toMatchObject({ type: "Delete" });
    expect((await show(next, "MOVED_FROM", "PRIVATE")).errors).toBeUndefined();
    expect(await found(member.ask, at(old))).toBe(await nobodyIs(member.ask));
  });

  test("is told of only by its owner, of an entry that is listed, and not at all once it is erased", async () => {
    const moves = (by: Person, to = next.name) =>
      by.ask("mutation ($to: String!) { moveProfile(to: $to, told: PUBLIC) { state } }", { to });
    const codeOf = async (by: Person, to?: string) => (await moves(by, to)).errors?.[0]?.extensions?.["code"];
    expect(await codeOf(await here.signedIn("SEEKER"))).toBe("FORBIDDEN");
    expect(await codeOf(await here.signedIn("STEWARD"))).toBe("NOT_FOUND");
    expect(await codeOf(old, "elsewhere")).toBe("BAD_USER_INPUT");
    expect(await codeOf(old)).toBeUndefined();
    expect(await codeOf(old)).toBe("CONFLICT");
    const rows = async () =>
      (await here.ground.database.read.query("select id from seen.moved where id = $1", [old.id])).rows
        .length;
    expect(await rows()).toBe(3);
    expect((await old.ask("mutation { eraseProfile }")).errors).toBeUndefined();
    expect(await rows()).toBe(0);
  });

  test("is told of until that is taken back, at peers too, and for 120 days at most", async () => {
    const [other, gone] = [await someone(here), await someone(there)];
    await arrives(next, old.name);
    await arrives(gone, other.name);
    await leaves(next.name);
    await sync();
    expect(await found(there.ask, at(old))).toBe(next.id);
    expect((await old.ask("mutation { eraseProfile }")).errors).toBeUndefined();
    await sync();
    expect((await readerOf(here.url).records()).get(old.id)).toMatchObject({ type: "Delete" });
    expect(await rowsAt(there, at(old))).toBe(0);

    old = other;
    await sync();
    await leaves(gone.name);
    await sync();
    expect([await rowsAt(here, old.id), await rowsAt(there, at(old))]).toEqual([3, 3]);
    for (const node of [here, there]) {
      await node.ground.database.write.query("update seen.moved set day = day - 120");
      await node.upkeep();
    }
    expect([await rowsAt(here, old.id), await rowsAt(there, at(old))]).toEqual([3, 3]);
    for (const node of [here, there]) {
      await node.ground.database.write.query("update seen.moved set day = day - 1");
      await node.upkeep();
    }
    expect([await rowsAt(here, old.id), await rowsAt(there, at(old))]).toEqual([0, 0]);
  });

  // The last of all: whoever is retired stays so.
  test("is not found by its old id any more where the network that it left has ended", async () => {
    await arrives(next, old.name);
    await leaves(next.name);
    await sync();
    expect([await found(there.ask, at(old)), await rowsAt(there, at(old))]).toEqual([next.id, 3]);
    await there.federation!.peering.setTrust("operator", ours.id, "RETIRED", null);
    expect([await found(there.ask, at(old)), await rowsAt(there, at(old))]).toEqual([
      await nobodyIs(there.ask),
      0,
    ]);
    expect(await found(there.ask, next.id)).toBe(next.id);
  });

  const rowsAt = async (node: TestNode, id: string) =>
    (await node.ground.database.read.query("select from seen.moved where id = $1", [id])).rows.length;
});
