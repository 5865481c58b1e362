import { ceiba } from "../seeds/cast.js";
import type { Practitioner, PractitionerFacts } from "../src/practitioners/practitioner.js";
import { savePractitioners } from "../src/practitioners/practitioner.store.js";
import { LISTED_AUDIENCES, type ListedAudience } from "../src/visibility/audience.js";
import { startTestNode, type TestNode } from "./node.js";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.close());

const quetzal = ceiba.practitioners[0] as Practitioner;

/** Saves a person and tells which audiences' listings were touched by it. */
async function save(person: Practitioner): Promise<readonly ListedAudience[]> {
  const before = await newest();
  await node.ground.database.transaction((tx) => savePractitioners(tx, node.ground.home, [person]));
  const { rows } = await node.ground.database.read.query<{ audience: ListedAudience }>(
    "select audience from seen.change where seq > $1 order by seq",
    [before],
  );
  return LISTED_AUDIENCES.filter((audience) => rows.some((row) => row.audience === audience));
}

async function newest(): Promise<string> {
  const { rows } = await node.ground.database.read.query<{ seq: string }>("select seq from seen.clock");
  return rows[0]?.seq ?? "0";
}

async function seenBy(audience: ListedAudience, id: string): Promise<Record<string, unknown> | null> {
  const { rows } = await node.ground.database.read.query<{ doc: string }>(
    "select doc from seen.listing where audience = $1 and id = $2",
    [audience, id],
  );
  return rows[0] === undefined ? null : (JSON.parse(rows[0].doc) as Record<string, unknown>);
}

function withFacts(facts: Partial<PractitionerFacts>): Practitioner {
  return { ...quetzal, facts: { ...quetzal.facts, ...facts } };
}

describe("an edit", () => {
  test("that changes nothing touches nothing", async () => {
    expect(await save(quetzal)).toEqual([]);
  });

  test("of what members see touches nothing of partners and of everyone", async () => {
    const touched = await save(withFacts({ communities: [{ value: "YOUTH", audience: "MEMBERS" }] }));
    expect(touched).toEqual(["MEMBERS"]);
  });

  test("of what only the person sees touches nothing at all", async () => {
    await save(quetzal);
    expect(await save(withFacts({ pronouns: { value: "ella", audience: "PRIVATE" } }))).toEqual([
      "PARTNERS",
      "MEMBERS",
    ]);
    expect(await save(withFacts({ pronouns: { value: "elle", audience: "PRIVATE" } }))).toEqual([]);
    await save(quetzal);
  });

  test("that narrows the entry takes it from those it no longer reaches", async () => {
    expect(await save({ ...quetzal, audience: "MEMBERS" })).toEqual(["PUBLIC", "PARTNERS"]);
    expect(await seenBy("PUBLIC", quetzal.id)).toBeNull();
    expect(await seenBy("MEMBERS", quetzal.id)).not.toBeNull();
    await save(quetzal);
  });

  test("that withdraws the entry leaves no listing anywhere", async () => {
    await save({ ...quetzal, state: "WITHDRAWN" });
    expect(await Promise.all(LISTED_AUDIENCES.map((audience) => seenBy(audience, quetzal.id)))).toEqual([
      null,
      null,
      null,
    ]);
    await save(quetzal);
  });
});

describe("a fact", () => {
  test("is never shown wider than its field's ceiling, whatever the row says", async () => {
    const contact = [
      { value: { kind: "EMAIL", value: "q@example.org", note: null }, audience: "PUBLIC" },
    ] as const;
    const refused = save(withFacts({ contact }));
    await expect(refused).rejects.toThrow(/fact_contact_stays/);
    const ladder = [
      { value: { kind: "EMAIL", value: "q@example.org", note: null }, audience: "PUBLIC" },
    ] as const;
    const hidden = { kind: "EMAIL", value: "real@example.org", note: null } as const;
    await save(withFacts({ contact: [{ value: hidden, audience: "PRIVATE", ladder }] }));
    expect(await seenBy("PUBLIC", quetzal.id)).toMatchObject({ contact: null });
    expect(await seenBy("PARTNERS", quetzal.id)).toMatchObject({ contact: null });
    await save(quetzal);
  });

  test("with a ladder shows each audience the finest value meant for it, and only that", async () => {
    const regions = [
      {
        value: { region: "GT-09", relation: "WORKS_IN" },
        audience: "MEMBERS",
        ladder: [
          { value: { region: "GT", relation: "WORKS_IN" }, audience: "PARTNERS" },
          { value: { region: "013", relation: "WORKS_IN" }, audience: "PUBLIC" },
        ],
      },
    ] as const;
    await save(withFacts({ regions }));
    const shown = await Promise.all(LISTED_AUDIENCES.map((audience) => seenBy(audience, quetzal.id)));
    expect(shown.map((listing) => listing?.["regions"])).toEqual([
      [{ region: "013", relation: "WORKS_IN" }],
      [{ region: "GT", relation: "WORKS_IN" }],
      [{ region: "GT-09", relation: "WORKS_IN" }],
    ]);
    await save(quetzal);
  });

  test("that climbs the ladder to a value already told is told once", async () => {
    const coarse = { value: { region: "GT", relation: "WORKS_IN" }, audience: "PUBLIC" } as const;
    const regions = ["GT-09", "GT-13"].map((region) => ({
      value: { region, relation: "WORKS_IN" as const },
      audience: "MEMBERS" as const,
      ladder: [coarse],
    }));
    await save(withFacts({ regions }));
    expect(await seenBy("PUBLIC", quetzal.id)).toMatchObject({ regions: [coarse.value] });
    await save(quetzal);
  });

  test("that meets another on the ladder is told once, and no deeper than either", async () => {
    const rung = (depth: "EXPERT" | "PRACTISED") => ({
      value: { specialty: "digital", depth },
      audience: "PUBLIC" as const,
    });
    const hidden = (specialty: string, depth: "EXPERT" | "PRACTISED") => ({
      value: { specialty, depth },
      audience: "MEMBERS" as const,
      ladder: [rung(depth)],
    });
    const specialties = [hidden("digital.malware", "EXPERT"), hidden("digital.encryption", "PRACTISED")];
    await save(withFacts({ specialties }));
    expect(await seenBy("PUBLIC", quetzal.id)).toMatchObject({
      specialties: [{ specialty: "digital", depth: "PRACTISED" }],
    });
    await save(quetzal);
  });

  test("without an alias for an audience there is nothing for that audience", async () => {
    await save(withFacts({ alias: { value: "Quetzal", audience: "PARTNERS" } }));
    expect(await seenBy("PUBLIC", quetzal.id)).toBeNull();
    expect(await seenBy("PARTNERS", quetzal.id)).toMatchObject({ alias: "Quetzal" });
    await save(quetzal);
  });
});
