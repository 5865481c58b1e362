import { randomUUID } from "node:crypto";
import { CONSENT_VERSION } from "../src/practitioners/consent.js";
import type { Practitioner, PractitionerLevel } from "../src/practitioners/practitioner.js";
import { saveConsents, savePractitioners } from "../src/practitioners/practitioner.store.js";
import { newPerson } from "../src/practitioners/profile.js";
import type { Fact } from "../src/visibility/project.js";
import { auditOf, comesToStay, does, listed, save, seen, show } from "./entries.js";
import { seen as becomes } from "./eventually.js";
import { everythingIn, formsOf } from "./everything.js";
import { askAt, startTestNode, type Answer, type Person, type TestNode } from "./node.js";
import { Peer, person as theirPerson } from "./peer.js";
import { newMember, proofOf, type Member, type Town } from "./people.js";

let node: TestNode;
let steward: Person;
let now = new Date("2027-03-01T12:00:00Z");
beforeAll(async () => {
  node = await startTestNode(
    null,
    { publicUrl: "https://ceiba.example.org", confirmEvery: 240, noticeBefore: 1 },
    () => now,
  );
  steward = await comesToStay(node, "STEWARD");
  await comeToProve();
});
afterAll(() => node.close());

type Listed = Person & { readonly id: string };

/** Lets it be this day, and the hourly work be done on it. */
async function on(day: string): Promise<void> {
  now = new Date(`${day}T12:00:00Z`);
  await node.upkeep();
}

function told<T>(answer: Answer<T>): T {
  if (answer.errors !== undefined) throw new Error(answer.text);
  return answer.data;
}

function codeOf({ errors }: Answer<unknown>): unknown {
  return errors?.[0]?.extensions?.["code"];
}

function messageOf({ errors }: Answer<unknown>): string {
  return errors?.[0]?.message ?? "no refusal";
}

const PATHWAY = `id name specialty { code } binding
  levels { level modules { id } practice supervised supervisor validFor }`;

type PathwayAnswer = { readonly id: string; readonly binding: boolean; readonly levels: readonly unknown[] };

function savePathway(
  input: object,
  by: Pick<Person, "ask"> = steward,
  proof: object | null = null,
): Promise<Answer<{ savePathway: PathwayAnswer }>> {
  return by.ask(
    `mutation ($input: PathwayInput!, $proof: ProofInput) { savePathway(input: $input, proof: $proof) { ${PATHWAY} } }`,
    { input, proof },
  );
}

/** A steward who came in by an invitation, and can show a password and a code. */
let proven: Member;
let town: Town;

async function comeToProve(): Promise<void> {
  const pass = (milliseconds: number) => {
    now = new Date(now.getTime() + milliseconds);
  };
  town = { node, now: () => now, pass, stranger: () => askAt(node.url), close: () => node.close() };
  proven = await newMember(town, "STEWARD");
  await node.ground.database.transaction((tx) => tx.query("update base.session set expires = '2100-01-01'"));
}

async function bind(id: string): Promise<Answer<{ savePathway: PathwayAnswer }>> {
  return savePathway({ id, binding: true }, proven, await proofOf(town, proven));
}

/** A pathway of its own for a test; with the others out of force, so that what is shown follows from this one. */
async function pathway(input: object = {}): Promise<string> {
  const { pathways } = told(await steward.ask<{ pathways: PathwayAnswer[] }>("{ pathways { id binding } }"));
  for (const { id } of pathways.filter(({ binding }) => binding))
    told(await savePathway({ id, binding: false }));
  const saved = told(await savePathway({ name: [{ in: "en", text: "Ceiba" }], ...input }));
  return saved.savePathway.id;
}

function grant(
  practitioner: string,
  pathway: string,
  level: string,
  more: { readonly reached?: string; readonly cameBefore?: boolean } = {},
  by: Person = steward,
): Promise<Answer<unknown>> {
  return by.ask(
    `mutation ($practitioner: ID!, $pathway: ID!, $level: PractitionerLevel!, $reached: Date!, $cameBefore: Boolean!) {
      grantLevel(practitioner: $practitioner, pathway: $pathway, level: $level, reached: $reached, cameBefore: $cameBefore) { level } }`,
    { practitioner, pathway, level, reached: now.toISOString().slice(0, 10), cameBefore: false, ...more },
  );
}

/** They were there before the pathway was. */
async function already(practitioner: string, pathway: string, level: string): Promise<void> {
  told(await grant(practitioner, pathway, level, { cameBefore: true }));
}

function revoke(
  practitioner: string,
  pathway: string,
  level: string,
): Promise<Answer<{ revokeLevel: boolean }>> {
  return steward.ask(
    `mutation ($practitioner: ID!, $pathway: ID!, $level: PractitionerLevel!) {
      revokeLevel(practitioner: $practitioner, pathway: $pathway, level: $level) }`,
    { practitioner, pathway, level },
  );
}

function take(person: Person, input: object): Promise<Answer<{ takeStep: { id: string } }>> {
  return person.ask(
    "mutation ($input: StepInput!) { takeStep(input: $input) { id kind day state supervisor { alias } } }",
    { input: { day: now.toISOString().slice(0, 10), ...input } },
  );
}

function name(person: Person, supervisor: string, pathway: string, level: string) {
  return take(person, { kind: "SUPERVISED", pathway, level, supervisor });
}

/** A session that was asked for and confirmed. */
async function supervised(person: Listed, by: Listed, pathway: string, level: string): Promise<string> {
  const { id } = told(await name(person, by.id, pathway, level)).takeStep;
  told(await confirm(by, id));
  return id;
}

function confirm(person: Person, step: string): Promise<Answer<unknown>> {
  return person.ask("mutation ($step: ID!) { confirmSession(step: $step) }", { step });
}

function decline(person: Person, step: string): Promise<Answer<unknown>> {
  return person.ask("mutation ($step: ID!) { declineSession(step: $step) }", { step });
}

async function stepsOf(person: Person): Promise<readonly Record<string, unknown>[]> {
  const { steps } = told(
    await person.ask<{ steps: Record<string, unknown>[] }>(
      "{ steps { kind day level state supervisor { id alias } module { id } } }",
    ),
  );
  return steps;
}

type SupervisionAnswer = {
  readonly sessions: number;
  readonly named: readonly { readonly practitioner: { readonly id: string }; readonly state: string }[];
};

async function supervision(person: Person): Promise<SupervisionAnswer> {
  const answer = await person.ask<{ supervision: SupervisionAnswer }>(
    "{ supervision { sessions named { practitioner { id } state } } }",
  );
  return told(answer).supervision;
}

type Reached = { readonly level: string; readonly ends: string | null; readonly counts: boolean };

async function reached(person: Person): Promise<readonly unknown[]> {
  const answer = await person.ask<{ attainments: Reached[] }>("{ attainments { level ends counts } }");
  return told(answer).attainments.map(({ level, ends, counts }) => [level, ends, counts]);
}

/** The levels that somebody is shown with: to everyone, found by search, and told to other nodes. */
async function shown(id: string): Promise<unknown> {
  const { data } = await node.ask<{ practitioner: { level: string | null } }>(
    "query ($id: ID!) { practitioner(id: $id) { level } }",
    { id },
  );
  const { level } = data.practitioner;
  await becomes(() => found(id), level);
  expect(await toldToPeers(id)).toBe(level);
  return level;
}

const LEVELS = ["MULTIPLIER", "NATIONAL_TEAM", "TRAINER", "MASTER_TRAINER"];

/** The highest level by which a search finds them. */
async function found(id: string): Promise<string | null> {
  const found = await Promise.all(LEVELS.map((level) => isFound(id, level)));
  return LEVELS[found.lastIndexOf(true)] ?? null;
}

async function isFound(id: string, level: string): Promise<boolean> {
  const { data } = await node.ask<{ practitioners: { nodes: { id: string }[] } }>(
    "query ($level: PractitionerLevel!) { practitioners(where: { levelAtLeast: $level }, first: 50) { nodes { id } } }",
    { level },
  );
  return data.practitioners.nodes.some((one) => one.id === id);
}

/** The level in the last record of them in the feed of what everyone may see. */
async function toldToPeers(id: string): Promise<string | null> {
  const response = await fetch(`${node.url}/fed/v1/public/changes`);
  const { orderedItems } = (await response.json()) as { orderedItems: readonly { "cadre:jws"?: string }[] };
  const bodies = orderedItems.flatMap((item) => {
    const payload = item["cadre:jws"]?.split(".")[1];
    if (payload === undefined) return [];
    const text = Buffer.from(payload, "base64url").toString("utf8");
    return text.includes(id) ? [(JSON.parse(text) as { body: { level?: string } }).body] : [];
  });
  return bodies.at(-1)?.level ?? null;
}

/** Somebody whose entry is listed for everyone, with this in it, and who agreed to that. */
async function person(
  alias: string,
  level: PractitionerLevel | null = null,
  more: Partial<Practitioner["facts"]> = {},
): Promise<Listed> {
  const owner = await comesToStay(node, "PRACTITIONER");
  const id = randomUUID();
  const empty = newPerson(id);
  const facts = {
    ...empty.facts,
    alias: publicly(alias),
    level: level === null ? null : publicly(level),
    ...more,
  };
  const { database, home } = node.ground;
  await database.transaction(async (tx) => {
    await savePractitioners(tx, home, [{ ...empty, state: "LISTED", audience: "PUBLIC", facts }]);
    await saveConsents(tx, [
      { practitioner: id, field: "entry", audience: "PUBLIC", textVersion: CONSENT_VERSION, given: null },
    ]);
    await tx.query("update base.practitioner set account = $1 where id = $2", [owner.account, id]);
  });
  return { ...owner, id };
}

function publicly<T>(value: T): Fact<T> {
  return { value, audience: "PUBLIC" };
}

async function resource(kind: string, audience = "PUBLIC"): Promise<string> {
  const { data } = await steward.ask<{ saveResource: { id: string } }>(
    `mutation { saveResource(input: { kind: ${kind}, audience: ${audience}, title: [{ in: "en", text: "Masks" }] }) { id } }`,
  );
  return data.saveResource.id;
}

describe("a pathway", () => {
  test("is written by stewards and read by every member, with what each of its four levels asks", async () => {
    const module = await resource("MODULE");
    const id = await pathway({
      name: [
        { in: "en", text: "Digital trainers" },
        { in: "es", text: "Formadoras digitales" },
      ],
      specialty: "digital",
      levels: [
        { level: "MULTIPLIER", modules: [module], practice: 2 },
        { level: "TRAINER", supervised: 3, validFor: 24 },
        { level: "NATIONAL_TEAM", supervisor: "NATIONAL_TEAM" },
      ],
    });
    const member = await node.signedIn("PRACTITIONER");
    const { pathways } = told(await member.ask<{ pathways: PathwayAnswer[] }>(`{ pathways { ${PATHWAY} } }`));
    expect(pathways.find((one) => one.id === id)).toEqual({
      id,
      name: "Digital trainers",
      specialty: { code: "digital" },
      binding: false,
      levels: [
        asks("MULTIPLIER", { modules: [{ id: module }], practice: 2 }),
        asks("NATIONAL_TEAM", { supervisor: "NATIONAL_TEAM" }),
        asks("TRAINER", { supervised: 3, supervisor: "MASTER_TRAINER", validFor: 24 }),
        asks("MASTER_TRAINER", { supervisor: "MASTER_TRAINER" }),
      ],
    });
    told(await savePathway({ id, specialty: null }));
    const { data } = await member.ask<{ pathways: { id: string; name: string; specialty: null }[] }>(
      `{ pathways { id name(in: "es") specialty { code } } }`,
    );
    expect(data.pathways.find((one) => one.id === id)).toEqual({
      id,
      name: "Formadoras digitales",
      specialty: null,
    });
    expect(codeOf(await savePathway({ name: [{ in: "en", text: "Mine" }] }, member))).toBe("FORBIDDEN");
    expect(codeOf(await (await node.signedIn("SEEKER")).ask("{ pathways { id } }"))).toBe("FORBIDDEN");
    expect(codeOf(await node.ask("{ pathways { id } }"))).toBe("UNAUTHENTICATED");
  });

  test.each([
    ["no name", {}, "needs a name"],
    ["a narrow specialty", { specialty: "digital.encryption" }, "for a root"],
    [
      "a module that is none",
      { levels: [{ level: "TRAINER", modules: [randomUUID()] }] },
      "resources of this",
    ],
    ["one level twice", { levels: [{ level: "TRAINER" }, { level: "TRAINER" }] }, "twice"],
    ["too much", { levels: [{ level: "TRAINER", practice: 101 }] }, "from 0 to 100"],
    ["months below one", { levels: [{ level: "TRAINER", validFor: 0 }] }, "from 1 to 240"],
    ["a supervisor below", { levels: [{ level: "TRAINER", supervisor: "MULTIPLIER" }] }, "has reached it"],
    ["another pathway's id", { id: randomUUID() }, "no pathway"],
  ])("is refused with %s, and says why", async (what, input, why) => {
    const named = what === "no name" ? {} : { name: [{ in: "en", text: "Ceiba" }] };
    expect(messageOf(await savePathway({ ...named, ...input }))).toContain(why);
  });

  test("asks nobody for a module that was taken out of the directory", async () => {
    const [kept, gone] = [await resource("SESSION"), await resource("GUIDE")];
    const id = await pathway({ levels: [{ level: "MULTIPLIER", modules: [kept, gone] }] });
    const ana = await person("Ana");
    expect((await progress(ana, id))[0]).toMatchObject({ modules: { done: 0, asked: 2 } });
    told(await take(ana, { kind: "MODULE", module: kept }));
    told(await steward.ask("mutation ($id: ID!) { removeResource(id: $id) }", { id: gone }));
    expect((await progress(ana, id))[0]).toMatchObject({ modules: { done: 1, asked: 1 } });
    told(await grant(ana.id, id, "MULTIPLIER"));
  });
});

function asks(level: string, more: object): object {
  return { level, modules: [], practice: 0, supervised: 0, supervisor: "TRAINER", validFor: null, ...more };
}

async function progress(person: Person, pathway: string, practitioner: string | null = null) {
  const answer = await person.ask<{ progress: Record<string, unknown>[] }>(
    `query ($pathway: ID!, $practitioner: ID) { progress(pathway: $pathway, practitioner: $practitioner) {
      level modules { done asked } practice { done asked } supervised { done asked } before attainment { level counts } } }`,
    { pathway, practitioner },
  );
  return told(answer).progress;
}

describe("the level that is shown", () => {
  test("is what people tell, until a pathway binds; then it is no higher than what they have reached", async () => {
    const id = await pathway();
    const [ana, berta, carla] = [
      await person("Ana", "TRAINER"),
      await person("Berta", "MULTIPLIER"),
      await person("Carla", "MASTER_TRAINER"),
    ];
    await already(berta.id, id, "TRAINER");
    await already(carla.id, id, "NATIONAL_TEAM");
    expect([await shown(ana.id), await shown(carla.id)]).toEqual(["TRAINER", "MASTER_TRAINER"]);

    told(await bind(id));
    expect([await shown(ana.id), await shown(berta.id), await shown(carla.id)]).toEqual([
      null,
      "MULTIPLIER",
      "NATIONAL_TEAM",
    ]);
    // Their own words stay theirs, and they see what others see.
    const { data } = await carla.ask<{ profile: Record<string, unknown> }>(
      "{ profile { practitioner { level } seenBy(audience: MEMBERS) { level } } }",
    );
    expect(data.profile).toEqual({
      practitioner: { level: "MASTER_TRAINER" },
      seenBy: { level: "NATIONAL_TEAM" },
    });
    // Whoever comes or changes their words meanwhile is held to it too.
    told(await save(berta, { level: "MASTER_TRAINER" }));
    const dora = await person("Dora", "TRAINER");
    const fresh = await comesToStay(node, "PRACTITIONER");
    const begun = await fresh.ask(
      `mutation { saveProfile(input: { alias: "Eva", level: TRAINER }) { seenBy(audience: MEMBERS) { alias level } } }`,
    );
    expect(begun.data).toEqual({ saveProfile: { seenBy: { alias: "Eva", level: null } } });
    expect([await shown(berta.id), await shown(dora.id)]).toEqual(["TRAINER", null]);

    told(await savePathway({ id, binding: false }));
    expect([await shown(ana.id), await shown(carla.id), await shown(dora.id)]).toEqual([
      "TRAINER",
      "MASTER_TRAINER",
      "TRAINER",
    ]);
  });

  test("goes down when a level lapses, and comes back by its renewal without the person; what was reached stays", async () => {
    const id = await pathway({
      levels: [
        { level: "MULTIPLIER", validFor: 24 },
        { level: "NATIONAL_TEAM", validFor: 6 },
        { level: "TRAINER", validFor: 12 },
      ],
    });
    const ana = await person("Ana", "TRAINER");
    for (const level of ["MULTIPLIER", "NATIONAL_TEAM", "TRAINER"]) told(await grant(ana.id, id, level));
    told(await bind(id));
    expect(await shown(ana.id)).toBe("TRAINER");
    await on("2028-02-29");
    expect(await shown(ana.id)).toBe("TRAINER");
    await on("2028-03-01");
    expect(await shown(ana.id)).toBe("MULTIPLIER");
    expect(new Set(await reached(ana))).toEqual(
      new Set([
        ["TRAINER", "2028-03-01", false],
        ["NATIONAL_TEAM", "2027-09-01", false],
        ["MULTIPLIER", "2029-03-01", true],
      ]),
    );

    told(await grant(ana.id, id, "TRAINER"));
    expect(await shown(ana.id)).toBe("TRAINER");
    expect(await reached(ana)).toHaveLength(4);
    await on("2029-03-01");
    expect(await shown(ana.id)).toBeNull();
    expect(await reached(ana)).toHaveLength(4);
    const { data } = await ana.ask<{ profile: object }>("{ profile { practitioner { level } } }");
    expect(data.profile).toEqual({ practitioner: { level: "TRAINER" } });
    // Once for each day on which something lapsed, however often it is looked at.
    await Promise.all([node.upkeep(), node.upkeep()]);
    const deeds = (await auditOf(node, ana.id)).filter((deed) => deed.includes("LEVEL_"));
    expect(deeds).toEqual([
      ...["MULTIPLIER", "NATIONAL_TEAM", "TRAINER"].map(() => "STEWARD LEVEL_GRANTED LEVEL"),
      ...["a half-year", "a year"].map(() => "node LEVEL_LAPSED LEVEL"),
      "STEWARD LEVEL_GRANTED LEVEL",
      "node LEVEL_LAPSED LEVEL",
    ]);
  });

  test("binds nobody before a steward has proven who they are, and has been told of how many the level goes down", async () => {
    const id = await pathway();
    const low = async () =>
      Number(/none: (\d+)\.$/.exec(messageOf(await savePathway({ id, binding: true })))?.[1]);
    const before = await low();
    const [ana, berta, coy] = [
      await person("Ana", "TRAINER"),
      await person("Berta", "TRAINER"),
      await person("Callada", "TRAINER"),
    ];
    await show(coy, "LEVEL", "PRIVATE");
    expect(await low()).toBe(before + 2);
    await already(ana.id, id, "MULTIPLIER");
    await already(berta.id, id, "TRAINER");
    expect(await low()).toBe(before + 1);
    const wrong = { password: "guessed", code: "123456" };
    const refused = [
      await savePathway({ id, binding: true }),
      await savePathway({ id, binding: true }, proven, wrong),
      await savePathway({ name: [{ in: "en", text: "Another" }], binding: true }),
    ];
    expect(refused.map(codeOf)).toEqual(["FORBIDDEN", "FORBIDDEN", "FORBIDDEN"]);
    expect(await shown(ana.id)).toBe("TRAINER");
    told(await bind(id));
    expect(await shown(ana.id)).toBe("MULTIPLIER");
    // What binds goes on to bind, and another that begins to changes nothing that is shown.
    told(await savePathway({ id, binding: true, name: [{ in: "en", text: "Ceiba again" }] }));
    const other = told(await savePathway({ name: [{ in: "en", text: "Other" }] })).savePathway.id;
    expect(messageOf(await savePathway({ id: other, binding: true }))).toContain("none: 0.");
  });

  test("goes down at once when a steward takes the level back", async () => {
    const id = await pathway();
    const ana = await person("Ana", "TRAINER");
    await already(ana.id, id, "MULTIPLIER");
    await already(ana.id, id, "TRAINER");
    told(await bind(id));
    expect(told(await revoke(ana.id, id, "TRAINER"))).toEqual({ revokeLevel: true });
    expect(await shown(ana.id)).toBe("MULTIPLIER");
    expect(told(await revoke(ana.id, id, "TRAINER"))).toEqual({ revokeLevel: false });
    const { data } = await ana.ask(`{ attainments { level revoked counts } }`);
    expect(data).toEqual({
      attainments: expect.arrayContaining([
        { level: "TRAINER", revoked: now.toISOString().slice(0, 10), counts: false },
        { level: "MULTIPLIER", revoked: null, counts: true },
      ]),
    });
    expect(await reached(ana)).toHaveLength(2);
    expect(await auditOf(node, ana.id)).toContain("STEWARD LEVEL_REVOKED LEVEL");
  });

  test("is told to nobody to whom the person does not show it, whatever they have reached", async () => {
    const id = await pathway();
    const ana = await person("Ana", "TRAINER");
    await show(ana, "LEVEL", "PRIVATE");
    await already(ana.id, id, "TRAINER");
    told(await bind(id));
    expect(await shown(ana.id)).toBeNull();
    const member = await node.signedIn("PRACTITIONER");
    for (const ask of [node.ask, member.ask, steward.ask])
      expect(await seen(ask, ana.id)).not.toContain("TRAINER");
  });
});

describe("a level is reached by its steps:", () => {
  test("a steward is told what is missing, and records it once nothing is", async () => {
    const [one, other] = [await resource("MODULE"), await resource("SESSION")];
    const id = await pathway({
      levels: [
        { level: "MULTIPLIER", modules: [one, other], practice: 1 },
        { level: "NATIONAL_TEAM", supervised: 1 },
      ],
    });
    const trainer = await person("Zoe", "TRAINER");
    await already(trainer.id, id, "TRAINER");
    told(await bind(id));
    const ana = await person("Ana", "NATIONAL_TEAM");
    const refused = await grant(ana.id, id, "NATIONAL_TEAM");
    expect([codeOf(refused), messageOf(refused)]).toEqual([
      "CONFLICT",
      "NATIONAL_TEAM is not reached yet: the level MULTIPLIER; 0 of 1 supervised sessions.",
    ]);
    told(await take(ana, { kind: "MODULE", module: one }));
    expect(codeOf(await take(ana, { kind: "MODULE", module: one }))).toBe("CONFLICT");
    expect(messageOf(await grant(ana.id, id, "MULTIPLIER"))).toBe(
      "MULTIPLIER is not reached yet: 1 of 2 modules; 0 of 1 practice activities.",
    );
    told(await take(ana, { kind: "MODULE", module: other }));
    told(await take(ana, { kind: "PRACTICE", pathway: id, level: "MULTIPLIER" }));
    told(await grant(ana.id, id, "MULTIPLIER"));
    const session = told(await name(ana, trainer.id, id, "NATIONAL_TEAM")).takeStep.id;
    expect(messageOf(await grant(ana.id, id, "NATIONAL_TEAM"))).toContain("0 of 1 supervised");
    told(await confirm(trainer, session));
    expect((await progress(steward, id, ana.id))[1]).toEqual({
      level: "NATIONAL_TEAM",
      modules: { done: 0, asked: 0 },
      practice: { done: 0, asked: 0 },
      supervised: { done: 1, asked: 1 },
      before: null,
      attainment: null,
    });
    told(await grant(ana.id, id, "NATIONAL_TEAM"));
    expect(await shown(ana.id)).toBe("NATIONAL_TEAM");
    expect(messageOf(await grant(ana.id, id, "MULTIPLIER", { cameBefore: true }))).toContain("binds");
    expect(await auditOf(node, ana.id)).toContain("STEWARD PROGRESS_SEEN");
  });

  test("a day that has not come, and a day so long ago that it would count no longer, are refused", async () => {
    const id = await pathway({ levels: [{ level: "MULTIPLIER", validFor: 12 }] });
    const ana = await person("Ana");
    const day = `${now.getUTCFullYear() + 1}-01-01`;
    expect(codeOf(await grant(ana.id, id, "MULTIPLIER", { reached: day }))).toBe("BAD_USER_INPUT");
    expect(codeOf(await grant(ana.id, id, "MULTIPLIER", { reached: "2020-01-01" }))).toBe("BAD_USER_INPUT");
    expect(codeOf(await take(ana, { kind: "PRACTICE", pathway: id, level: "TRAINER", day }))).toBe(
      "BAD_USER_INPUT",
    );
    expect(await reached(ana)).toEqual([]);
  });

  test.each([
    ["a module without one", { kind: "MODULE" }],
    ["a module with more", { kind: "MODULE", module: randomUUID(), level: "TRAINER" }],
    ["practice towards nothing", { kind: "PRACTICE", pathway: randomUUID() }],
    ["a session that nobody supervised", { kind: "SUPERVISED", pathway: randomUUID(), level: "TRAINER" }],
    ["a pathway that can be none", { kind: "PRACTICE", pathway: "x", level: "TRAINER" }],
  ])("%s is refused and not kept", async (_what, input) => {
    const ana = await person("Ana");
    expect(codeOf(await take(ana, input))).toBe("BAD_USER_INPUT");
    expect(await stepsOf(ana)).toEqual([]);
  });

  test("a module that one may not see is refused as one that never was", async () => {
    const ana = await person("Ana");
    const never = await take(ana, { kind: "MODULE", module: randomUUID() });
    expect(codeOf(never)).toBe("NOT_FOUND");
    for (const id of [await resource("MODULE", "PRIVATE"), await resource("FUND")])
      expect((await take(ana, { kind: "MODULE", module: id })).text).toBe(never.text);
  });

  test("only stewards record levels, not their own while there is another, and only of whom members see", async () => {
    const id = await pathway();
    const ana = await person("Ana");
    const other = await listed(node, { alias: "Sol" }, [], "STEWARD");
    expect(codeOf(await grant(ana.id, id, "MULTIPLIER", {}, ana))).toBe("FORBIDDEN");
    expect(codeOf(await grant(other.id, id, "MULTIPLIER", {}, other))).toBe("FORBIDDEN");
    told(await grant(other.id, id, "MULTIPLIER"));
    const hidden = await person("Oculta");
    await show(hidden, "ENTRY", "PRIVATE");
    const withdrawn = await person("Ida");
    await does(withdrawn, "withdrawProfile");
    const never = await grant(randomUUID(), id, "MULTIPLIER");
    expect(codeOf(never)).toBe("NOT_FOUND");
    for (const one of [hidden.id, withdrawn.id])
      expect((await grant(one, id, "MULTIPLIER")).text).toBe(never.text);
    const look = (practitioner: string, by: Person) =>
      by.ask(`{ progress(pathway: "${id}", practitioner: "${practitioner}") { level } }`);
    expect(codeOf(await look(hidden.id, steward))).toBe("NOT_FOUND");
    expect(codeOf(await look(other.id, ana))).toBe("FORBIDDEN");
  });
});

describe("a supervised session", () => {
  let id: string;
  let master: Listed;
  beforeAll(async () => {
    id = await pathway({ levels: [{ level: "TRAINER", supervised: 2 }] });
    master = await person("Maestra", "MASTER_TRAINER");
    await already(master.id, id, "MASTER_TRAINER");
    told(await bind(id));
  });

  test("counts once its supervisor has confirmed it from their own account, and no longer when they decline it", async () => {
    const ana = await person("Ana");
    const step = told(await name(ana, master.id, id, "TRAINER")).takeStep.id;
    const counted = async () => (await progress(ana, id))[2]?.["supervised"];
    expect(await stepsOf(ana)).toMatchObject([{ state: "ASKED", supervisor: { alias: "Maestra" } }]);
    expect(await counted()).toEqual({ done: 0, asked: 2 });
    expect((await supervision(master)).named[0]).toEqual({ practitioner: { id: ana.id }, state: "ASKED" });
    expect(codeOf(await confirm(ana, step))).toBe("NOT_FOUND");
    const before = (await supervision(master)).sessions;
    told(await confirm(master, step));
    told(await confirm(master, step));
    expect(await counted()).toEqual({ done: 1, asked: 2 });
    expect((await supervision(master)).sessions).toBe(before + 1);
    told(await decline(master, step));
    expect(await counted()).toEqual({ done: 0, asked: 2 });
    expect((await supervision(master)).sessions).toBe(before);
  });

  test("is known to the two of them: to nobody else is either named, by no answer and by no dump of the database", async () => {
    const ana = await person("Ana");
    const berta = await person("Berta", "MASTER_TRAINER");
    const step = await supervised(ana, master, id, "TRAINER");
    for (const one of [berta, steward]) {
      const { text } = await one.ask(
        `{ steps { supervisor { id } } supervision { named { practitioner { id } } } attainments { level } }`,
      );
      expect(text).not.toMatch(new RegExp(`${ana.id}|${master.id}`));
      const { text: theirs } = await one.ask(`{ practitioner(id: "${ana.id}") { id alias level } }`);
      expect(theirs).not.toContain(master.id);
    }
    const { text } = await steward.ask(
      `{ progress(pathway: "${id}", practitioner: "${ana.id}") { level supervised { done } attainment { level } } }`,
    );
    expect(text).not.toMatch(new RegExp(`${master.id}|Maestra`));
    const never = await confirm(berta, randomUUID());
    expect([(await confirm(berta, step)).text, (await decline(berta, step)).text]).toEqual([
      never.text,
      (await decline(berta, randomUUID())).text,
    ]);
    const dump = await everythingIn(node.databaseUrl, /^base\.(step|attainment|supervising)/);
    expect(dump).toContain(ana.id);
    expect(dump).not.toMatch(/TRAINER|SUPERVISED|CONFIRMED/);
    const rows = dump.split("\n").filter((row) => row.includes(ana.id));
    for (const form of formsOf(master.id.replaceAll("-", ""))) expect(rows.join()).not.toContain(form);
    expect(rows.join()).not.toContain(master.id);
    // Nor does the log that is kept for good say who supervised whom.
    expect((await auditOf(node, ana.id)).filter((deed) => /SESSION|STEP|SUPERVIS/.test(deed))).toEqual([]);
    await expectUnnamed(await everythingIn(node.databaseUrl, /^base\.audit/), master.account, ana.id);
  });

  test("takes a supervisor whom one sees with the level asked for", async () => {
    const ana = await person("Ana");
    const low = await person("Baja", "TRAINER");
    const unproven = await person("Dicha", "MASTER_TRAINER");
    const coy = await person("Callada", "MASTER_TRAINER");
    await show(coy, "LEVEL", "PRIVATE");
    const other = told(await savePathway({ name: [{ in: "en", text: "Other" }] })).savePathway.id;
    await already(coy.id, other, "MASTER_TRAINER");
    await already(low.id, other, "TRAINER");
    for (const one of [low, unproven, coy])
      expect(codeOf(await name(ana, one.id, id, "TRAINER"))).toBe("CONFLICT");
    const hidden = await person("Oculta", "MASTER_TRAINER");
    await show(hidden, "ENTRY", "PRIVATE");
    const never = await name(ana, randomUUID(), id, "TRAINER");
    expect(codeOf(never)).toBe("NOT_FOUND");
    expect((await name(ana, hidden.id, id, "TRAINER")).text).toBe(never.text);
    const draft = await comesToStay(node, "PRACTITIONER");
    await save(draft, { alias: "Nueva" });
    expect(codeOf(await name(draft, master.id, id, "TRAINER"))).toBe("FORBIDDEN");
    expect(await stepsOf(ana)).toEqual([]);
  });

  test("tells nobody but the supervisor on which pathway they reached their level", async () => {
    const ana = await person("Ana");
    const elsewhere = await person("Otra", "MASTER_TRAINER");
    const other = told(await savePathway({ name: [{ in: "en", text: "Other" }] })).savePathway.id;
    await already(elsewhere.id, other, "MASTER_TRAINER");
    expect(await shown(elsewhere.id)).toBe("MASTER_TRAINER");
    const { id: step } = told(await name(ana, elsewhere.id, id, "TRAINER")).takeStep;
    const { text } = await ana.ask(`{ supervisors(pathway: "${id}", level: TRAINER) { id } }`);
    expect([elsewhere.id, master.id].map((one) => text.includes(one))).toEqual([true, true]);
    expect(messageOf(await confirm(elsewhere, step))).toContain("has reached it on this pathway");
    expect((await progress(ana, id))[2]?.["supervised"]).toEqual({ done: 0, asked: 2 });
  });

  test("is not confirmed by whoever has not the level any more", async () => {
    const ana = await person("Ana");
    const once = await person("Antes", "MASTER_TRAINER");
    told(await savePathway({ id, binding: false }));
    await already(once.id, id, "MASTER_TRAINER");
    told(await bind(id));
    const step = told(await name(ana, once.id, id, "TRAINER")).takeStep.id;
    told(await revoke(once.id, id, "MASTER_TRAINER"));
    expect(codeOf(await confirm(once, step))).toBe("CONFLICT");
  });

  test("is nobody's own", async () => {
    expect(codeOf(await name(master, master.id, id, "MASTER_TRAINER"))).toBe("BAD_USER_INPUT");
  });

  test("closes no circle; who asks learns of it only what they know, and who confirms that there would be one", async () => {
    told(await savePathway({ id, binding: false }));
    const [ana, berta, carla] = [
      await person("Ana", "MASTER_TRAINER"),
      await person("Berta", "MASTER_TRAINER"),
      await person("Carla", "MASTER_TRAINER"),
    ];
    for (const one of [ana, berta, carla]) await already(one.id, id, "MASTER_TRAINER");
    told(await bind(id));
    const early = told(await name(ana, berta.id, id, "MASTER_TRAINER")).takeStep.id;
    await supervised(berta, ana, id, "TRAINER");
    for (const level of ["MASTER_TRAINER", "TRAINER"])
      expect(messageOf(await name(ana, berta.id, id, level))).toContain("You supervised them");
    const couldAsk = async () =>
      told(
        await ana.ask<{ supervisors: { id: string }[] }>(
          `{ supervisors(pathway: "${id}", level: TRAINER) { id } }`,
        ),
      ).supervisors.map((one) => one.id);
    const before = await couldAsk();
    expect(before).toContain(carla.id);
    expect(before).not.toContain(berta.id);
    await supervised(carla, berta, id, "TRAINER");
    // Ana has no part in that: nothing that she asks has another answer.
    expect(await couldAsk()).toEqual(before);
    const late = told(await name(ana, carla.id, id, "TRAINER")).takeStep.id;
    for (const [one, step] of [
      [berta, early],
      [carla, late],
    ] as const)
      expect(messageOf(await confirm(one, step))).toBe("This session would close a circle of supervision.");
    expect((await progress(ana, id))[3]?.["supervised"]).toEqual({ done: 0, asked: 0 });
    // The other way round goes on, and so does another pathway.
    await supervised(carla, ana, id, "TRAINER");
    const other = told(await savePathway({ name: [{ in: "en", text: "Other" }] })).savePathway.id;
    await supervised(ana, berta, other, "TRAINER");
  });
});

async function expectUnnamed(log: string, account: string, supervised: string): Promise<void> {
  expect(log.split("\n").filter((row) => row.includes(account) && row.includes(supervised))).toEqual([]);
}

describe("who could supervise whom:", () => {
  const speaking = (language: string) => [publicly({ language, level: "FLUENT" as const, use: [] })];
  const work = (specialty: string, language: string) => ({
    specialties: [publicly({ specialty, depth: null })],
    languages: speaking(language),
  });
  const idsIn = (...people: readonly { readonly id: string }[]) =>
    people
      .map(({ id }) => id)
      .sort()
      .join(" ");
  async function supervisors(person: Person, pathway: string, level: string): Promise<string> {
    const answer = await person.ask<{ supervisors: { id: string }[] }>(
      `{ supervisors(pathway: "${pathway}", level: ${level}) { id } }`,
    );
    return idsIn(...told(answer).supervisors);
  }
  async function learners(person: Person, pathway: string): Promise<string> {
    const answer = await person.ask<{ learners: { id: string }[] }>(
      `{ learners(pathway: "${pathway}") { id } }`,
    );
    return idsIn(...told(answer).learners);
  }

  test("one is named those with the level, a shared kind of work and a shared language, as far as one sees it", async () => {
    const id = await pathway({ specialty: "legal" });
    const ana = await person("Ana", null, work("legal.detention", "quc"));
    const fits = await person("Fe", "MASTER_TRAINER", work("legal", "quc"));
    const unsaid = await person("Sin", "TRAINER", work("legal", "quc"));
    const busy = await person("Llena", "MASTER_TRAINER", {
      ...work("legal", "quc"),
      availability: publicly({ status: "NOT_ACCEPTING", from: null, until: null, asOf: "2027-03-01" }),
    });
    const others = [
      await person("Idioma", "MASTER_TRAINER", work("legal", "ru")),
      await person("Oficio", "MASTER_TRAINER", work("digital", "quc")),
    ];
    const coy = await person("Callada", "MASTER_TRAINER", work("legal", "quc"));
    await show(coy, "LEVEL", "PRIVATE");
    await show(busy, "AVAILABILITY", "MEMBERS");
    await becomes(() => supervisors(ana, id, "TRAINER"), idsIn(fits));
    expect(await supervisors(ana, id, "MULTIPLIER")).toEqual(idsIn(fits, unsaid));
    for (const one of [fits, unsaid, busy, ...others]) await already(one.id, id, "MULTIPLIER");
    told(await bind(id));
    await becomes(() => supervisors(ana, id, "TRAINER"), "");
    told(await savePathway({ id, binding: false }));
    await already(fits.id, id, "MASTER_TRAINER");
    told(await bind(id));
    await becomes(() => supervisors(ana, id, "TRAINER"), idsIn(fits));
    await does(fits, "withdrawProfile");
    await becomes(() => supervisors(ana, id, "TRAINER"), "");
    expect(await supervisors(await node.signedIn("PRACTITIONER"), id, "TRAINER")).toBe("");
    expect(codeOf(await node.ask(`{ supervisors(pathway: "${id}", level: TRAINER) { id } }`))).toBe(
      "UNAUTHENTICATED",
    );
  });

  test("nobody is named as somebody to supervise but who shows what they seek", async () => {
    const id = await pathway({ specialty: "mobile" });
    const trainer = await person("Tere", "TRAINER", work("mobile", "fa"));
    const seeks = { seeks: [publicly("mobile")], languages: speaking("fa") };
    const wishing = await person("Quiere", null, seeks);
    const hiding = await person("Calla", null, seeks);
    await show(hiding, "SEEKS", "PRIVATE");
    const silent = await person("Nada", null, work("mobile", "fa"));
    const further = await person("Lejos", "TRAINER", seeks);
    const peer = await new Peer(node, randomUUID(), "Red Vecina").introduce();
    await peer.hear(node.ground.home.clock());
    await peer.share([theirPerson(peer, "Vecina", { language: "fa", seeks: ["mobile"] })]);
    const found = `{ practitioners(search: "Vecina") { totalCount } }`;
    await becomes(
      async () =>
        String(
          told(await trainer.ask<{ practitioners: { totalCount: number } }>(found)).practitioners.totalCount,
        ),
      "1",
    );
    await becomes(() => learners(trainer, id), idsIn(wishing));
    expect(await learners(silent, id)).toBe("");
    expect(await learners(further, id)).toContain(wishing.id);
    await show(wishing, "SEEKS", "PRIVATE");
    await becomes(() => learners(trainer, id), "");
  });

  test("they are named a page at a time, everybody once, also when whoever stood last has gone", async () => {
    const id = await pathway({ specialty: "legal" });
    const wishes = { seeks: [publicly("legal")], languages: speaking("ti") };
    const trainer = await person("Tere", "MASTER_TRAINER", work("legal", "ti"));
    const all: Listed[] = [];
    for (let many = 0; many < 5; many++) all.push(await person("Quiere", null, wishes));
    const page = async (paging: string) =>
      told(
        await trainer.ask<{ learners: { id: string }[] }>(`{ learners(pathway: "${id}" ${paging}) { id } }`),
      ).learners.map((one) => one.id);
    const inOrder = idsIn(...all).split(" ");
    await becomes(async () => (await page("")).join(" "), inOrder.join(" "));
    expect(await page("first: 2")).toEqual(inOrder.slice(0, 2));
    expect(await page(`first: 2, after: "${inOrder[1]}"`)).toEqual(inOrder.slice(2, 4));
    expect(await page(`first: 2, after: "${inOrder[3]}"`)).toEqual(inOrder.slice(4));
    expect(await page("first: 0")).toEqual([]);
    await does(
      all.find((one) => one.id === inOrder[1])!,
      "withdrawProfile",
    );
    await becomes(async () => (await page("")).length.toString(), "4");
    expect(await page(`first: 2, after: "${inOrder[1]}"`)).toEqual(inOrder.slice(2, 4));
    for (const [paging, path] of [
      ["first: 51", "first"],
      ["first: -1", "first"],
      [`after: "the last"`, "after"],
    ] as const) {
      const refused = await trainer.ask(`{ learners(pathway: "${id}", ${paging}) { id } }`);
      expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", path: [path] });
    }
    const asker = await person("Pide", null, work("legal", "ti"));
    const named = async (paging: string) =>
      told(
        await asker.ask<{ supervisors: { id: string }[] }>(
          `{ supervisors(pathway: "${id}", level: MULTIPLIER ${paging}) { id } }`,
        ),
      ).supervisors.map((one) => one.id);
    await becomes(async () => (await named("")).join(" "), trainer.id);
    expect(await named(`after: "${trainer.id}"`)).toEqual([]);
  });

  test("who learns is named only to who may supervise them there, and whoever else supervises whom changes nothing", async () => {
    const id = await pathway({
      specialty: "mobile",
      levels: [{ level: "MULTIPLIER", supervisor: "NATIONAL_TEAM" }],
    });
    const wishes = { seeks: [publicly("mobile")], languages: speaking("ht") };
    const [ana, berta, carla] = [
      await person("Ana", "NATIONAL_TEAM", wishes),
      await person("Berta", "MASTER_TRAINER", work("mobile", "ht")),
      await person("Carla", "MASTER_TRAINER", work("mobile", "ht")),
    ];
    await already(ana.id, id, "NATIONAL_TEAM");
    await already(berta.id, id, "MASTER_TRAINER");
    const elsewhere = told(await savePathway({ name: [{ in: "en", text: "Other" }] })).savePathway.id;
    await already(carla.id, elsewhere, "MASTER_TRAINER");
    told(await bind(id));
    await becomes(() => learners(berta, id), idsIn(ana));
    expect(await shown(carla.id)).toBe("MASTER_TRAINER");
    expect(await learners(carla, id)).toBe("");
    told(await savePathway({ id, binding: false }));
    await becomes(() => learners(carla, id), idsIn(ana));
    await supervised(carla, berta, id, "MULTIPLIER");
    await supervised(berta, ana, id, "MULTIPLIER");
    // Who supervised Berta is not for Carla to know; who supervised herself she knows.
    expect(await learners(carla, id)).toBe(idsIn(ana));
    expect(await learners(berta, id)).toBe("");
  });
});

describe("whoever leaves", () => {
  test("takes what they did and reached with them; what others counted by it stays, and names nobody", async () => {
    const id = await pathway({ levels: [{ level: "NATIONAL_TEAM", supervised: 1 }] });
    const master = await person("Maestra", "MASTER_TRAINER");
    const [ana, berta] = [await person("Ana"), await person("Berta")];
    for (const one of [ana, berta]) await supervised(one, master, id, "NATIONAL_TEAM");
    await already(ana.id, id, "MULTIPLIER");
    await already(berta.id, id, "MULTIPLIER");
    told(await ana.ask("mutation { eraseProfile }"));
    const kept = await everythingIn(node.databaseUrl, /^base\.(step|attainment|supervising)/);
    expect(kept).not.toContain(ana.id);
    expect(await supervision(master)).toMatchObject({
      sessions: 2,
      named: [{ practitioner: { id: berta.id } }],
    });
    expect([await stepsOf(ana), await reached(ana)]).toEqual([[], []]);

    await does(berta, "withdrawProfile");
    expect(await supervision(master)).toEqual({ sessions: 2, named: [] });
    told(await master.ask("mutation { eraseProfile }"));
    expect(await stepsOf(berta)).toMatchObject([{ state: "CONFIRMED", supervisor: null }]);
    expect((await progress(berta, id))[1]).toMatchObject({ supervised: { done: 1, asked: 1 } });
    expect(await supervision(master)).toEqual({ sessions: 0, named: [] });
  });

  test("a step is taken back by whose it is, and by nobody else", async () => {
    const id = await pathway();
    const [ana, berta] = [await person("Ana"), await person("Berta")];
    const { takeStep } = told(await take(ana, { kind: "PRACTICE", pathway: id, level: "TRAINER" }));
    const remove = (one: Person, step: string) =>
      one.ask("mutation ($step: ID!) { removeStep(step: $step) }", { step });
    expect((await remove(berta, takeStep.id)).text).toBe((await remove(berta, randomUUID())).text);
    expect(await stepsOf(ana)).toHaveLength(1);
    await remove(ana, takeStep.id);
    expect(await stepsOf(ana)).toEqual([]);
  });
});
