import { audiencesOf, auditOf, comesToStay, does, listed, save, show } from "./entries.js";
import { startTestNode, type Answer, type Person, type TestNode } from "./node.js";

let node: TestNode;
let now = new Date("2027-03-01T12:00:00Z");
beforeAll(async () => {
  node = await startTestNode(null, {}, () => now);
});
afterAll(() => node.close());

type Listed = Person & { readonly id: string };

function vouch(
  person: Person,
  practitioner: string,
  note: string | null = null,
): Promise<Answer<{ vouch: boolean }>> {
  return person.ask("mutation ($id: ID!, $note: String) { vouch(practitioner: $id, note: $note) }", {
    id: practitioner,
    note,
  });
}

async function takeBack(person: Person, practitioner: string): Promise<Answer<unknown>> {
  return person.ask("mutation ($id: ID!) { withdrawVouch(practitioner: $id) }", { id: practitioner });
}

async function given(person: Person): Promise<readonly unknown[]> {
  const { data } = await person.ask<{ vouchesGiven: readonly unknown[] }>(
    "{ vouchesGiven { practitioner { id } note given expires } }",
  );
  return data.vouchesGiven;
}

/** The band that a member sees, and the day of the newest. */
async function band(id: string): Promise<unknown> {
  const member = await node.signedIn("PRACTITIONER");
  const { data } = await member.ask<{ practitioner: { vouches: { band: string; latest: string } | null } }>(
    "query ($id: ID!) { practitioner(id: $id) { vouches { band latest } } }",
    { id },
  );
  return data.practitioner.vouches === null
    ? null
    : [data.practitioner.vouches.band, data.practitioner.vouches.latest];
}

function code({ errors }: Answer<unknown>): unknown {
  return errors?.[0]?.extensions?.["code"];
}

async function people(...aliases: readonly string[]): Promise<readonly Listed[]> {
  const all: Listed[] = [];
  for (const alias of aliases) all.push(await listed(node, { alias }, [["ENTRY", "PUBLIC"]]));
  return all;
}

test("a vouch counts in a band that members and partners see, and everybody else does not", async () => {
  const [ana, berta, carla] = (await people("Ana", "Berta", "Carla")) as [Listed, Listed, Listed];
  expect(await band(ana.id)).toBeNull();
  expect((await vouch(berta, ana.id, "met in Xela")).data).toEqual({ vouch: true });
  await vouch(carla, ana.id);
  expect(await band(ana.id)).toEqual(["FEW", "2027-03-01"]);
  const { data } = await node.ask("query ($id: ID!) { practitioner(id: $id) { vouches { band } } }", {
    id: ana.id,
  });
  expect(data).toEqual({ practitioner: { vouches: null } });
  const docs = await node.ground.database.read.query<{ doc: string }>(
    "select doc from seen.listing where id = $1",
    [ana.id],
  );
  for (const { doc } of docs.rows) expect(doc).not.toMatch(new RegExp(`${berta.id}|${carla.id}|Xela`));
});

test("a note is for the voucher alone and lies sealed; the vouched person learns neither it nor who", async () => {
  const [ana, berta] = (await people("Ana", "Berta")) as [Listed, Listed];
  await vouch(berta, ana.id, "canary-note-77");
  expect(await given(berta)).toEqual([
    { practitioner: { id: ana.id }, note: "canary-note-77", given: "2027-03-01", expires: "2029-03-01" },
  ]);
  expect(await given(ana)).toEqual([]);
  const rows = await node.ground.database.transaction((tx) =>
    tx.query<object[]>("select vouch.note from base.vouch"),
  );
  expect(JSON.stringify(rows)).not.toContain("canary");
  const { text } = await ana.ask(
    "{ profile { practitioner { alias vouches { band latest } } visibility { field item } } }",
  );
  expect(text).not.toMatch(new RegExp(`canary|${berta.id}|Berta`));
  expect(await auditOf(node, ana.id)).toContain("PRACTITIONER VOUCHED");
});

test("given again it counts anew; after its time it counts no more", async () => {
  now = new Date("2027-04-01T12:00:00Z");
  const [ana, berta, carla] = (await people("Ana", "Berta", "Carla")) as [Listed, Listed, Listed];
  await vouch(berta, ana.id, "first");
  await vouch(carla, ana.id);
  now = new Date("2028-04-01T12:00:00Z");
  await vouch(berta, ana.id);
  expect(await given(berta)).toEqual([
    { practitioner: { id: ana.id }, note: null, given: "2028-04-01", expires: "2030-04-01" },
  ]);
  for (const person of [ana, berta, carla]) await does(person, "confirmProfile");
  now = new Date("2028-08-01T12:00:00Z");
  for (const person of [ana, berta, carla]) await does(person, "confirmProfile");
  now = new Date("2029-03-31T12:00:00Z");
  await node.upkeep();
  expect(await band(ana.id)).toEqual(["FEW", "2028-04-01"]);
  for (const person of [ana, berta, carla]) await does(person, "confirmProfile");
  now = new Date("2029-04-01T12:00:00Z");
  await node.upkeep();
  expect(await given(carla)).toEqual([]);
  expect(await band(ana.id)).toEqual(["FEW", "2028-04-01"]);
  now = new Date("2029-09-01T12:00:00Z");
  for (const person of [ana, berta]) await does(person, "confirmProfile");
  now = new Date("2030-02-01T12:00:00Z");
  for (const person of [ana, berta]) await does(person, "confirmProfile");
  now = new Date("2030-04-01T12:00:00Z");
  await node.upkeep();
  expect(await band(ana.id)).toBeNull();
});

test("a vouch that is taken back counts no more, and taking back what was never given tells nothing", async () => {
  const [ana, berta] = (await people("Ana", "Berta")) as [Listed, Listed];
  await vouch(berta, ana.id);
  const taken = await takeBack(berta, ana.id);
  expect(await band(ana.id)).toBeNull();
  const again = await takeBack(berta, ana.id);
  const never = await takeBack(berta, "6f5f0a51-0000-4000-8000-000000000001");
  expect([again.text, never.text]).toEqual([taken.text, taken.text]);
  expect((await auditOf(node, ana.id)).filter((deed) => deed.endsWith("VOUCH_WITHDRAWN"))).toHaveLength(1);
});

test("vouches count only while their voucher is listed", async () => {
  const [ana, berta, carla] = (await people("Ana", "Berta", "Carla")) as [Listed, Listed, Listed];
  const steward = await comesToStay(node, "STEWARD");
  await vouch(berta, ana.id);
  await does(berta, "withdrawProfile");
  expect(await band(ana.id)).toBeNull();
  await vouch(carla, ana.id);
  expect(await band(ana.id)).not.toBeNull();
  await does(steward, "suspendPractitioner", { id: carla.id, reason: "asked to" });
  expect(await band(ana.id)).toBeNull();
  await does(steward, "liftPractitioner", { id: carla.id });
  expect(await band(ana.id)).not.toBeNull();
  await carla.ask("mutation { eraseProfile }");
  expect(await band(ana.id)).toBeNull();
});

test("whoever may not be seen cannot be vouched for, and is refused as one who never was", async () => {
  const [ana, berta] = (await people("Ana", "Berta")) as [Listed, Listed];
  const draft = await comesToStay(node, "PRACTITIONER");
  const hidden = (await save(draft, { alias: "Oculta" })).data.saveProfile.id;
  const narrow = await listed(node, { alias: "Sola" });
  await show(narrow, "ENTRY", "PRIVATE");
  const gone = await listed(node, { alias: "Ida" });
  await does(gone, "withdrawProfile");
  const erased = await listed(node, { alias: "Borrada" });
  await erased.ask("mutation { eraseProfile }");
  const never = await vouch(berta, "6f5f0a51-0000-4000-8000-000000000001");
  expect(code(never)).toBe("NOT_FOUND");
  for (const id of [hidden, narrow.id, gone.id, erased.id])
    expect((await vouch(berta, id)).text).toBe(never.text);
  expect(code(await vouch(berta, berta.id))).toBe("BAD_USER_INPUT");
  expect(code(await vouch(berta, "nobody"))).toBe("BAD_USER_INPUT");
  expect(code(await vouch(berta, ana.id, "x".repeat(501)))).toBe("BAD_USER_INPUT");
  await vouch(berta, ana.id);
  await show(ana, "ENTRY", "PRIVATE");
  expect(await given(berta)).toEqual([]);
});

test("only somebody whose own entry is listed can vouch", async () => {
  const [ana] = (await people("Ana")) as [Listed];
  const withDraft = await comesToStay(node, "PRACTITIONER");
  await save(withDraft, { alias: "Nueva" });
  expect(code(await vouch(withDraft, ana.id))).toBe("FORBIDDEN");
  expect(code(await vouch(await comesToStay(node, "STEWARD"), ana.id))).toBe("FORBIDDEN");
  expect(code(await vouch(await comesToStay(node, "SEEKER"), ana.id))).toBe("FORBIDDEN");
  expect(code(await node.ask("mutation ($id: ID!) { vouch(practitioner: $id) }", { id: ana.id }))).toBe(
    "UNAUTHENTICATED",
  );
  expect(code(await node.ask("{ vouchesGiven { note } }"))).toBe("UNAUTHENTICATED");
  expect(await band(ana.id)).toBeNull();
});

test("many at once are all counted, and the listing is what is kept", async () => {
  const [ana, ...others] = (await people("Ana", "B", "C", "D", "E", "F")) as readonly [Listed, ...Listed[]];
  await Promise.all(others.map((person) => vouch(person, ana.id)));
  expect(await band(ana.id)).toEqual(["SOME", expect.any(String)]);
  const crossed = others.flatMap((one) =>
    others.filter((other) => other !== one).map((other) => vouch(one, other.id)),
  );
  const withdrawn = does(ana, "withdrawProfile");
  for (const answer of await Promise.all(crossed)) expect(answer.errors).toBeUndefined();
  expect((await withdrawn).errors).toBeUndefined();
  for (const { id } of others) expect(await band(id)).toEqual(["FEW", expect.any(String)]);
  expect(await audiencesOf(node, ana.id)).toEqual([]);
});
