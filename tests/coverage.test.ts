import { readConfig } from "../src/config.js";
import { publishNow } from "../src/coverage/coverage.store.js";
import type { CoverageTerms } from "../src/coverage/epoch.js";
import { PAGE_LOCALES } from "../src/vocabulary/locale.js";
import { cadre } from "./command.js";
import { arrive, everybodyLeaves, leave, publishGuide, say } from "./coverage/people.js";
import { currentVersion, listed } from "./entries.js";
import { seen } from "./eventually.js";
import { askAt, keyFile, startTestNode, type Ask, type TestNode } from "./node.js";

type Cell = {
  readonly specialty: { readonly code: string } | null;
  readonly region: { readonly code: string } | null;
  readonly language: { readonly tag: string } | null;
  readonly practitioners: string;
  readonly remote: string;
  readonly resources: string;
  readonly unmetNeeds: string;
  readonly mayBeNone: boolean;
};
type Report = {
  readonly epoch: string;
  readonly next: string;
  readonly cells: readonly Cell[];
  readonly gaps: readonly {
    readonly cell: Cell;
    readonly weight: number;
    readonly people: number | null;
    readonly why: string;
  }[];
};

const CELL = `specialty { code } region { code } language { tag }
  practitioners remote resources unmetNeeds mayBeNone`;

let moment: Date;
let node: TestNode;

/** Everybody of the test before leaves, nothing was ever published, and it is the first of a year. */
beforeAll(async () => {
  moment = new Date("2027-01-01T12:00:00Z");
  node = await startTestNode(null, { trustProxy: true }, () => moment);
});
afterAll(() => node.close());
beforeEach(async () => {
  moment = new Date("2027-01-01T12:00:00Z");
  await everybodyLeaves(node);
  await node.ground.database.transaction(async (tx) => {
    await tx.query("delete from base.unmet_need");
    await tx.query("delete from seen.listing where kind = 'resource'");
  });
  await forgetEpochs();
});

async function forgetEpochs(): Promise<void> {
  await node.ground.database.transaction(async (tx) => {
    for (const table of ["coverage_epoch", "coverage_cell"]) await tx.query(`delete from seen.${table}`);
    await tx.query("delete from base.coverage_told");
  });
}

const usual: CoverageTerms = readConfig({ NODE_ENV: "development" }).coverage;

function publish(terms: CoverageTerms = usual): Promise<string> {
  return publishNow({ ...node.ground, terms });
}

/** The next epoch, a quarter later. */
async function nextEpoch(terms: CoverageTerms = usual): Promise<void> {
  moment = new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + 3, 1, 12));
  await publish(terms);
}

function ask(by: string, where: string | null = null, from: Ask = node.ask) {
  const chosen = where === null ? "" : `, where: ${where}`;
  return from<{ coverage: Report }>(
    `{ coverage(by: ${by}${chosen}) { epoch next cells { ${CELL} } gaps { cell { ${CELL} } weight people why } } }`,
  );
}

async function report(by: string, where: string | null = null): Promise<Report> {
  const { data, text } = await ask(by, where);
  if (data === undefined || data === null) throw new Error(text);
  return data.coverage;
}

/** What is told of psychosocial work in Guatemala in K'iche'. */
async function inKiche(): Promise<Cell | undefined> {
  const where = `{ specialties: ["psychosocial"], regions: ["GT"], languages: ["quc"] }`;
  return (await report("[SPECIALTY, REGION, LANGUAGE]", where)).cells[0];
}

async function practitioners(): Promise<string | undefined> {
  return (await inKiche())?.practitioners;
}

describe("what is published", () => {
  test("before the first epoch the answer says so, and an empty directory publishes nobody", async () => {
    const { errors } = await ask("[SPECIALTY]");
    expect(errors?.[0]?.extensions?.["code"]).toBe("NOT_FOUND");
    expect(errors?.[0]?.message).toMatch(/No coverage has been published yet/);
    await publish();
    const { epoch, next, cells } = await report("[SPECIALTY]");
    expect({ epoch, next }).toEqual({ epoch: "2027-01-01", next: "2027-04-01" });
    expect(cells.map(({ specialty, practitioners: band }) => `${specialty?.code} ${band}`).sort()).toEqual([
      "digital NONE",
      "legal NONE",
      "mobile NONE",
      "psychosocial NONE",
    ]);
  });

  test.each([
    [1, "FEW"],
    [4, "FEW"],
    [5, "SOME"],
    [19, "SOME"],
    [20, "MANY"],
  ])("%d people are told as %s, in the cell and in every total", async (count, band) => {
    await arrive(node, count);
    await publish();
    expect(await practitioners()).toBe(band);
    for (const [by, where] of [
      ["[REGION]", `{ regions: ["GT"] }`],
      ["[LANGUAGE]", `{ languages: ["quc"] }`],
      ["[REGION]", `{ regions: ["013"], regionLevel: AREA }`],
      ["[SPECIALTY]", `{ specialties: ["psychosocial.self-care"], specialtyDepth: 2 }`],
      ["[SPECIALTY]", `{ specialties: ["psychosocial"], regions: ["013"], languages: ["quc"] }`],
    ] as const)
      expect((await report(by, where)).cells.map((cell) => cell.practitioners)).toEqual([band]);
  });

  test("who works from afar is told apart, and neither a home nor a few words of a language are counted", async () => {
    await arrive(node, 1, { region: "HN", relation: "BASED_IN" });
    await arrive(node, 1, { region: "SV", level: "BASIC" });
    await arrive(node, 1, { region: "013", relation: "REMOTE_TO" });
    await publish();
    const { cells } = await report(
      "[REGION, LANGUAGE]",
      `{ regions: ["GT", "HN", "SV"], languages: ["quc"] }`,
    );
    expect(cells.map((cell) => `${cell.region?.code} ${cell.practitioners} ${cell.remote}`)).toEqual([
      "GT NONE FEW",
      "HN NONE FEW",
      "SV NONE FEW",
    ]);
  });

  test("a resource counts for a language only where its text is in it", async () => {
    await publishGuide(node, "quc");
    await publishGuide(node, null);
    await publish();
    expect((await inKiche())?.resources).toBe("FEW");
    const { cells } = await report(
      "[LANGUAGE]",
      `{ specialties: ["psychosocial"], regions: ["GT"], languages: ["mam"] }`,
    );
    expect(cells.map(({ resources }) => resources)).toEqual(["NONE"]);
  });

  test("what happens between epochs is not told, and no epoch comes before its time", async () => {
    await arrive(node, 1);
    await publish();
    await arrive(node, 30);
    expect(await practitioners()).toBe("FEW");
    moment = new Date("2027-03-31T12:00:00Z");
    await expect(publish()).rejects.toThrow(/from 2027-04-01 on/);
    expect(await practitioners()).toBe("FEW");
    await nextEpoch();
    expect(await practitioners()).toBe("MANY");
  });

  test("a serving node publishes by itself once there are enough, and then when it is due", async () => {
    await arrive(node, 19);
    await node.upkeep();
    expect((await ask("[SPECIALTY]")).errors).toBeDefined();
    await arrive(node, 1);
    await node.upkeep();
    expect((await report("[SPECIALTY]")).epoch).toBe("2027-01-01");
    moment = new Date("2027-05-02T12:00:00Z");
    await node.upkeep();
    expect((await report("[SPECIALTY]")).epoch).toBe("2027-05-02");
  });

  test("a band changes only when three people have changed it since", async () => {
    await publish();
    const [first = ""] = await arrive(node, 2);
    await nextEpoch();
    expect(await practitioners()).toBe("NONE");
    await arrive(node, 1);
    await nextEpoch();
    expect(await practitioners()).toBe("FEW");
    await arrive(node, 2);
    await nextEpoch();
    expect(await practitioners()).toBe("FEW");
    await leave(node, [first]);
    await arrive(node, 3);
    await nextEpoch();
    expect(await practitioners()).toBe("SOME");
  });

  test("where the difference is dangerous nobody and a few are one, and in whatever holds such a place", async () => {
    await arrive(node, 1);
    await publish({ ...usual, merged: ["GT"] });
    const { cells } = await report(
      "[REGION]",
      `{ regions: ["GT", "HN"], languages: ["mam"], specialties: ["digital"] }`,
    );
    expect(cells.map((cell) => [cell.region?.code, cell.practitioners, cell.mayBeNone])).toEqual([
      ["GT", "FEW", true],
      ["HN", "NONE", false],
    ]);
    const around = await report("[REGION]", `{ regions: ["013"], regionLevel: AREA, languages: ["mam"] }`);
    expect(around.cells.map((cell) => [cell.practitioners, cell.mayBeNone])).toEqual([["FEW", true]]);
    const told = await node.ground.database.read.query(
      "select from seen.coverage_cell where region = 'GT' and (there like '%F%' or afar like '%F%')",
    );
    expect(told.rowCount).toBe(0);
  });
});

describe("who is counted", () => {
  test("people who are not public only if they want it, by the text as it is, and never alone", async () => {
    const hidden = await arrive(node, 40, { to: "MEMBERS" });
    await publish();
    expect(await practitioners()).toBe("NONE");
    await say(node, hidden.slice(0, 2), true);
    await nextEpoch();
    expect(await practitioners()).toBe("NONE");
    await say(node, hidden, true);
    await nextEpoch();
    expect(await practitioners()).not.toBe("NONE");
    await say(node, hidden, false);
    await nextEpoch();
    expect(await practitioners()).toBe("NONE");
  });

  test("they are never added to those whom everybody can count", async () => {
    await arrive(node, 4);
    const hidden = await arrive(node, 4, { to: "PARTNERS" });
    await say(node, hidden, true);
    await publish();
    expect(await practitioners()).toBe("FEW");
  });

  test("whoever says no is counted nowhere, whatever everybody sees of them", async () => {
    const people = await arrive(node, 6);
    await publish();
    expect(await practitioners()).toBe("SOME");
    await say(node, people, false);
    await nextEpoch();
    expect(await practitioners()).toBe("NONE");
  });

  test("a person says it of themselves, agrees to the text to say yes, and takes it back by withdrawing", async () => {
    const person = await listed(node, { alias: "Jícara" }, [["ENTRY", "MEMBERS"]]);
    const beCounted = (given: string) =>
      person.ask<{ beCounted: { counted: boolean } }>(`mutation { beCounted(${given}) { counted } }`);
    const refused = await beCounted("agree: true");
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "CONFLICT", path: ["agreedTo"] });
    const agreed = await beCounted(`agree: true, agreedTo: "${await currentVersion(node)}"`);
    expect(agreed.data.beCounted.counted).toBe(true);
    const steward = await node.signedIn("STEWARD");
    expect(
      (await steward.ask("mutation { beCounted(agree: false) { id } }")).errors?.[0]?.extensions,
    ).toMatchObject({ code: "NOT_FOUND" });
    await person.ask("mutation { withdrawProfile { id } }");
    expect((await person.ask<{ profile: unknown }>("{ profile { counted } }")).data.profile).toEqual({
      counted: null,
    });
    expect((await beCounted("agree: false")).data.beCounted.counted).toBe(false);
  });
});

describe("needs that found nobody", () => {
  let strangers = 0;
  const stranger = (): Ask => {
    strangers += 1;
    return from(`10.${strangers >> 8}.${strangers & 255}.7`);
  };
  const from = (address: string): Ask => askAt(node.url, { "x-forwarded-for": address });
  const search = async (from: Ask, where: string) => {
    const { errors } = await from(`{ practitioners(where: ${where}) { totalCount } }`);
    expect(errors).toBeUndefined();
  };
  const need = `{ specialty: { anyOf: ["psychosocial.self-care"] }, region: { anyOf: ["GT"] }, language: { anyOf: ["quc"] } }`;
  const languages = ["quc", "mam", "kek", "cak", "es", "en", "fr", "pt", "de", "it", "ru", "ar"];
  const kept = () =>
    node.ground.database.transaction((tx) =>
      tx.query<{ specialty: string; region: string; language: string; count: number }[]>(
        "select specialty, region, language, count from base.unmet_need",
      ),
    );

  /** The index follows what is written. */
  const found = (count: number) =>
    seen(async () => {
      const { data } = await node.ask<{ practitioners: { totalCount: number } }>(
        "{ practitioners(first: 0) { totalCount } }",
      );
      return data.practitioners.totalCount;
    }, count);
  beforeEach(async () => {
    await found(0);
    // Whoever counted in the test before may count again, as when an epoch was published.
    await publish();
    await node.upkeep();
    await forgetEpochs();
    await node.upkeep();
  });

  test("count once for whoever asks however often, by root, area and language, and are told of a whole area", async () => {
    await publish();
    await node.upkeep();
    const eager = stranger();
    for (let time = 0; time < 30; time++) await search(eager, need);
    await node.upkeep();
    expect(await kept()).toEqual([{ specialty: "psychosocial", region: "013", language: "quc", count: 1 }]);
    await nextEpoch();
    expect((await inKiche())?.unmetNeeds).toBe("NONE");
    await node.upkeep();
    expect(await kept()).toEqual([]);
    for (let other = 0; other < 40; other++) await search(stranger(), need);
    await node.upkeep();
    await nextEpoch();
    const { cells } = await report(
      "[SPECIALTY, REGION, LANGUAGE]",
      `{ specialties: ["psychosocial"], regions: ["GT", "HN", "BO"], languages: ["quc"] }`,
    );
    expect(cells.map((cell) => `${cell.region?.code} ${cell.unmetNeeds === "NONE"}`)).toEqual([
      "GT false",
      "HN false",
      "BO true",
    ]);
  });

  test("are told from three on at the earliest, and not of every cell from three on", async () => {
    const told = async (strangers: number): Promise<readonly string[]> => {
      for (let one = 0; one < strangers; one++) {
        const ask = stranger();
        const everywhere = need.replace(`["quc"]`, JSON.stringify(languages));
        await search(ask, everywhere);
        await search(ask, everywhere.replace("psychosocial.self-care", "digital.malware"));
      }
      await node.upkeep();
      await nextEpoch();
      await node.upkeep();
      const { cells } = await report(
        "[SPECIALTY, REGION, LANGUAGE]",
        `{ specialties: ["psychosocial", "digital"], regions: ["GT"], languages: ${JSON.stringify(languages)} }`,
      );
      return cells.map(({ unmetNeeds }) => unmetNeeds);
    };
    await publish();
    await node.upkeep();
    expect(new Set(await told(2))).toEqual(new Set(["NONE"]));
    // Each edge lies higher by the cell's own veil, which for every other cell is none.
    expect(new Set(await told(3))).toEqual(new Set(["NONE", "FEW"]));
  });

  test("count once for all who share a network of addresses, of 24 bits or 48, and for each account", async () => {
    const counted = async (language: string, many: number): Promise<boolean> => {
      await node.upkeep();
      const count = (await kept()).find((one) => one.language === language)?.count ?? 0;
      // Two may fall on one place: then they count as one.
      return count > many * 0.7 && count <= many;
    };
    for (let network = 0; network < 30; network++)
      for (const address of [`198.51.${network}.1`, `198.51.${network}.250`])
        await search(from(address), need);
    expect(await counted("quc", 30)).toBe(true);
    for (let network = 1; network <= 30; network++)
      for (const rest of [":1", "ffff::2"])
        await search(from(`2001:db8:${network}:${rest}`), need.replace("quc", "mam"));
    expect(await counted("mam", 30)).toBe(true);
    const people = await Promise.all(Array.from({ length: 20 }, () => node.signedIn("SEEKER")));
    for (const { ask } of [...people, ...people]) await search(ask, need.replace("quc", "kek"));
    expect(await counted("kek", 20)).toBe(true);
  });

  test("go on being counted whatever thousands of invented networks ask for, and none of them counts twice", async () => {
    const other = need.replace("quc", "mam");
    const counts = async () => {
      await node.upkeep();
      const all = await kept();
      return ["quc", "mam"].map(
        (tag) => all.find(({ region, language }) => region === "013" && language === tag)?.count ?? 0,
      );
    };
    const first = stranger();
    await search(first, need);
    const invented = Array.from({ length: 1300 }, (_, at) => from(`100.${at >> 8}.${at & 255}.1`));
    const countries = ["AR", "AU", "CA", "CN", "DE", "EG", "GB", "GH", "IN", "KE", "ZA", "ID", "IT"];
    for (let at = 0; at < invented.length; at += 100) {
      const elsewhere = other.replace("GT", countries[at / 100] ?? "");
      await Promise.all(invented.slice(at, at + 100).map((one) => search(one, elsewhere)));
    }
    for (let at = 0; at < 800; at += 100)
      await Promise.all(invented.slice(at, at + 100).map((one) => search(one, other)));
    const [, flooded = 0] = await counts();
    // One cell has 512 places, so that one that is asked for this often is counted too little, and every other as ever.
    expect(flooded > 300 && flooded <= 512).toBe(true);
    for (const one of [first, ...invented.slice(0, 10)]) await search(one, one === first ? need : other);
    expect(await counts()).toEqual([1, flooded]);
    for (let more = 0; more < 30; more++) await search(stranger(), need);
    const [afterwards = 0] = await counts();
    expect(afterwards > 20 && afterwards <= 31).toBe(true);
  }, 60_000);

  test("of one who asks for much are counted for forty cells a week", async () => {
    const eager = stranger();
    for (const specialty of ["psychosocial", "digital", "legal", "mobile"])
      for (const region of ["013", "005"])
        await search(
          eager,
          `{ specialty: { anyOf: ["${specialty}"] }, region: { anyOf: ["${region}"] }, language: { anyOf: ${JSON.stringify(languages)} } }`,
        );
    await node.upkeep();
    expect(await kept()).toHaveLength(40);
  });

  test("are needs told to match as well, whatever else they ask, and not where a network was left out", async () => {
    const asks = (more: string) =>
      stranger()(
        `{ match(need: { specialties: [{ code: "psychosocial.self-care" }], languages: ["quc"], region: "GT" ${more} }) { totalCount } }`,
      );
    await asks(`, notNetworks: ["072a4251-8193-42b4-9fd6-e70819203b18"]`);
    await node.upkeep();
    expect(await kept()).toEqual([]);
    expect((await asks(", urgent: true")).errors).toBeUndefined();
    await node.upkeep();
    expect(await kept()).toEqual([{ specialty: "psychosocial", region: "013", language: "quc", count: 1 }]);
  });

  test("are needs for which there is no team: for what nobody brings, and for all of it where nobody can talk with each other", async () => {
    await arrive(node, 1);
    await arrive(node, 1, { specialty: "legal.detention", language: "mam" });
    await found(2);
    const asks = async (one: Ask, codes: readonly string[], more = "") => {
      const specialties = codes.map((code) => `{ code: "${code}" }`).join(" ");
      const answer = await one(
        `{ teams(need: { specialties: [${specialties}], languages: ["quc"], region: "GT" ${more} }, maxSize: 1) { smallestSize } }`,
      );
      expect(answer.errors).toBeUndefined();
    };
    const counted = async () => {
      await node.upkeep();
      return (await kept()).map(({ specialty, region, language, count }) =>
        [specialty, region, language, count].join(" "),
      );
    };
    await arrive(node, 1, { specialty: "digital.malware" });
    await found(3);
    // There is a team, though one larger than was asked for; and of those left out nobody knows who else was there.
    await asks(stranger(), ["psychosocial.self-care", "digital.malware"]);
    await asks(stranger(), ["mobile"], `, notNetworks: ["072a4251-8193-42b4-9fd6-e70819203b18"]`);
    await asks((await node.signedIn("PRACTITIONER")).ask, ["mobile"]);
    expect(await counted()).toEqual([]);
    const eager = stranger();
    for (let time = 0; time < 3; time++) await asks(eager, ["psychosocial.self-care", "mobile"]);
    expect(await counted()).toEqual(["mobile 013 quc 1"]);
    await asks(eager, ["psychosocial.self-care", "legal.detention"]);
    expect((await counted()).toSorted()).toEqual([
      "legal 013 quc 1",
      "mobile 013 quc 1",
      "psychosocial 013 quc 1",
    ]);
  });

  test("are not counted when somebody was found, nor in words of one's own, nor of what only members see", async () => {
    await publish();
    const member = await node.signedIn("PRACTITIONER");
    await search(member.ask, need);
    await search(stranger(), `{ region: { anyOf: ["GT"] }, language: { anyOf: ["quc"] } }`);
    await search(stranger(), `{ not: ${need} }`);
    await stranger()(`{ practitioners(where: ${need}, search: "Guayacán") { totalCount } }`);
    await arrive(node, 1);
    await found(1);
    await search(stranger(), need);
    await node.upkeep();
    expect(await kept()).toEqual([]);
  });

  test("are forgotten when no epoch tells of them in time", async () => {
    await search(stranger(), need.replace("quc", "mam"));
    await node.upkeep();
    expect(await kept()).toHaveLength(1);
    moment = new Date("2027-05-01T12:00:00Z");
    await node.upkeep();
    expect(await kept()).toEqual([]);
  });
});

describe("gaps", () => {
  const inLatinAmerica = `{ specialties: ["psychosocial"], regions: ["419"], languages: ["quc", "qu", "ay", "gn", "mam"] }`;

  test("are ranked by how many speak the language, how far the nearest help is, and what was sought", async () => {
    await arrive(node, 1);
    await arrive(node, 5, { region: "PY", language: "gn" });
    await arrive(node, 1, { region: "PE", language: "qu" });
    await publish();
    const { gaps } = await report("[SPECIALTY, REGION, LANGUAGE]", inLatinAmerica);
    const of = (region: string, language: string) =>
      gaps.find(({ cell }) => cell.region?.code === region && cell.language?.tag === language);
    expect(of("PY", "gn")).toBeUndefined();
    expect(of("BO", "qu")?.why).toBe(
      "Psychosocial support and well-being, Quechua, Bolivia: nobody is counted who works there or comes there. About 3,900,000 people there speak it (Unicode CLDR 48). The nearest work elsewhere in this area: South America.",
    );
    expect(of("BO", "ay")?.why).toMatch(/Nobody is counted who helps from afar either/);
    expect(of("GT", "quc")?.why).toMatch(/few are counted/);
    expect(of("BO", "qu")?.weight).toBeLessThan(of("BO", "ay")?.weight ?? 0);
    expect(of("GT", "quc")?.weight).toBeLessThan(of("GT", "mam")?.weight ?? 0);
    expect(gaps.map(({ weight }) => weight)).toEqual(
      gaps.map(({ weight }) => weight).sort((one, other) => other - one),
    );
  });

  test("say why in the reader's language", async () => {
    await publish();
    const { data } = await node.ask<{ coverage: { gaps: readonly { why: string }[] } }>(
      `{ coverage(by: [LANGUAGE], where: { regions: ["BO"], languages: ["ay"] }) { gaps(first: 1) { why(in: "es-BO") } } }`,
    );
    expect(data.coverage.gaps[0]?.why).toBe(
      "aimara, Bolivia: no se cuenta a nadie que trabaje allí o vaya allí. La hablan allí unas 2.500.000 personas (Unicode CLDR 48). Tampoco se cuenta a nadie que ayude a distancia, ni desde cerca.",
    );
    const inAll = PAGE_LOCALES.map((locale) => `${locale}: why(in: "${locale}")`).join(" ");
    const all = await node.ask<{ coverage: { gaps: readonly Record<string, string>[] } }>(
      `{ coverage(by: [LANGUAGE], where: { regions: ["BO"], languages: ["ay"] }) { gaps(first: 1) { ${inAll} } } }`,
    );
    const told = Object.values(all.data.coverage.gaps[0] ?? {});
    expect(new Set(told.map((why) => why.slice(-20))).size).toBe(PAGE_LOCALES.length);
  });
});

describe("what cannot be asked", () => {
  test.each([
    ["[]", null, /name one axis/],
    ["[REGION]", `{ specialties: ["psychosocial", "legal"] }`, /several are named on the axis SPECIALTY/],
    ["[REGION]", `{ regions: ["GT-09"] }`, /by country or by area/],
    ["[REGION]", `{ regionLevel: SUBDIVISION }`, /COUNTRY or AREA/],
    ["[SPECIALTY]", `{ specialtyDepth: 9 }`, /from 1 to 2/],
    ["[SPECIALTY]", `{ regions: ["x-mena"] }`, /A grouping is no cell/],
    ["[LANGUAGE]", `{ languages: ["tlh"] }`, /not among the languages counted/],
    ["[SPECIALTY, REGION, LANGUAGE]", null, /more than 2000 cells/],
  ])("by %s where %s is refused, and it is said why", async (by, where, sentence) => {
    await publish();
    const { errors } = await ask(by, where);
    expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
    expect(errors?.[0]?.message).toMatch(sentence);
  });

  test("readers of the database see bands, and nothing of what is behind them", async () => {
    const { rows } = await node.ground.database.read.query<{ column_name: string }>(
      `select column_name from information_schema.columns
       where table_schema = 'seen' and table_name = 'coverage_cell' order by ordinal_position`,
    );
    expect(rows.map((row) => row.column_name)).toEqual([
      "specialty",
      "region",
      "languages",
      "there",
      "afar",
      "resources",
      "needs",
    ]);
    await expect(node.ground.database.read.query("select from base.coverage_told")).rejects.toThrow(
      /permission denied/,
    );
  });
});

test("an operator publishes from the command line, and exports what was published", async () => {
  await arrive(node, 5);
  const env = { DATABASE_URL: node.databaseUrl, KEY_FILE: keyFile, NODE_ENV: "production" };
  expect((await cadre(["coverage", "publish"], env)).said).toMatch(/^The epoch of .* is published\.\n$/);
  const { said } = await cadre(["coverage", "--csv"], env);
  const lines = said.trimEnd().split("\n");
  expect(lines[0]).toBe("specialty,region,language,practitioners,remote,resources,unmet_needs,may_be_none");
  expect(lines).toContain("psychosocial,GT,quc,SOME,NONE,NONE,NONE,false");
  expect(lines).toContain(",,,SOME,NONE,NONE,NONE,false");
}, 60_000);
