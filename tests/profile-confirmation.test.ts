import { ceiba } from "../seeds/cast.js";
import { dayOf } from "../src/clock.js";
import { monthsAfter } from "../src/clock.js";
import { savePractitioners } from "../src/practitioners/practitioner.store.js";
import type { Practitioner } from "../src/practitioners/practitioner.js";
import {
  audiencesOf,
  auditOf,
  currentVersion,
  does,
  listed,
  seen,
  show,
  type ProfileAnswer,
} from "./entries.js";
import { startTestNode, type Person, type TestNode } from "./node.js";

let node: TestNode;
let now = new Date("2027-01-31T12:00:00Z");
beforeAll(async () => {
  node = await startTestNode(ceiba, {}, () => now);
});
afterAll(() => node.close());

/** Lets it be this day, and the hourly work be done on it. */
async function on(day: string): Promise<void> {
  now = new Date(`${day}T12:00:00Z`);
  await node.upkeep();
}

async function standing(person: Person): Promise<unknown> {
  const { data } = await person.ask<{ profile: ProfileAnswer }>(
    "{ profile { confirmBy confirmationDue visibility { field item audience ceiling coarser { item } } } }",
  );
  const { confirmBy, confirmationDue, visibility } = data.profile;
  return [confirmBy, confirmationDue, visibility[0]?.audience];
}

test("a period ends on the same day of the month, or on the last of a shorter one", () => {
  expect(monthsAfter("2027-01-31", 6)).toBe("2027-07-31");
  expect(monthsAfter("2027-08-31", 6)).toBe("2028-02-29");
  expect(monthsAfter("2026-12-31", 2)).toBe("2027-02-28");
  expect(monthsAfter("2027-03-15", 24)).toBe("2029-03-15");
});

test("an entry that is not confirmed narrows one step each period, with notice before, and nothing widens it but its owner", async () => {
  const person = await listed(node, { alias: "Gorrión", cost: "PAID" }, [
    ["ENTRY", "PUBLIC"],
    ["COST", "PUBLIC"],
  ]);
  expect(await standing(person)).toEqual(["2027-07-31", false, "PUBLIC"]);
  await on("2027-06-30");
  expect(await standing(person)).toEqual(["2027-07-31", false, "PUBLIC"]);
  await on("2027-07-01");
  expect(await standing(person)).toEqual(["2027-07-31", true, "PUBLIC"]);
  await on("2027-07-31");
  expect(await audiencesOf(node, person.id)).toEqual(["MEMBERS", "PARTNERS", "PUBLIC"]);
  await on("2027-08-01");
  expect(await standing(person)).toEqual(["2028-01-31", false, "PARTNERS"]);
  expect(await audiencesOf(node, person.id)).toEqual(["MEMBERS", "PARTNERS"]);
  expect(await seen(node.ask, person.id)).toBe("null");
  await node.upkeep();
  expect((await auditOf(node, person.id)).filter((deed) => deed.includes("LAPSED"))).toEqual([
    "node LAPSED ENTRY",
  ]);

  const { data } = await does(person, "confirmProfile");
  expect(data["confirmProfile"]).toMatchObject({ confirmBy: "2028-02-01", state: "LISTED" });
  expect(await standing(person)).toEqual(["2028-02-01", false, "PARTNERS"]);
  expect(JSON.parse(await seen(person.ask, person.id))).toMatchObject({
    provenance: { verified: "2027-08-01" },
  });
  const wider = await show(person, "ENTRY", "PUBLIC", { agreedTo: await currentVersion(node) });
  expect(wider.errors).toBeUndefined();
  expect(await audiencesOf(node, person.id)).toHaveLength(3);
});

test("a node that slept through several periods narrows by as many steps, and stops at the person alone", async () => {
  now = new Date("2028-01-01T12:00:00Z");
  const one = await listed(node, { alias: "Cardenal" }, [["ENTRY", "PUBLIC"]]);
  const other = await listed(node, { alias: "Mirlo" }, [["ENTRY", "PUBLIC"]]);
  await on("2029-01-02");
  expect(await standing(one)).toEqual(["2029-07-01", false, "MEMBERS"]);
  await does(other, "confirmProfile");
  await on("2031-01-01");
  expect(await audiencesOf(node, one.id)).toEqual([]);
  expect(((await standing(one)) as string[])[2]).toBe("PRIVATE");
  const deeds = await auditOf(node, one.id);
  await on("2032-01-01");
  expect(await auditOf(node, one.id)).toEqual(deeds);
});

test("two processes that do it at once do it once", async () => {
  now = new Date("2033-01-01T12:00:00Z");
  const people = await Promise.all(
    ["Loro", "Tucán", "Pato"].map((alias) => listed(node, { alias }, [["ENTRY", "PUBLIC"]])),
  );
  now = new Date("2033-07-02T12:00:00Z");
  await Promise.all([node.upkeep(), node.upkeep(), node.upkeep()]);
  await node.upkeep();
  for (const { id } of people) {
    expect(await audiencesOf(node, id)).toEqual(["MEMBERS", "PARTNERS"]);
    expect((await auditOf(node, id)).filter((deed) => deed.includes("LAPSED"))).toHaveLength(1);
  }
});

test("what is not listed does not lapse", async () => {
  now = new Date("2034-01-01T12:00:00Z");
  const person = await listed(node, { alias: "Ganso" }, [["ENTRY", "PUBLIC"]]);
  await does(person, "withdrawProfile");
  await on("2035-01-01");
  expect(await standing(person)).toEqual([null, false, "PUBLIC"]);
});

test("an entry that was imported counts from when it was confirmed, and narrows no sooner than after the time for notice", async () => {
  now = new Date("2036-01-01T12:00:00Z");
  const [quetzal] = ceiba.practitioners as readonly [Practitioner];
  const imported = [
    { ...quetzal, id: "6f5f0a51-0000-4000-8000-0000000000a1", verified: "2035-12-01" },
    { ...quetzal, id: "6f5f0a51-0000-4000-8000-0000000000a2", verified: "2030-01-01" },
    { ...quetzal, id: "6f5f0a51-0000-4000-8000-0000000000a3", verified: null },
  ];
  await node.ground.database.transaction((tx) => savePractitioners(tx, node.ground.home, imported));
  await node.upkeep();
  const rows = await node.ground.database.transaction((tx) =>
    tx.query<{ by: string }[]>(
      "select confirm_by::text as by from base.practitioner where id = any ($1) order by id",
      [imported.map(({ id }) => id)],
    ),
  );
  expect(rows.map(({ by }) => by)).toEqual(["2036-06-01", "2036-01-31", "2036-07-01"]);
});

test("the demo network starts with all of its time, whatever days its people confirmed on", async () => {
  const demo = await startTestNode(ceiba, {}, () => new Date("2040-01-01T00:00:00Z"));
  const public_ =
    "select count(*)::int as count from seen.listing where audience = 'PUBLIC' and kind = 'practitioner'";
  await demo.upkeep();
  const { rows } = await demo.ground.database.read.query<{ count: number }>(public_);
  const wide = ceiba.practitioners.filter(({ audience }) => audience === "PUBLIC");
  expect(rows[0]?.count).toBe(wide.length);
  expect(dayOf(demo.ground.home.clock())).toBe("2040-01-01");
  await demo.close();
});

test("only a listed entry is confirmed", async () => {
  const person = await listed(node, { alias: "Faisán" });
  await does(person, "withdrawProfile");
  const { errors } = await does(person, "confirmProfile");
  expect(errors?.[0]?.extensions?.["code"]).toBe("CONFLICT");
});
