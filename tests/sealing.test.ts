import { randomBytes, randomUUID } from "node:crypto";
import { ceiba } from "../seeds/cast.js";
import type { ContactPoint } from "../src/listing/contact-point.js";
import type { Organization } from "../src/organizations/organization.js";
import { loadOrganizations, saveOrganizations } from "../src/organizations/organization.store.js";
import {
  practitionerPolicy,
  type Practitioner,
  type PractitionerFacts,
} from "../src/practitioners/practitioner.js";
import { loadPractitioners, savePractitioners } from "../src/practitioners/practitioner.store.js";
import type { Transaction } from "../src/storage/database.js";
import type { Audience } from "../src/visibility/audience.js";
import type { Fact } from "../src/visibility/project.js";
import { everythingIn, formsOf } from "./everything.js";
import { startTestNode, type TestNode } from "./node.js";

let node: TestNode;
beforeEach(async () => {
  node = await startTestNode(null);
});
afterEach(() => node.close());

const quetzal = ceiba.practitioners[0] as Practitioner;
const organization = ceiba.organizations[0] as Organization;
const fields = Object.keys(practitionerPolicy) as (keyof PractitionerFacts)[];

describe("a stolen database", () => {
  test("tells no private fact of any field, nor a coarser value that is private too", async () => {
    const canaries = new Canaries();
    const fact = (field: string): Fact<unknown> => ({
      value: canaries.plant(field),
      audience: "PRIVATE",
      ladder: [{ value: canaries.plant(`${field}, coarser`), audience: "PRIVATE" }],
    });
    const person = someone("LISTED", "PUBLIC", (field) => fact(field));
    await save(person);
    expect(await foundIn(canaries)).toEqual([]);
    expect(await load(person.id)).toEqual(person);
  });

  test("tells nothing of an entry that is its practitioner's alone, whatever audience its facts have", async () => {
    const canaries = new Canaries();
    const person = someone("DRAFT", "PRIVATE", (field) => ({
      value: canaries.plant(field),
      audience: field === "contact" ? "MEMBERS" : "PUBLIC",
      ladder: [{ value: canaries.plant(`${field}, coarser`), audience: "PUBLIC" }],
    }));
    await save(person);
    expect(await foundIn(canaries)).toEqual([]);
    expect(await load(person.id)).toEqual(person);
  });

  test("tells no contact point, although members are shown it", async () => {
    const canaries = new Canaries();
    const point = contactOf(canaries, "shown");
    const person = withContacts([
      { value: point, audience: "MEMBERS" },
      {
        value: contactOf(canaries, "hidden"),
        audience: "PRIVATE",
        ladder: [{ value: contactOf(canaries, "coarser"), audience: "MEMBERS" }],
      },
    ]);
    await save(person);
    expect(await foundIn(canaries)).toEqual([]);
    expect(await contactsSeen(person.id)).toEqual([point]);
  });

  test.each(["PUBLIC", "MEMBERS", "PRIVATE"] as const)(
    "tells no contact point of an organization, whoever may see it: %s",
    async (audience) => {
      const canaries = new Canaries();
      const contact = [contactOf(canaries, "desk")];
      const { database, home } = node.ground;
      const desk = { ...organization, audience, facts: { ...organization.facts, contact } };
      await database.transaction((tx) => saveOrganizations(tx, home, [desk]));
      expect(await foundIn(canaries)).toEqual([]);
      const [kept] = await database.transaction((tx) => loadOrganizations(tx, home, [desk.id]));
      expect(kept).toEqual(desk);
      const member = await node.signedIn("PRACTITIONER");
      const { data } = await member.ask<{ organization: Contacts["practitioner"] | null }>(
        "query ($id: ID!) { organization(id: $id) { contact { kind value note } } }",
        { id: desk.id },
      );
      expect(data.organization).toEqual(audience === "PRIVATE" ? null : { contact });
    },
  );

  test("tells what is public, so that the search above would have found what it looked for", async () => {
    const canaries = new Canaries();
    const about = { und: canaries.plant("about") };
    await save({ ...quetzal, facts: { ...quetzal.facts, about: { value: about, audience: "PUBLIC" } } });
    const encoded = Buffer.from(`xy${canaries.plant("encoded")}z`).toString("base64url");
    await own(
      `create table base.odd as select '${encoded}' as text, decode('${hexOf(canaries.plant("bytes"))}', 'hex')`,
    );
    expect(await foundIn(canaries)).toEqual(["about", "bytes", "encoded"]);
  });

  test("does not tell by its length whether a private answer is yes or no", async () => {
    const answered = async (value: boolean): Promise<number> => {
      await save({ ...quetzal, facts: { ...quetzal.facts, referable: { value, audience: "PRIVATE" } } });
      const [row] = await own("select length(value::text) from base.fact where field = 'referable'");
      return Number(row?.["length"]);
    };
    expect(await answered(true)).toBe(await answered(false));
  });

  test("holds nothing that opens once a person was erased: what an older copy had of them stays shut", async () => {
    const canaries = new Canaries();
    const person = someone("LISTED", "PUBLIC", (field) => ({
      value: canaries.plant(field),
      audience: "PRIVATE",
    }));
    await save(person);
    await own("create table base.copy as select * from base.fact");
    await own(`delete from base.practitioner where id = '${person.id}'`);
    expect(await own("select from base.person_key")).toEqual([]);
    await own(
      `insert into base.practitioner (id, state, audience) values ('${person.id}', 'LISTED', 'PUBLIC')`,
    );
    await own("insert into base.fact select * from base.copy");
    await expect(load(person.id)).rejects.toThrow("unable to authenticate data");
    expect(await foundIn(canaries)).toEqual([]);
  });
});

describe("a sealed value", () => {
  test("is the same text as long as it is the same value: saving what did not change changes nothing", async () => {
    const person = withContacts([{ value: contactOf(new Canaries(), "one"), audience: "MEMBERS" }]);
    await save(person);
    const before = await everythingIn(node.databaseUrl);
    await save(person);
    expect(await everythingIn(node.databaseUrl)).toBe(before);
  });

  test.each([
    ["another field", "update base.fact set field = 'pronouns' where field = 'alias'"],
    ["another position", `update base.fact set "position" = 7 where field = 'regions' and "position" = 0`],
    [
      "another step of its ladder",
      "update base.fact set ladder = jsonb_build_array(ladder -> 1, ladder -> 0) where field = 'alias'",
    ],
    [
      "a place of its own ladder",
      "update base.fact set value = ladder -> 0 -> 'value' where field = 'alias'",
    ],
    [
      "another person",
      "update base.fact set practitioner = person.id from base.practitioner person where person.id <> practitioner",
    ],
  ])("opens in no other place: %s", async (_where, sql) => {
    const person = someone("LISTED", "PUBLIC", (field) => ({
      value: field,
      audience: "PRIVATE",
      ladder: [
        { value: `${field} 1`, audience: "PRIVATE" },
        { value: `${field} 2`, audience: "PRIVATE" },
      ],
    }));
    await save({ ...person, facts: { ...person.facts, pronouns: null } });
    const other = randomUUID();
    await own(`insert into base.practitioner (id, state, audience) values ('${other}', 'DRAFT', 'PRIVATE')`);
    await load(person.id);
    await own(sql);
    await expect(load(sql.includes("person.id") ? other : person.id)).rejects.toThrow(
      "unable to authenticate data",
    );
  });

  test("of a listing opens in that listing alone: nobody's contact points are shown as somebody else's", async () => {
    const canaries = new Canaries();
    const [one, other] = ["one", "other"].map((name) =>
      withContacts([{ value: contactOf(canaries, name), audience: "MEMBERS" }], randomUUID()),
    ) as [Practitioner, Practitioner];
    await save(one);
    await save(other);
    expect(await contactsSeen(one.id)).toHaveLength(1);
    await own(`
      update seen.listing set doc = jsonb_set(listing.doc::jsonb, '{contact}', source.doc::jsonb -> 'contact')::text
      from seen.listing source
      where listing.audience = 'MEMBERS' and listing.id = '${one.id}'
        and source.audience = 'MEMBERS' and source.id = '${other.id}'`);
    const { text } = await askContacts(one.id);
    expect(text).not.toContain(canaries.of("other"));
    expect(JSON.parse(text)).toMatchObject({ errors: [{ path: ["practitioner", "contact"] }] });
  });

  test("is opened by whoever made a key for the same person at the same moment: the first one's key is everybody's", async () => {
    const { database, home } = node.ground;
    const id = randomUUID();
    await own(`insert into base.practitioner (id, state, audience) values ('${id}', 'DRAFT', 'PRIVATE')`);
    const keyOf = async (tx: Transaction) => (await home.seals.personKeys(tx, [id])).get(id)?.id;
    let first: Promise<string | undefined> | undefined;
    const commit = await new Promise<() => void>((made) => {
      first = database.transaction(async (tx) => {
        const key = await keyOf(tx);
        await new Promise<void>((resolve) => made(resolve));
        return key;
      });
    });
    const second = database.transaction(keyOf);
    await until(async () => (await own("select from pg_locks where not granted")).length > 0);
    commit();
    expect(await first).toMatch(/^[0-9a-f]{16}$/);
    expect(await second).toBe(await first);
  });
});

// ── verbs of these tests ────────────────────────────────────────────────────────────────────────────────────────────

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((wake) => setTimeout(wake, 10));
}

/** Random texts, each by what it stands for. */
class Canaries {
  readonly #planted = new Map<string, string>();

  plant(name: string): string {
    const canary = randomBytes(12).toString("hex");
    this.#planted.set(name, canary);
    return canary;
  }

  of(name: string): string {
    return this.#planted.get(name) ?? "";
  }

  /** The names of those that lie somewhere in the text without being hidden. */
  foundIn(text: string): readonly string[] {
    const found = [...this.#planted].filter(([, canary]) =>
      formsOf(canary).some((form) => text.includes(form)),
    );
    return found.map(([name]) => name).sort();
  }
}

async function foundIn(canaries: Canaries): Promise<readonly string[]> {
  return canaries.foundIn(await everythingIn(node.databaseUrl));
}

/** A person with this in every field, one for each of a list. Vouches are counted and not said. */
function someone(
  state: Practitioner["state"],
  audience: Audience,
  fact: (field: keyof PractitionerFacts) => Fact<unknown>,
): Practitioner {
  const held = fields.map((field) => {
    if (field === "vouches") return [field, null];
    return [field, Array.isArray(quetzal.facts[field]) ? [fact(field)] : fact(field)];
  });
  // What a field holds is of no matter to how it is sealed.
  const facts = Object.fromEntries(held) as PractitionerFacts;
  return { id: randomUUID(), state, audience, verified: null, facts };
}

function contactOf(canaries: Canaries, name: string): ContactPoint {
  return { kind: "SIGNAL", value: canaries.plant(name), note: canaries.plant(`${name}, note`) };
}

function withContacts(contact: PractitionerFacts["contact"], id: string = quetzal.id): Practitioner {
  return { ...quetzal, id, facts: { ...quetzal.facts, contact } };
}

function save(person: Practitioner): Promise<number> {
  const { database, home } = node.ground;
  return database.transaction((tx) => savePractitioners(tx, home, [person]));
}

async function load(id: string): Promise<Practitioner | undefined> {
  const { database, home } = node.ground;
  const [person] = await database.transaction((tx) => loadPractitioners(tx, home, [id]));
  return person;
}

async function askContacts(id: string): Promise<{ readonly text: string; readonly data: Contacts }> {
  const member = await node.signedIn("PRACTITIONER");
  return member.ask<Contacts>("query ($id: ID!) { practitioner(id: $id) { contact { kind value note } } }", {
    id,
  });
}

type Contacts = { readonly practitioner: { readonly contact: readonly ContactPoint[] } };

async function contactsSeen(id: string): Promise<readonly ContactPoint[]> {
  const { data } = await askContacts(id);
  return data.practitioner.contact;
}

function own(sql: string): Promise<Record<string, unknown>[]> {
  return node.ground.database.write.query<Record<string, unknown>[]>(sql);
}

function hexOf(text: string): string {
  return Buffer.from(text).toString("hex");
}
