import { randomUUID } from "node:crypto";
import { ceiba } from "../seeds/cast.js";
import { readConfig } from "../src/config.js";
import type { Depth, LanguageUse, Proficiency, WorkRelation } from "../src/listing/tag.js";
import { readWeights } from "../src/matching/weights.js";
import { savePractitioners, saveVouches } from "../src/practitioners/practitioner.store.js";
import type { Practitioner, PractitionerFacts } from "../src/practitioners/practitioner.js";
import { newPerson } from "../src/practitioners/profile.js";
import { FoundBy015 } from "../src/storage/migrations/015-found-by.js";
import type { Audience } from "../src/visibility/audience.js";
import type { Fact } from "../src/visibility/project.js";
import { readVocabulary } from "../src/vocabulary/vocabulary.js";
import { seen } from "./eventually.js";
import { startTestNode, type Ask, type TestNode } from "./node.js";
import { Peer, person } from "./peer.js";

const ALL_SPECIALTIES = readVocabulary().specialties.all.map(({ code }) => code);
const NOW = new Date("2026-11-22T12:00:00Z");

/** What somebody says of themselves, to everybody unless it ends with an audience in brackets: "PAID (MEMBERS)". */
type Told = {
  readonly specialties: readonly string[];
  readonly languages: readonly string[];
  readonly regions: readonly string[];
  readonly delivery?: readonly string[];
  readonly formats?: readonly string[];
  readonly communities?: readonly string[];
  readonly level?: string;
  readonly cost?: string;
  readonly followUp?: string;
  readonly available?: string;
  readonly seeks?: readonly string[];
  readonly verified?: string;
  readonly entry?: Audience;
};

/** A directory in which everybody is somebody's best answer. */
const people: Readonly<Record<string, Told>> = {
  Ana: {
    specialties: ["digital.organizational-security EXPERT", "psychosocial.self-care PRACTISED"],
    languages: ["es NATIVE", "quc FLUENT INTERPRET"],
    regions: ["WORKS_IN GT", "BASED_IN GT-09"],
    delivery: ["IN_PERSON", "REMOTE"],
    formats: ["WORKSHOP", "ACCOMPANIMENT"],
    communities: ["INDIGENOUS", "WOMEN"],
    level: "TRAINER",
    cost: "SLIDING_SCALE",
    followUp: "true",
    available: "ACCEPTING 2027-03-01 2027-04-30",
    seeks: ["legal.detention"],
    verified: "2026-11-01",
  },
  Bea: {
    specialties: ["digital.organizational-security PRACTISED"],
    languages: ["es NATIVE"],
    regions: ["TRAVELS_TO 013"],
    delivery: ["IN_PERSON"],
    level: "MASTER_TRAINER",
    cost: "PAID",
    followUp: "false",
    available: "ACCEPTING",
    verified: "2026-03-01",
  },
  Caro: {
    specialties: ["digital.organizational-security EXPERT"],
    languages: ["es NATIVE"],
    regions: ["REMOTE_TO 419"],
    cost: "PRO_BONO",
  },
  Dora: {
    specialties: ["psychosocial.trauma EXPERT"],
    languages: ["quc NATIVE"],
    regions: ["WORKS_IN GT"],
    delivery: ["IN_PERSON"],
    available: "NOT_ACCEPTING (MEMBERS)",
    followUp: "true",
  },
  Eva: {
    specialties: ["digital.malware"],
    languages: ["es-MX FLUENT"],
    regions: ["WORKS_IN MX"],
    delivery: ["IN_PERSON", "REMOTE"],
    cost: "PRO_BONO (MEMBERS)",
    level: "TRAINER (MEMBERS)",
    communities: ["JOURNALISTS (MEMBERS)"],
    verified: "2026-11-20",
  },
  Fio: {
    specialties: ["legal.detention EXPERT"],
    languages: ["en NATIVE", "es BASIC"],
    regions: ["WORKS_IN 419"],
    delivery: ["REMOTE"],
    available: "NOT_ACCEPTING - 2027-01-31",
  },
  Gil: {
    specialties: ["legal.detention PRACTISED"],
    languages: ["es WORKING", "ckb NATIVE"],
    regions: ["REMOTE_TO 001"],
    delivery: ["REMOTE"],
    formats: ["RAPID_RESPONSE"],
    level: "MULTIPLIER",
    cost: "EXPENSES_ONLY",
    available: "WAITLIST",
    seeks: ["digital"],
  },
  Hugo: {
    specialties: ["legal.detention EXPERT", "psychosocial.self-care INTRODUCTORY"],
    languages: ["ku NATIVE", "ar FLUENT"],
    regions: ["WORKS_IN IQ"],
    delivery: ["IN_PERSON"],
    cost: "EXPENSES_ONLY",
    available: "ASSESS_FIRST 2026-11-01 2026-12-31",
    seeks: ["digital.organizational-security"],
    verified: "2026-10-01",
  },
  Iris: {
    specialties: [
      "digital.organizational-security EXPERT",
      "psychosocial.trauma EXPERT",
      "legal.detention EXPERT",
    ],
    languages: ["es NATIVE", "quc NATIVE"],
    regions: ["WORKS_IN GT", "BASED_IN GT-09"],
    delivery: ["IN_PERSON", "REMOTE"],
    level: "MASTER_TRAINER",
    cost: "PRO_BONO",
    followUp: "true",
    available: "ACCEPTING",
    seeks: ["psychosocial.self-care"],
    verified: "2026-11-20",
    entry: "MEMBERS",
  },
};

let node: TestNode;
let member: Ask;
const ids = new Map<string, string>();

beforeAll(async () => {
  node = await startTestNode(null, {}, () => NOW);
  member = (await node.signedIn("PRACTITIONER")).ask;
  await save(Object.entries(people).map(([alias, told]) => personOf(alias, told)));
  await vouch("Caro", "Ana", "Bea");
  await seen(async () => (await match(security, { ask: member })).totalCount, 4);
});

afterAll(() => node.close());

// ── whom a need finds ───────────────────────────────────────────────────────────────────────────────────────────────

type Need = Readonly<Record<string, unknown>>;
type Case = {
  readonly need: string;
  readonly asked: Need;
  readonly as?: "member";
  /** Best first. */
  readonly finds: readonly string[];
  readonly not: Readonly<Record<string, string>>;
};

const orgSecurity = { code: "digital.organizational-security" };
const detention = { code: "legal.detention" };
const trauma = { code: "psychosocial.trauma" };
const selfCare = { code: "psychosocial.self-care" };
const security = { specialties: [orgSecurity], languages: ["es"] };
const inGuatemala = { ...security, region: "GT" };
const inMarch = { from: "2027-03-10", until: "2027-03-20" };

const cases: readonly Case[] = [
  {
    need: "organizational security, in Spanish, anywhere",
    asked: security,
    finds: ["Ana", "Caro", "Bea"],
    not: { Dora: "does other work", Iris: "is listed for members alone" },
  },
  {
    need: "the same, asked by a member",
    asked: security,
    as: "member",
    finds: ["Iris", "Ana", "Caro", "Bea"],
    not: { Dora: "does other work" },
  },
  {
    need: "anything digital, in Spanish: a broader code finds the narrower",
    asked: { specialties: [{ code: "digital" }], languages: ["es"] },
    finds: ["Ana", "Caro", "Bea", "Eva"],
    not: { Gil: "only seeks it" },
  },
  {
    need: "encryption: a narrower code does not find the broader",
    asked: { specialties: [{ code: "digital.encryption" }], languages: ["es"] },
    finds: [],
    not: { Ana: "works in something else below digital" },
  },
  {
    need: "organizational security by an expert",
    asked: { ...security, specialties: [{ ...orgSecurity, depthAtLeast: "EXPERT" }] },
    finds: ["Ana", "Caro"],
    not: { Bea: "has practised it and is no expert" },
  },
  {
    need: "malware by somebody who has practised it",
    asked: { specialties: [{ code: "digital.malware", depthAtLeast: "PRACTISED" }], languages: ["es"] },
    finds: [],
    not: { Eva: "has not said how deep her practice goes, and unknown is not yes" },
  },
  {
    need: "organizational security and self-care in one person",
    asked: { ...security, specialties: [orgSecurity, selfCare] },
    finds: ["Ana"],
    not: { Bea: "brings one of the two", Caro: "brings one of the two" },
  },
  {
    need: "organizational security, with self-care if possible",
    asked: { ...security, specialties: [orgSecurity, { ...selfCare, required: false }] },
    finds: ["Ana", "Caro", "Bea"],
    not: { Hugo: "brings only what was not required" },
  },
  {
    need: "organizational security in K'iche'",
    asked: { ...security, languages: ["quc"] },
    finds: ["Ana"],
    not: { Caro: "speaks no K'iche'", Iris: "is listed for members alone" },
  },
  {
    need: "in K'iche', and not only to get by: native speakers",
    asked: { ...security, languages: ["quc"], languageAtLeast: "NATIVE" },
    finds: [],
    not: { Ana: "is fluent and did not grow up with it" },
  },
  {
    need: "detention, in K'iche' or Spanish",
    asked: { specialties: [detention], languages: ["quc", "es"] },
    finds: ["Gil"],
    not: { Fio: "has only basic Spanish", Hugo: "speaks neither" },
  },
  {
    need: "detention, with Spanish enough for simple conversation",
    asked: { specialties: [detention], languages: ["es"], languageAtLeast: "BASIC" },
    finds: ["Gil"],
    not: { Fio: "takes no new work until January" },
  },
  {
    need: "malware in Spanish: es is met by es-MX",
    asked: { specialties: [{ code: "digital.malware" }], languages: ["es"] },
    finds: ["Eva"],
    not: { Ana: "does other work" },
  },
  {
    need: "malware in the Spanish of Guatemala: es-GT is not met by es-MX",
    asked: { specialties: [{ code: "digital.malware" }], languages: ["es-GT"] },
    finds: [],
    not: { Eva: "speaks another variety" },
  },
  {
    need: "detention in Kurmanji: ku is not ckb",
    asked: { specialties: [detention], languages: ["ku"] },
    finds: ["Hugo"],
    not: { Gil: "speaks Sorani" },
  },
  {
    need: "detention in Sorani",
    asked: { specialties: [detention], languages: ["ckb"] },
    finds: ["Gil"],
    not: { Hugo: "speaks Kurmanji" },
  },
  {
    need: "somebody for Guatemala: there before travelling before from afar",
    asked: inGuatemala,
    finds: ["Ana", "Bea", "Caro"],
    not: { Iris: "is listed for members alone" },
  },
  {
    need: "somebody for Guatemala, near or far",
    asked: { ...inGuatemala, preferLocal: false },
    finds: ["Ana", "Caro", "Bea"],
    not: {},
  },
  {
    need: "somebody who comes to Guatemala",
    asked: { ...inGuatemala, delivery: "IN_PERSON" },
    finds: ["Ana", "Bea"],
    not: { Caro: "helps from afar" },
  },
  {
    need: "somebody who helps Guatemala from afar",
    asked: { ...inGuatemala, delivery: "REMOTE" },
    finds: ["Ana", "Caro"],
    not: { Bea: "works in person only" },
  },
  {
    need: "somebody who works remotely, wherever it is",
    asked: { ...security, delivery: "REMOTE" },
    finds: ["Ana", "Caro"],
    not: { Bea: "works in person only" },
  },
  {
    need: "somebody for a part of Guatemala",
    asked: { ...security, region: "GT-10", delivery: "IN_PERSON" },
    finds: ["Ana", "Bea"],
    not: { Caro: "helps from afar" },
  },
  {
    need: "somebody for all of Central America",
    asked: { ...security, region: "013" },
    finds: ["Bea", "Caro"],
    not: { Ana: "works in Guatemala, which is not all of it" },
  },
  {
    need: "somebody for Mexico",
    asked: { specialties: [{ code: "digital" }], languages: ["es"], region: "MX" },
    finds: ["Bea", "Caro", "Eva"],
    not: { Ana: "works in Guatemala" },
  },
  {
    need: "being based somewhere is not working there: self-care in GT-09 by somebody of Iraq",
    asked: { specialties: [selfCare], languages: ["ar"], region: "GT-09" },
    finds: [],
    not: { Hugo: "works in Iraq" },
  },
  {
    need: "somebody who can come in March",
    asked: { ...inGuatemala, ...inMarch },
    finds: ["Ana", "Bea"],
    not: { Caro: "has not said whether she has time, and unknown is not yes" },
  },
  {
    need: "somebody who can come in March, or of whom that is unknown",
    asked: { ...inGuatemala, ...inMarch, orUnknown: ["DATES"] },
    finds: ["Ana", "Bea", "Caro"],
    not: {},
  },
  {
    need: "somebody who can come before March",
    asked: { ...inGuatemala, from: "2027-01-10", until: "2027-02-20" },
    finds: ["Bea"],
    not: { Ana: "has time from March on" },
  },
  {
    need: "somebody who can come from April on, for as long as it takes",
    asked: { ...inGuatemala, from: "2027-04-20" },
    finds: ["Ana", "Bea"],
    not: { Caro: "has not said" },
  },
  {
    need: "somebody who can come by the end of the year",
    asked: { specialties: [detention], languages: ["ku", "es"], until: "2026-12-31" },
    finds: ["Hugo"],
    not: { Gil: "keeps a waiting list", Fio: "takes no new work" },
  },
  {
    need: "trauma in K'iche': that she takes no work is hidden from the public",
    asked: { specialties: [trauma], languages: ["quc"] },
    finds: ["Dora"],
    not: {},
  },
  {
    need: "trauma in K'iche', asked by a member, who sees that she takes no work",
    asked: { specialties: [trauma], languages: ["quc"] },
    as: "member",
    finds: ["Iris"],
    not: { Dora: "takes no new work" },
  },
  {
    need: "somebody who asks for nothing but what it costs to come",
    asked: { ...security, maxCost: "EXPENSES_ONLY" },
    finds: ["Caro"],
    not: { Ana: "asks for what people can afford", Bea: "asks for a fee" },
  },
  {
    need: "malware for nothing",
    asked: { specialties: [{ code: "digital.malware" }], languages: ["es"], maxCost: "PRO_BONO" },
    finds: [],
    not: { Eva: "shows what she asks for to members alone" },
  },
  {
    need: "malware for nothing, asked by a member",
    asked: { specialties: [{ code: "digital.malware" }], languages: ["es"], maxCost: "PRO_BONO" },
    as: "member",
    finds: ["Eva"],
    not: {},
  },
  {
    need: "somebody who trains trainers",
    asked: { ...security, levelAtLeast: "MASTER_TRAINER" },
    finds: ["Bea"],
    not: { Ana: "is a trainer", Caro: "has not said how far she has come" },
  },
  {
    need: "nobody of this network",
    asked: { ...security, notNetworks: ["OWN"] },
    finds: [],
    not: { Ana: "belongs to it" },
  },
  {
    need: "digital work for journalists: whom somebody has worked with is shown to members",
    asked: {
      specialties: [{ code: "digital" }],
      languages: ["es"],
      region: "MX",
      communities: ["JOURNALISTS"],
      delivery: "IN_PERSON",
    },
    as: "member",
    finds: ["Bea", "Eva"],
    not: { Ana: "works in Guatemala" },
  },
  {
    need: "follow-up asked for: who comes back comes first",
    asked: { ...security, followUp: true, formats: ["WORKSHOP"] },
    finds: ["Ana", "Caro", "Bea"],
    not: {},
  },
  {
    need: "detention, urgently: who helps at short notice comes first",
    asked: { specialties: [detention], languages: ["es", "ku"], urgent: true },
    finds: ["Gil", "Hugo"],
    not: { Fio: "takes no new work" },
  },
];

describe("a need finds exactly those who fit", () => {
  test.each(cases)("$need", async ({ asked, as, finds, not }) => {
    const answer = await match(asked, { ask: as === "member" ? member : node.ask });
    const names = answer.matches.map(({ practitioner }) => practitioner.alias);
    expect({ names, total: answer.totalCount }).toEqual({ names: finds, total: finds.length });
    expect(Object.keys(not).filter((name) => names.includes(name))).toEqual([]);
    for (const { score, reasons } of answer.matches) {
      expect(score).toBe(reasons.reduce((sum, { points }) => sum + points, 0));
      for (const { points } of reasons) expect(points).toBeGreaterThan(0);
    }
  });
});

// ── why ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

describe("a reason", () => {
  test("says what it counts for, and all of them add up to the score", async () => {
    const need = {
      ...inGuatemala,
      ...inMarch,
      languages: ["quc"],
      communities: ["WOMEN"],
      formats: ["WORKSHOP"],
    };
    const [ana] = (await match(need)).matches;
    expect(ana?.reasons.map(({ code, points, text }) => `${code} ${points}: ${text}`)).toEqual([
      "SPECIALTY 36: Organizational security: expert",
      "PRESENCE 24: Works in this region: Guatemala",
      "LANGUAGE 9: Kʼicheʼ: fluent",
      "FOLLOW_UP 10: Comes back to follow up",
      "COMMUNITY 9: Has experience of working with women",
      "FORMAT 8: Offers workshops",
      "AVAILABILITY 8: Takes new work on all of these days",
      "CONFIRMED 6: Confirmed within the last three months",
    ]);
    expect(ana?.score).toBe(110);
  });

  test("is told in the six languages of the pages, and in English where it is asked for in another", async () => {
    const { data } = await node.ask<{ match: { matches: { reasons: Record<string, string>[] }[] } }>(
      `query ($need: NeedInput!) { match(need: $need, first: 1) { matches { reasons {
        en: text es: text(in: "es-GT") fr: text(in: "fr") ar: text(in: "ar") ru: text(in: "ru") pt: text(in: "pt-BR") de: text(in: "de") } } } }`,
      { need: { ...inGuatemala, languages: ["es"] } },
    );
    const [skill, place] = data.match.matches[0]?.reasons ?? [];
    expect(skill).toMatchObject({
      en: "Organizational security: expert",
      es: "Seguridad organizacional: a fondo",
      de: "Organizational security: expert",
    });
    expect(place).toMatchObject({
      es: "Trabaja en esta región: Guatemala",
      fr: "Travaille dans cette région : Guatemala",
      ar: "العمل في هذه المنطقة: غواتيمالا",
      ru: "Работает в этом регионе: Гватемала",
      pt: "Trabalha nesta região: Guatemala",
    });
  });

  test("for being based there is told to those who see where somebody is based, and to nobody else", async () => {
    const told = async (ask: Ask) =>
      (await match({ ...inGuatemala, languages: ["quc"] }, { ask })).matches
        .find(({ practitioner }) => practitioner.alias === "Ana")
        ?.reasons.filter(({ code }) => code === "PRESENCE")
        .map(({ text }) => text);
    expect(await told(node.ask)).toEqual(["Works in this region: Guatemala"]);
    expect(await told(member)).toEqual(["Is based in this region: Guatemala"]);
  });

  test("for others standing behind somebody counts by the band alone, where it is shown", async () => {
    const vouched = async (ask: Ask) =>
      (await match(security, { ask })).matches.flatMap(({ reasons }) =>
        reasons.filter(({ code }) => code === "VOUCHED").map(({ text }) => text),
      );
    expect(await vouched(node.ask)).toEqual([]);
    expect(await vouched(member)).toEqual(["A few colleagues stand behind them"]);
  });
});

test("a node weighs reasons as its configuration says, and a mistake there is a sentence", async () => {
  const asked = { need: { specialties: [{ code: "digital" }], languages: ["es"] }, first: 9 };
  const answered = async (weights: string) => {
    const { matchWeights } = readConfig({ MATCH_WEIGHTS: weights });
    const weighing = await startTestNode(ceiba, { matchWeights }, () => NOW);
    const { data } = await weighing.ask<{ match: Matched }>(MATCH, asked);
    await weighing.close();
    const pointsFor = ({ reasons }: Matched["matches"][number]) =>
      reasons.filter(({ code }) => code === "SPECIALTY" || code === "FOLLOW_UP").map(({ points }) => points);
    return data.match.matches.map((one) => `${one.practitioner.alias} ${pointsFor(one).join(" ")}`);
  };
  const usual = await answered("{}");
  expect(usual).toContain("Quetzal 36 10");
  const other = await answered('{"expert": 50, "followUp": 0, "introductory": 50, "depthUntold": 50}');
  expect(other).toContain("Quetzal 50");
  expect(other.map(nameIn)).not.toEqual(usual.map(nameIn));
  expect(other.map(nameIn).toSorted()).toEqual(usual.map(nameIn).toSorted());
  for (const wrong of [{ expret: 1 }, { expert: 0.5 }, { expert: -1 }, [], 7])
    expect(() => readWeights(wrong)).toThrow(/MATCH_WEIGHTS cannot be used: it is JSON such as/);
  expect(() => readConfig({ MATCH_WEIGHTS: "{expert: 1}" })).toThrow("MATCH_WEIGHTS is no JSON.");
});

const nameIn = (line: string): string => line.split(" ")[0] ?? "";

// ── advice ──────────────────────────────────────────────────────────────────────────────────────────────────────────

describe("where nobody fits", () => {
  test("advice says what to relax and how many that brings, and each advice holds when it is taken", async () => {
    const { advice } = await match({
      ...inGuatemala,
      from: "2027-01-10",
      until: "2027-01-20",
      delivery: "REMOTE",
    });
    expect(advice).toContainEqual({
      relax: "Accept those of whom you cannot see whether they have time (orUnknown: DATES)",
      would: 1,
    });
    expect(advice).toContainEqual({ relax: "Leave out the dates", would: 2 });
    expect(
      await found({
        ...inGuatemala,
        from: "2027-01-10",
        until: "2027-01-20",
        delivery: "REMOTE",
        orUnknown: ["DATES"],
      }),
    ).toEqual(["Caro"]);
    expect(await found({ ...inGuatemala, delivery: "REMOTE" })).toHaveLength(2);
  });

  test("each required specialty is named by itself, with the broader one and without the depth", async () => {
    const { advice } = await match({
      specialties: [orgSecurity, { code: "digital.malware", depthAtLeast: "EXPERT" }],
      languages: ["es"],
    });
    const told = advice.map(({ relax, would }) => `${relax}: ${would}`);
    expect(told).toContain("Leave out Malware: 3");
    expect(told).toContain("Accept any specialty below Digital security: 2");
  });

  test("what somebody shows to nobody who asks is not counted in advice", async () => {
    const need = {
      specialties: [{ code: "digital.malware" }],
      languages: ["es"],
      levelAtLeast: "TRAINER",
      region: "BZ",
    };
    for (const { would } of (await match(need)).advice) expect(would).toBeLessThanOrEqual(1);
  });
});

// ── teams ───────────────────────────────────────────────────────────────────────────────────────────────────────────

describe("a team", () => {
  test("is the smallest that covers everything, and says who brings what", async () => {
    const result = await teams({ specialties: [orgSecurity, detention], languages: ["es"] });
    expect(result.smallestSize).toBe(2);
    expect(result.uncovered).toEqual([]);
    expect(result.teams.map(plainTeam)).toEqual([
      "es: Ana (digital.organizational-security) + Gil (legal.detention)",
      "es: Caro (digital.organizational-security) + Gil (legal.detention)",
      "es: Bea (digital.organizational-security) + Gil (legal.detention)",
    ]);
  });

  test("is worth the sum of what its members would be worth each alone, and those worth most come first", async () => {
    const alone = new Map<string, number>();
    for (const specialties of [[orgSecurity], [detention]])
      for (const { practitioner, score } of (await match({ ...security, specialties })).matches)
        alone.set(practitioner.alias, score);
    const scored = (await teams({ ...security, specialties: [orgSecurity, detention] })).teams.map(
      ({ members, score }) => [members.map(({ practitioner }) => practitioner.alias).join(" + "), score],
    );
    const worth = (...aliases: readonly string[]) =>
      aliases.reduce((sum, alias) => sum + (alone.get(alias) ?? 0), 0);
    expect(new Set(alone.values()).size).toBe(4);
    expect(scored).toEqual([
      ["Ana + Gil", worth("Ana", "Gil")],
      ["Caro + Gil", worth("Caro", "Gil")],
      ["Bea + Gil", worth("Bea", "Gil")],
    ]);
    expect(scored.map(([, score]) => Number(score))).toEqual(
      scored.map(([, score]) => Number(score)).toSorted((one, other) => other - one),
    );
  });

  test("is one person where one brings it all", async () => {
    const result = await teams({ specialties: [orgSecurity, selfCare], languages: ["es"] });
    expect(result.teams.map(plainTeam)).toEqual([
      "es: Ana (digital.organizational-security, psychosocial.self-care)",
    ]);
    expect(result.smallestSize).toBe(1);
  });

  test("talks through an interpreter where its members share no language", async () => {
    // Ana speaks Spanish and interprets from K'iche', which is all that Dora speaks.
    const result = await teams({ specialties: [orgSecurity, trauma], languages: ["es"] });
    expect(result.teams.map(plainTeam)).toEqual([
      "es, Ana interprets: Ana (digital.organizational-security) + Dora (psychosocial.trauma)",
    ]);
    const inKiche = await teams({ specialties: [orgSecurity, trauma], languages: ["quc"] });
    expect(inKiche.teams.map(plainTeam)).toEqual([
      "quc: Ana (digital.organizational-security) + Dora (psychosocial.trauma)",
    ]);
  });

  test("has no member who says that they take no new work, as far as that is shown", async () => {
    const need = { specialties: [orgSecurity, trauma], languages: ["quc"] };
    expect((await teams(need, { ask: member })).teams.map(plainTeam)).toEqual([
      "quc: Iris (digital.organizational-security, psychosocial.trauma)",
    ]);
  });

  test("covers what can be covered, and what nobody brings is named", async () => {
    const result = await teams({
      specialties: [
        orgSecurity,
        { code: "legal.asylum" },
        { code: "digital.malware", depthAtLeast: "EXPERT" },
      ],
      languages: ["es"],
    });
    expect(result.uncovered).toEqual(["legal.asylum", "digital.malware"]);
    expect(result.smallestSize).toBe(1);
    expect(result.teams.map(plainTeam)[0]).toBe("es: Ana (digital.organizational-security)");
  });

  test("that is too large is not shown, and its size is told", async () => {
    const need = { specialties: [orgSecurity, detention, { code: "digital.malware" }], languages: ["es"] };
    expect(await teams(need, { maxSize: 2 })).toEqual({ teams: [], smallestSize: 3, uncovered: [] });
    expect((await teams(need, { maxSize: 3 })).teams).toHaveLength(3);
    const apart = { specialties: [trauma, { code: "digital.malware" }], languages: ["quc"] };
    expect(await teams(apart)).toEqual({ teams: [], smallestSize: null, uncovered: [] });
  });

  test("each member meets region, dates and cost", async () => {
    const need = { specialties: [orgSecurity, detention], languages: ["es"] };
    expect((await teams({ ...need, ...inMarch })).uncovered).toEqual(["legal.detention"]);
    expect((await teams({ ...need, maxCost: "EXPENSES_ONLY" })).teams.map(plainTeam)).toEqual([
      "es: Caro (digital.organizational-security) + Gil (legal.detention)",
    ]);
    expect((await teams({ ...need, region: "MX" })).teams.map(plainTeam).toSorted()).toEqual([
      "es: Bea (digital.organizational-security) + Gil (legal.detention)",
      "es: Caro (digital.organizational-security) + Gil (legal.detention)",
    ]);
  });
});

// ── exchanges ───────────────────────────────────────────────────────────────────────────────────────────────────────

describe("an exchange", () => {
  test("is between two who each work in what the other seeks, as far as both show it", async () => {
    // What people seek is shown to members unless they say otherwise.
    expect(await exchanges(node.ask)).toEqual([]);
    const all = await exchanges(member);
    expect(all.map((pair) => pair.split(" and ").toSorted().join(" and ")).toSorted()).toEqual([
      "Ana: digital and Gil: legal.detention",
      "Ana: digital.organizational-security and Hugo: legal.detention",
      "Ana: psychosocial.self-care and Iris: legal.detention",
      "Hugo: psychosocial.self-care and Iris: digital.organizational-security",
    ]);
  });

  test("of one practitioner begins with them, and of an id that is not there is none", async () => {
    const ofGil = await exchanges(member, ids.get("Gil"));
    expect(ofGil).toEqual(["Gil: legal.detention and Ana: digital"]);
    expect(await exchanges(node.ask, ids.get("Gil"))).toEqual([]);
    expect(await exchanges(member, randomUUID())).toEqual([]);
    // All belong to this network: there is nobody of another.
    expect(await exchanges(member, await ownNetwork())).toEqual([]);
  });

  test("of a network is between somebody of it, who stands first, and somebody of another", async () => {
    const peer = await new Peer(node, randomUUID(), "Red Yaraví").introduce();
    await peer.hear(NOW);
    const theirs = [
      person(peer, "Sirio", { specialty: "legal.detention", seeks: ["psychosocial.self-care"] }),
      person(peer, "Vega", { specialty: "psychosocial.self-care", seeks: ["legal.detention"] }),
    ];
    await peer.share(theirs);
    const ofPeer = async () => (await exchanges(member, peer.id)).toSorted().join("\n");
    await seen(
      ofPeer,
      "Sirio: legal.detention and Ana: psychosocial.self-care\nVega: psychosocial.self-care and Iris: legal.detention",
    );
    // What ours seek is shown to members alone, and the two peers are of one network.
    expect(await exchanges(node.ask, peer.id)).toEqual([]);
    expect((await exchanges(member, await ownNetwork())).toSorted()).toEqual([
      "Ana: psychosocial.self-care and Sirio: legal.detention",
      "Iris: legal.detention and Vega: psychosocial.self-care",
    ]);
    await peer.share(theirs.map((one) => ({ ...one, listings: [] })));
    await seen(ofPeer, "");
  });
});

// ── what is hidden ──────────────────────────────────────────────────────────────────────────────────────────────────

test("what somebody hides from the public moves no answer of the public: no total, order, score, reason, advice or team", async () => {
  const everything = async (): Promise<readonly string[]> => {
    const answers: string[] = [];
    for (const { asked } of cases) {
      const need = await withNetwork(asked);
      answers.push((await node.ask(MATCH, { need, first: 10 })).text);
      answers.push((await node.ask(TEAMS, { need, maxSize: 4 })).text);
    }
    answers.push((await node.ask(EXCHANGES, {})).text);
    return answers;
  };
  const before = await everything();
  const hidden: Readonly<Record<string, Partial<Told>>> = {
    Ana: { seeks: ["digital.malware", "digital"] },
    Dora: { available: "ACCEPTING (MEMBERS)" },
    Eva: { cost: "PAID (MEMBERS)", level: "MULTIPLIER (MEMBERS)", communities: ["WOMEN (MEMBERS)"] },
    Iris: { specialties: ["digital.malware EXPERT", "digital.encryption EXPERT", "legal.asylum EXPERT"] },
  };
  await save(Object.entries(hidden).map(([alias, told]) => personOf(alias, { ...people[alias]!, ...told })));
  const asylum = { specialties: [{ code: "legal.asylum" }], languages: ["es"] };
  await seen(async () => (await match(asylum, { ask: member })).totalCount, 1);
  expect(await everything()).toEqual(before);
  await save(Object.entries(people).map(([alias, told]) => personOf(alias, told)));
});

// ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────────────

describe("a need that cannot be asked", () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => ALL_SPECIALTIES[at]);
  test.each([
    ["no specialty", { specialties: [] }, ["need", "specialties"]],
    ["no language", { languages: [] }, ["need", "languages"]],
    [
      "a specialty there is none of",
      { specialties: [{ code: "digital.nothing" }] },
      ["need", "specialties", 0, "code"],
    ],
    ["a specialty twice", { specialties: [orgSecurity, orgSecurity] }, ["need", "specialties", 1, "code"]],
    ["a language there is none of", { languages: ["es", "xx"] }, ["need", "languages", 1]],
    ["a region there is none of", { region: "QQ" }, ["need", "region"]],
    ["a community there is none of", { communities: ["WOMEN", "PIRATES"] }, ["need", "communities", 1]],
    ["days that end before they begin", { from: "2027-02-01", until: "2027-01-01" }, ["need", "until"]],
    ["a network that is no id", { notNetworks: ["here"] }, ["need", "notNetworks", 0]],
    [
      "eleven required specialties",
      { specialties: many(11).map((code) => ({ code })) },
      ["need", "specialties"],
    ],
    [
      "twenty-one specialties",
      { specialties: many(21).map((code) => ({ code, required: false })) },
      ["need", "specialties"],
    ],
    ["eleven languages", { languages: "es en fr ar ru pt de it nl sw hi".split(" ") }, ["need", "languages"]],
  ])("is refused with the place of what is wrong: %s", async (_, wrong, path) => {
    for (const query of [MATCH, TEAMS]) {
      const answer = await node.ask(query, { need: { ...security, ...wrong }, first: 3, maxSize: 3 });
      expect(answer.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", path });
    }
  });

  test("nor can more be answered, or larger teams made, than is said", async () => {
    const refused = async (question: string): Promise<unknown> =>
      (await node.ask(question, { need: security })).errors?.[0]?.extensions?.["path"];
    const ask = (field: string) => refused(`query ($need: NeedInput!) { ${field} { __typename } }`);
    expect(await ask("match(need: $need, first: 51)")).toEqual(["first"]);
    expect(await ask("teams(need: $need, first: 21)")).toEqual(["first"]);
    expect(await ask("teams(need: $need, maxSize: 7)")).toEqual(["maxSize"]);
    expect(await ask("teams(need: $need, maxSize: 0)")).toEqual(["maxSize"]);
    expect(await refused("{ exchanges(first: 51) { __typename } }")).toEqual(["first"]);
  });
});

// ── verbs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

type Matched = {
  readonly totalCount: number;
  readonly matches: readonly {
    readonly practitioner: { readonly alias: string };
    readonly score: number;
    readonly reasons: readonly { readonly code: string; readonly points: number; readonly text: string }[];
  }[];
  readonly advice: readonly { readonly relax: string; readonly would: number }[];
};

const MATCH = `query ($need: NeedInput!, $first: Int) { match(need: $need, first: $first) {
  totalCount matches { practitioner { alias } score reasons { code points text } } advice { relax would } } }`;

async function match(need: Need, { ask = node.ask }: { readonly ask?: Ask } = {}): Promise<Matched> {
  const { data, errors, text } = await ask<{ match: Matched }>(MATCH, { need: await withNetwork(need) });
  if (errors !== undefined) throw new Error(text);
  return data.match;
}

async function found(need: Need, how: { readonly ask?: Ask } = {}): Promise<readonly string[]> {
  return (await match(need, how)).matches.map(({ practitioner }) => practitioner.alias);
}

async function withNetwork(need: Need): Promise<Need> {
  return "notNetworks" in need && String(need["notNetworks"]) === "OWN"
    ? { ...need, notNetworks: [await ownNetwork()] }
    : need;
}

async function ownNetwork(): Promise<string> {
  return (await node.ask<{ network: { id: string } }>("{ network { id } }")).data.network.id;
}

type AnsweredTeam = {
  readonly members: readonly {
    readonly practitioner: { readonly alias: string };
    readonly covers: readonly string[];
  }[];
  readonly sharedLanguage: string;
  readonly interpreter: string | null;
  readonly score: number;
};

const TEAMS = `query ($need: NeedInput!, $maxSize: Int) { teams(need: $need, maxSize: $maxSize) {
  smallestSize uncovered { code }
  teams { score sharedLanguage { tag } interpreter { alias } members { practitioner { alias } covers { code } } } } }`;

async function teams(
  need: Need,
  { ask = node.ask, maxSize = 4 }: { readonly ask?: Ask; readonly maxSize?: number } = {},
) {
  type Raw = {
    readonly smallestSize: number | null;
    readonly uncovered: readonly { readonly code: string }[];
    readonly teams: readonly {
      readonly score: number;
      readonly sharedLanguage: { readonly tag: string };
      readonly interpreter: { readonly alias: string } | null;
      readonly members: readonly {
        readonly practitioner: { readonly alias: string };
        readonly covers: readonly { readonly code: string }[];
      }[];
    }[];
  };
  const { data, errors, text } = await ask<{ teams: Raw }>(TEAMS, { need, maxSize });
  if (errors !== undefined) throw new Error(text);
  return {
    smallestSize: data.teams.smallestSize,
    uncovered: data.teams.uncovered.map(({ code }) => code),
    teams: data.teams.teams.map((team) => ({
      score: team.score,
      sharedLanguage: team.sharedLanguage.tag,
      interpreter: team.interpreter?.alias ?? null,
      members: team.members.map(({ practitioner, covers }) => ({
        practitioner,
        covers: covers.map(({ code }) => code),
      })),
    })),
  };
}

function plainTeam({ members, sharedLanguage, interpreter }: AnsweredTeam): string {
  const who = members.map(({ practitioner, covers }) => `${practitioner.alias} (${covers.join(", ")})`);
  return `${sharedLanguage}${interpreter === null ? "" : `, ${interpreter} interprets`}: ${who.join(" + ")}`;
}

const EXCHANGES = `query ($for: ID) { exchanges(for: $for) {
  one { alias } other { alias } oneOffers { code } otherOffers { code } } }`;

async function exchanges(ask: Ask, whose?: string): Promise<readonly string[]> {
  type Code = { readonly code: string };
  type Pair = {
    readonly one: { readonly alias: string };
    readonly other: { readonly alias: string };
    readonly oneOffers: readonly Code[];
    readonly otherOffers: readonly Code[];
  };
  const { data } = await ask<{ exchanges: readonly Pair[] }>(EXCHANGES, { for: whose });
  const codes = (offers: readonly Code[]) => offers.map(({ code }) => code).join(", ");
  return data.exchanges.map(
    ({ one, other, oneOffers, otherOffers }) =>
      `${one.alias}: ${codes(oneOffers)} and ${other.alias}: ${codes(otherOffers)}`,
  );
}

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

async function save(all: readonly Practitioner[]): Promise<void> {
  const { database, home } = node.ground;
  await database.transaction((tx) => savePractitioners(tx, home, all));
}

async function vouch(alias: string, ...by: readonly string[]): Promise<void> {
  const { database, home } = node.ground;
  const idOf = (name: string) => ids.get(name) ?? "";
  const vouches = by.map((voucher) => ({
    practitioner: idOf(alias),
    voucher: idOf(voucher),
    given: "2026-11-01",
  }));
  await database.transaction((tx) => saveVouches(tx, home, vouches));
}

function personOf(alias: string, told: Told): Practitioner {
  const id = ids.get(alias) ?? randomUUID();
  ids.set(alias, id);
  const person = newPerson(id);
  const entry = told.entry ?? "PUBLIC";
  return {
    ...person,
    state: "LISTED",
    audience: entry,
    verified: told.verified ?? null,
    facts: { ...person.facts, alias: { value: alias, audience: "PUBLIC" }, ...factsOf(told) },
  };
}

function factsOf(told: Told): Partial<PractitionerFacts> {
  const one = <T>(text: string | undefined, read: (words: readonly string[]) => T): Fact<T> | null =>
    text === undefined ? null : fact(text, read);
  const list = <T>(texts: readonly string[] | undefined, read: (words: readonly string[]) => T) =>
    (texts ?? []).map((text) => fact(text, read));
  // What a test says is a code of its field.
  const word = (words: readonly string[]) => words[0] as never;
  return {
    specialties: list(told.specialties, ([specialty = "", depth]) => ({
      specialty,
      depth: (depth ?? null) as Depth | null,
    })),
    languages: list(told.languages, ([language = "", level, ...use]) => ({
      language,
      level: level as Proficiency,
      use: use as LanguageUse[],
    })),
    regions: told.regions.map((text) => {
      const [relation, region = ""] = text.split(" ");
      const audience = relation === "BASED_IN" ? "MEMBERS" : "PUBLIC";
      return { value: { relation: relation as WorkRelation, region }, audience };
    }),
    delivery: list(told.delivery, word),
    formats: list(told.formats, word),
    communities: list(told.communities, word),
    level: one(told.level, word),
    cost: one(told.cost, word),
    offersFollowUp: one(told.followUp, ([text]) => text === "true"),
    availability: one(told.available, ([status, from = "-", until = "-"]) => ({
      status: status as never,
      from: from === "-" ? null : from,
      until: until === "-" ? null : until,
      asOf: "2026-11-01",
    })),
    seeks: (told.seeks ?? []).map((value) => ({ value, audience: "MEMBERS" })),
  };
}

function fact<T>(text: string, read: (words: readonly string[]) => T): Fact<T> {
  const [, said = "", audience = "PUBLIC"] = /^(.*?)(?: \((\w+)\))?$/.exec(text) ?? [];
  return { value: read(said.split(" ")), audience: audience as Audience };
}

test("who was listed before there were needs is found by the same words once their database is migrated", async () => {
  const { database } = node.ground;
  const tags = () =>
    database.transaction((tx) =>
      tx.query<{ tags: string }[]>("select audience, id, tags from seen.listing order by audience, id"),
    );
  const now = await tags();
  for (const axis of ["availableFrom:", "availableUntil:", "vouches:"])
    expect(now.some((listing) => listing.tags.includes(axis))).toBe(true);
  await database.transaction(async (tx) => {
    const newer = "(^| )(availableFrom|availableUntil|vouches):[^ ]+";
    await tx.query(`update seen.listing set tags = ltrim(regexp_replace(tags, '${newer}', '', 'g'))`);
    const older = await tx.query<{ tags: string }[]>("select tags from seen.listing");
    expect(older.some((listing) => new RegExp(newer).test(listing.tags))).toBe(false);
    await new FoundBy015().up(tx.queryRunner!);
  });
  expect(await tags()).toEqual(now);
});
