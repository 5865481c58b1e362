import { ceiba } from "../seeds/cast.js";
import {
  EVERYTHING,
  audiencesOf,
  auditOf,
  comesToStay,
  currentVersion,
  does,
  listed,
  save,
  seen,
  show,
  type ProfileAnswer,
} from "./entries.js";
import { startTestNode, type Answer, type Person, type TestNode } from "./node.js";

let node: TestNode;
let version: string;
beforeAll(async () => {
  node = await startTestNode();
  version = await currentVersion(node);
});
afterAll(() => node.close());

const [organization] = ceiba.organizations;
const [resource] = ceiba.resources;

/** Everything an entry can hold. */
const whole = {
  alias: "Zorzal",
  about: [
    { in: "es", text: "Acompaño a colectivas." },
    { in: "ckb", text: "من هاوڕێیەتی دەکەم" },
  ],
  pronouns: "elle",
  specialties: [
    {
      specialty: "digital.risk-assessment",
      depth: "EXPERT",
      coarser: [{ code: "digital", audience: "PUBLIC" }],
    },
    { specialty: "psychosocial.self-care" },
  ],
  languages: [
    { language: "es", level: "NATIVE", use: ["FACILITATE"] },
    { language: "ckb", level: "WORKING" },
  ],
  regions: [
    { region: "GT", relation: "WORKS_IN" },
    {
      region: "GT-09",
      relation: "BASED_IN",
      coarser: [
        { code: "GT", audience: "PARTNERS" },
        { code: "013", audience: "PUBLIC" },
      ],
    },
  ],
  formats: ["WORKSHOP", "AUDIT"],
  delivery: ["REMOTE"],
  level: "TRAINER",
  communities: ["INDIGENOUS", "WOMEN"],
  offersFollowUp: true,
  coFacilitates: false,
  availability: { status: "ACCEPTING", from: "2027-01-01", until: "2027-02-01" },
  cost: "SLIDING_SCALE",
  organizations: [organization?.id],
  resources: [resource?.id],
  seeks: ["legal"],
  contact: [
    { kind: "EMAIL", value: "zorzal@example.org", note: "evenings" },
    { kind: "SIGNAL", value: "zorzal.42" },
  ],
  referable: true,
};

/** The code of a refusal and the place in the input that it names. */
function refusal({ errors }: Answer<unknown>): string {
  const { code, path } = errors?.[0]?.extensions ?? {};
  return [code, ...((path as string[] | undefined) ?? [])].join(" ");
}

function sentence({ errors }: Answer<unknown>): string {
  return errors?.[0]?.message ?? "";
}

async function own(person: Person): Promise<ProfileAnswer & { practitioner: Record<string, unknown> }> {
  const { data } = await person.ask<{ profile: ProfileAnswer & { practitioner: Record<string, unknown> } }>(
    `{ profile { id state reason confirmBy confirmationDue practitioner { ${EVERYTHING} }
      visibility { field item audience ceiling coarser { item audience } } } }`,
  );
  return data.profile;
}

function audienceOf(profile: Pick<ProfileAnswer, "visibility">, field: string, item: string | null = null) {
  return profile.visibility.find((one) => one.field === field && one.item === item)?.audience;
}

async function kept(sql: string, values: readonly unknown[] = []): Promise<readonly object[]> {
  return node.ground.database.transaction((tx) => tx.query<object[]>(sql, [...values]));
}

describe("writing an entry", () => {
  test("a new entry is a draft that its owner sees whole and nobody else sees at all", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    expect((await person.ask("{ profile { id } }")).data).toEqual({ profile: null });
    const { data } = await save(person, whole);
    const { id } = data.saveProfile;
    expect(data.saveProfile).toMatchObject({
      state: "DRAFT",
      practitioner: { alias: "Zorzal" },
      confirmBy: null,
    });
    const mine = await own(person);
    expect(mine.practitioner).toMatchObject({
      alias: "Zorzal",
      about_es: "Acompaño a colectivas.",
      pronouns: "elle",
      regions: [
        { region: { code: "GT" }, relation: "WORKS_IN" },
        { region: { code: "GT-09" }, relation: "BASED_IN" },
      ],
      contact: [
        { kind: "EMAIL", value: "zorzal@example.org", note: "evenings" },
        { kind: "SIGNAL", value: "zorzal.42", note: null },
      ],
      organizations: [{ id: organization?.id }],
      provenance: { verified: null },
    });
    expect(await audiencesOf(node, id)).toEqual([]);
    const member = await node.signedIn("STEWARD");
    const other = "6f5f0a51-0000-4000-8000-000000000001";
    const hidden = await member.ask("query ($id: ID!) { practitioner(id: $id) { alias } }", { id });
    const never = await member.ask("query ($id: ID!) { practitioner(id: $id) { alias } }", { id: other });
    expect(hidden.text).toBe(never.text);
    expect(
      (await member.ask<{ entriesToReview: { id: string }[] }>("{ entriesToReview { id } }")).data,
    ).toEqual({
      entriesToReview: [],
    });
  });

  test("what is new gets the audience of the policy, and nothing in a save can choose a wider one", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    const { data } = await save(person, whole);
    const told = (field: string, item: string | null = null) => audienceOf(data.saveProfile, field, item);
    expect([told("ENTRY"), told("ALIAS"), told("ABOUT"), told("REGIONS", "WORKS_IN GT")]).toEqual([
      "PARTNERS",
      "PARTNERS",
      "PARTNERS",
      "PARTNERS",
    ]);
    expect([told("REGIONS", "BASED_IN GT-09"), told("COMMUNITIES", "WOMEN"), told("AVAILABILITY")]).toEqual([
      "MEMBERS",
      "MEMBERS",
      "MEMBERS",
    ]);
    expect([told("CONTACT", "EMAIL zorzal@example.org"), told("SEEKS", "legal")]).toEqual([
      "PRIVATE",
      "MEMBERS",
    ]);
    for (const field of [
      "state",
      "verified",
      "account",
      "id",
      "vouches",
      "audience",
      "confirmBy",
      "reason",
    ]) {
      const { errors } = await save(person, { alias: "Zorzal", [field]: "LISTED" });
      expect(errors?.[0]?.extensions?.["code"]).toBe("BAD_USER_INPUT");
    }
    expect((await own(person)).state).toBe("DRAFT");
  });

  test("what is left out stays, null clears, a list replaces the list and its items keep who sees them", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    await save(person, whole);
    await show(person, "SPECIALTIES", "PRIVATE", { item: "psychosocial.self-care" });
    await show(person, "COST", "MEMBERS");
    const { data } = await save(person, {
      cost: "PAID",
      pronouns: null,
      formats: [],
      specialties: [
        { specialty: "legal" },
        { specialty: "psychosocial.self-care", depth: "EXPERT" },
        { specialty: "digital.risk-assessment" },
      ],
    });
    const { visibility } = data.saveProfile;
    expect(visibility.filter(({ field }) => field === "SPECIALTIES")).toMatchObject([
      { item: "legal", audience: "PARTNERS" },
      { item: "psychosocial.self-care", audience: "PRIVATE" },
      { item: "digital.risk-assessment", coarser: [{ item: "digital", audience: "PUBLIC" }] },
    ]);
    expect(audienceOf(data.saveProfile, "COST")).toBe("MEMBERS");
    const { practitioner } = await own(person);
    expect(practitioner).toMatchObject({
      alias: "Zorzal",
      cost: "PAID",
      pronouns: null,
      formats: [],
      level: "TRAINER",
    });
  });

  test("something new can be hidden in the step that tells it", async () => {
    const person = await listed(node, { alias: "Colibrí" }, [["ENTRY", "PUBLIC"]]);
    const { data, errors } = await save(
      person,
      {
        regions: [{ region: "HN", relation: "WORKS_IN", coarser: [{ code: "013", audience: "MEMBERS" }] }],
        pronouns: "ella",
        hide: [
          { field: "REGIONS", item: "HN" },
          { field: "PRONOUNS", to: "PRIVATE" },
        ],
      },
      version,
    );
    expect(errors).toBeUndefined();
    expect(data.saveProfile.visibility.slice(2)).toEqual([
      { field: "PRONOUNS", item: null, audience: "PRIVATE", ceiling: "PUBLIC", coarser: [] },
      {
        field: "REGIONS",
        item: "WORKS_IN HN",
        audience: "PRIVATE",
        ceiling: "PUBLIC",
        coarser: [{ item: "WORKS_IN 013", audience: "MEMBERS" }],
      },
    ]);
    expect(await seen(node.ask, person.id)).not.toMatch(/HN|013|ella/);
    const member = await node.signedIn("PRACTITIONER");
    expect(await seen(member.ask, person.id)).toContain('"regions":[{"region":{"code":"013"}');
  });

  test("hiding never shows more, whatever it says", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    await save(person, whole);
    const { data } = await save(person, {
      hide: [
        { field: "COMMUNITIES", to: "PUBLIC" },
        { field: "ENTRY", to: "PUBLIC" },
      ],
    });
    expect(audienceOf(data.saveProfile, "COMMUNITIES", "WOMEN")).toBe("MEMBERS");
    expect(audienceOf(data.saveProfile, "ENTRY")).toBe("PARTNERS");
    expect(audienceOf(data.saveProfile, "ALIAS")).toBe("PARTNERS");
  });

  test.each<[string, Record<string, unknown>, readonly (string | number)[]]>([
    ["no alias", { alias: null }, ["input", "alias"]],
    ["an empty alias", { alias: "  " }, ["input", "alias"]],
    ["an alias nobody can see", { alias: "\u200b\u200d" }, ["input", "alias"]],
    ["an alias of two lines", { alias: "a\nb" }, ["input", "alias"]],
    ["an alias that turns text around", { alias: "a\u202eb" }, ["input", "alias"]],
    ["an alias with half a sign", { alias: "a\ud800b" }, ["input", "alias"]],
    ["an alias with a zero byte", { alias: "a\u0000b" }, ["input", "alias"]],
    ["too long an alias", { alias: "a".repeat(101) }, ["input", "alias"]],
    ["too long a text", { about: [{ in: "es", text: "a".repeat(5001) }] }, ["input", "about", 0, "text"]],
    [
      "two texts of one language",
      {
        about: [
          { in: "es", text: "a" },
          { in: "ES", text: "b" },
        ],
      },
      ["input", "about", 1],
    ],
    [
      "a specialty that is none",
      { specialties: [{ specialty: "digital.nothing" }] },
      ["input", "specialties", 0, "specialty"],
    ],
    [
      "a language that is none",
      { languages: [{ language: "xx", level: "BASIC" }] },
      ["input", "languages", 0, "language"],
    ],
    [
      "a place that is none",
      { regions: [{ region: "ZZ", relation: "WORKS_IN" }] },
      ["input", "regions", 0, "region"],
    ],
    ["a community that is none", { communities: ["WOMEN", "EVERYBODY"] }, ["input", "communities", 1]],
    [
      "a thing twice",
      { specialties: [{ specialty: "legal" }, { specialty: "legal" }] },
      ["input", "specialties", 1],
    ],
    ["too many items", { seeks: Array.from({ length: 51 }, () => "legal") }, ["input", "seeks"]],
    [
      "an end before the beginning",
      { availability: { status: "WAITLIST", from: "2027-02-01", until: "2027-01-01" } },
      ["input", "availability", "until"],
    ],
    [
      "an address that is none",
      { contact: [{ kind: "EMAIL", value: "nobody" }] },
      ["input", "contact", 0, "value"],
    ],
    [
      "a number that is none",
      { contact: [{ kind: "PHONE", value: "call me" }] },
      ["input", "contact", 0, "value"],
    ],
    [
      "a script for a site",
      { contact: [{ kind: "WEBSITE", value: "javascript:alert(1)" }] },
      ["input", "contact", 0, "value"],
    ],
    [
      "a private key",
      {
        contact: [
          {
            kind: "PGP",
            value: "-----BEGIN PGP PRIVATE KEY BLOCK-----\nx\n-----END PGP PRIVATE KEY BLOCK-----",
          },
        ],
      },
      ["input", "contact", 0, "value"],
    ],
    [
      "an organization nobody knows",
      { organizations: ["6f5f0a51-0000-4000-8000-000000000001"] },
      ["input", "organizations", 0],
    ],
    ["a resource that is no id", { resources: ["'; drop"] }, ["input", "resources", 0]],
    [
      "a coarser value that is not broader",
      { regions: [{ region: "GT-09", relation: "BASED_IN", coarser: [{ code: "MX", audience: "PUBLIC" }] }] },
      ["input", "regions", 0, "coarser", 0, "code"],
    ],
    [
      "a coarser value for no more people",
      {
        regions: [{ region: "GT-09", relation: "BASED_IN", coarser: [{ code: "GT", audience: "MEMBERS" }] }],
      },
      ["input", "regions", 0, "coarser", 0, "audience"],
    ],
    [
      "a wider audience told more precisely",
      {
        regions: [
          {
            region: "GT-09",
            relation: "BASED_IN",
            coarser: [
              { code: "013", audience: "PARTNERS" },
              { code: "GT", audience: "PUBLIC" },
            ],
          },
        ],
      },
      ["input", "regions", 0, "coarser", 1, "code"],
    ],
    [
      "a language that is no macrolanguage of it",
      { languages: [{ language: "es", level: "NATIVE", coarser: [{ code: "pt", audience: "PUBLIC" }] }] },
      ["input", "languages", 0, "coarser", 0, "code"],
    ],
  ])("%s is refused, and nothing is kept of it", async (_, input, path) => {
    const person = await comesToStay(node, "PRACTITIONER");
    const answer = await save(person, { alias: "Tecolote", ...input });
    expect(refusal(answer)).toBe(["BAD_USER_INPUT", ...path].join(" "));
    expect(sentence(answer)).toMatch(/^[^<>]{10,}$/);
    expect((await person.ask("{ profile { id } }")).data).toEqual({ profile: null });
  });

  test("only practitioners and stewards begin one; who has not signed in is asked to", async () => {
    const mutation = 'mutation { saveProfile(input: { alias: "Nadie" }) { id } }';
    for (const role of ["SEEKER", "FUNDER"] as const)
      expect(refusal(await (await node.signedIn(role)).ask(mutation))).toBe("FORBIDDEN");
    expect(refusal(await node.ask(mutation))).toBe("UNAUTHENTICATED");
    expect((await node.ask("{ profile { id } }")).data).toEqual({ profile: null });
    expect((await save(await node.signedIn("STEWARD"), { alias: "Tejón" })).errors).toBeUndefined();
  });

  test("what is done at once loses nothing, and the listing is what is kept", async () => {
    const person = await listed(node, { alias: "Ocelote", pronouns: "elle", seeks: ["legal"] }, [
      ["ENTRY", "PUBLIC"],
    ]);
    const fields = {
      cost: "PAID",
      level: "TRAINER",
      formats: ["AUDIT"],
      offersFollowUp: true,
      delivery: ["REMOTE"],
    };
    const done: readonly Promise<Answer<unknown>>[] = [
      ...Object.entries(fields).map(([name, value]) => save(person, { [name]: value }, version)),
      show(person, "PRONOUNS", "MEMBERS"),
      show(person, "SEEKS", "PRIVATE"),
      show(person, "ALIAS", "PARTNERS"),
      does(person, "confirmProfile"),
    ];
    for (const { errors } of await Promise.all(done)) expect(errors).toBeUndefined();
    const mine = await own(person);
    expect(mine.practitioner).toMatchObject(fields);
    expect([
      audienceOf(mine, "PRONOUNS"),
      audienceOf(mine, "SEEKS", "legal"),
      audienceOf(mine, "ALIAS"),
    ]).toEqual(["MEMBERS", "PRIVATE", "PARTNERS"]);
    expect(mine.practitioner["provenance"]).not.toMatchObject({ verified: null });
    expect(JSON.parse(await seen(person.ask, person.id))).toMatchObject({ ...fields, seeks: [] });
    expect(await audiencesOf(node, person.id)).toEqual(["MEMBERS", "PARTNERS"]);
  });

  test("two requests that begin an entry at once begin one", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    const answers = await Promise.all(["a", "b", "c"].map((alias) => save(person, { alias })));
    const ids = answers.map(({ data, errors }) => errors ?? data.saveProfile.id);
    expect(new Set(ids).size).toBe(1);
    expect(await kept("select from base.practitioner where account = $1", [person.account])).toHaveLength(1);
  });
});

describe("showing and hiding", () => {
  test("a fact never goes wider than its ceiling, which the refusal names", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    await save(person, whole);
    for (const to of ["PUBLIC", "PARTNERS"]) {
      const answer = await show(person, "CONTACT", to);
      expect(refusal(answer)).toBe("BAD_USER_INPUT to");
      expect(sentence(answer)).toBe("CONTACT can be shown to MEMBERS at most.");
    }
    const { data } = await show(person, "CONTACT", "MEMBERS", { item: "EMAIL zorzal@example.org" });
    expect(audienceOf(data.show, "CONTACT", "EMAIL zorzal@example.org")).toBe("MEMBERS");
    expect(audienceOf(data.show, "CONTACT", "SIGNAL zorzal.42")).toBe("PRIVATE");
    expect(refusal(await show(person, "VOUCHES", "PRIVATE"))).toBe("BAD_USER_INPUT field");
  });

  test("items are named by their code, a region also without its relation where that is clear", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    await save(person, {
      ...whole,
      regions: [...whole.regions, { region: "GT-09", relation: "TRAVELS_TO" }],
    });
    const items = [
      ["REGIONS", "GT"],
      ["REGIONS", "BASED_IN GT-09"],
      ["LANGUAGES", "ckb"],
      ["FORMATS", "AUDIT"],
      ["COMMUNITIES", "WOMEN"],
      ["ORGANIZATIONS", organization?.id ?? ""],
    ] as const;
    for (const [field, item] of items)
      expect((await show(person, field, "PRIVATE", { item })).errors).toBeUndefined();
    const several = await show(person, "REGIONS", "PRIVATE", { item: "GT-09" });
    expect(refusal(several)).toBe("BAD_USER_INPUT item");
    expect(sentence(several)).toContain("several");
    for (const [field, item] of [
      ["REGIONS", "MX"],
      ["ALIAS", "x"],
      ["ENTRY", "x"],
      ["FORMATS", "RETREAT"],
    ] as const)
      expect(refusal(await show(person, field, "PRIVATE", { item }))).toBe("BAD_USER_INPUT item");
    const empty = await comesToStay(node, "PRACTITIONER");
    await save(empty, { alias: "Vacía" });
    expect(refusal(await show(empty, "COST", "PUBLIC"))).toBe("BAD_USER_INPUT field");
  });

  test("what is made private takes its coarser values along", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    await save(person, whole);
    const { data } = await show(person, "REGIONS", "PRIVATE", { item: "BASED_IN GT-09" });
    expect(data.show.visibility.find(({ item }) => item === "BASED_IN GT-09")).toMatchObject({
      audience: "PRIVATE",
      coarser: [],
    });
  });

  test("an entry goes wider with its alias, and with nothing else", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    await save(person, { alias: "Garza", cost: "PAID" });
    const { data } = await show(person, "ENTRY", "PUBLIC");
    expect([
      audienceOf(data.show, "ENTRY"),
      audienceOf(data.show, "ALIAS"),
      audienceOf(data.show, "COST"),
    ]).toEqual(["PUBLIC", "PUBLIC", "PARTNERS"]);
    await show(person, "ENTRY", "MEMBERS");
    await show(person, "ALIAS", "MEMBERS");
    await show(person, "ENTRY", "PARTNERS");
    const narrow = await comesToStay(node, "PRACTITIONER");
    await save(narrow, { alias: "Tortuga" });
    await show(narrow, "ALIAS", "MEMBERS");
    const wide = await show(narrow, "ENTRY", "PUBLIC");
    expect(audienceOf(wide.data.show, "ALIAS")).toBe("MEMBERS");
  });

  test("whoever has no entry is told so, and nobody reaches another's", async () => {
    const person = await node.signedIn("PRACTITIONER");
    for (const answer of [
      await show(person, "ALIAS", "PUBLIC"),
      await does(person, "withdrawProfile"),
      await does(person, "confirmProfile"),
      await does(person, "submitProfile", { agreedTo: version }),
    ])
      expect(refusal(answer)).toBe("NOT_FOUND");
    const { data } = await node.ask<{ __type: { fields: { name: string; args: { name: string }[] }[] } }>(
      '{ __type(name: "Mutation") { fields { name args { name } } } }',
    );
    const owners = [
      "saveProfile",
      "show",
      "submitProfile",
      "confirmProfile",
      "withdrawProfile",
      "eraseProfile",
    ];
    const args = data.__type.fields
      .filter(({ name }) => owners.includes(name))
      .flatMap((field) => field.args);
    expect(args.map(({ name }) => name)).not.toContain("id");
  });
});

describe("consent", () => {
  test("the text is there in six languages, under one version", async () => {
    const texts = await Promise.all(
      ["en", "es", "fr", "ar", "ru", "pt-BR"].map(async (locale) => {
        const { data } = await node.ask<{ consentText: { version: string; text: string } }>(
          "query ($in: LanguageTag) { consentText(in: $in) { version text } }",
          { in: locale },
        );
        return data.consentText;
      }),
    );
    expect(new Set(texts.map(({ text }) => text)).size).toBe(6);
    for (const { text } of texts) expect(text).toMatch(/PUBLIC[^]*PARTNERS[^]*MEMBERS[^]*PRIVATE/);
    expect(new Set(texts.map((one) => one.version))).toEqual(new Set([version]));
  });

  test("a draft asks for none; whoever hands it in agrees to all that it shows", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    await save(person, { alias: "Búho", cost: "PAID" });
    await show(person, "ENTRY", "PUBLIC");
    const { id } = await own(person);
    expect(await kept("select from base.consent where practitioner = $1", [id])).toEqual([]);
    expect(refusal(await does(person, "submitProfile", { agreedTo: "1999" }))).toBe("CONFLICT agreedTo");
    await does(person, "submitProfile", { agreedTo: version });
    expect(
      await kept(
        "select field, audience, text_version, given is not null as dated from base.consent where practitioner = $1 order by field",
        [id],
      ),
    ).toEqual([
      { field: "ALIAS", audience: "PUBLIC", text_version: version, dated: true },
      { field: "COST", audience: "PARTNERS", text_version: version, dated: true },
      { field: "ENTRY", audience: "PUBLIC", text_version: version, dated: true },
    ]);
  });

  test("a listed entry shows nothing new before its owner has agreed", async () => {
    const person = await listed(node, {
      alias: "Halcón",
      cost: "PAID",
      contact: [{ kind: "PHONE", value: "+502 5555 0000" }],
    });
    const before = await seen(person.ask, person.id);
    const answer = await show(person, "ENTRY", "PUBLIC");
    expect(refusal(answer)).toBe("CONFLICT agreedTo");
    expect(sentence(answer)).toContain("ENTRY, ALIAS to PUBLIC (everyone)");
    expect(sentence(answer)).toContain("cannot be forced to forget");
    expect(sentence(answer)).not.toMatch(/Halcón|5555/);
    expect(await audiencesOf(node, person.id)).toEqual(["MEMBERS", "PARTNERS"]);
    for (const asked of [
      await show(person, "CONTACT", "MEMBERS"),
      await save(person, { formats: ["AUDIT"] }),
      await show(person, "COST", "MEMBERS", { agreedTo: "0" }),
    ])
      expect(refusal(asked)).toBe("CONFLICT agreedTo");
    expect(await seen(person.ask, person.id)).toBe(before);
    expect((await show(person, "ENTRY", "PUBLIC", { agreedTo: version })).errors).toBeUndefined();
    expect(await audiencesOf(node, person.id)).toEqual(["MEMBERS", "PARTNERS", "PUBLIC"]);
  });

  test("what waits for review asks for it too", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    await save(person, { alias: "Lechuza" });
    await does(person, "submitProfile", { agreedTo: version });
    expect(refusal(await save(person, { pronouns: "ella" }))).toBe("CONFLICT agreedTo");
    expect((await save(person, { pronouns: "ella" }, version)).errors).toBeUndefined();
  });

  test("what was agreed to covers fewer people and other values, and showing less never asks", async () => {
    const person = await listed(node, { alias: "Cenzontle", cost: "PAID", level: "TRAINER" }, [
      ["ENTRY", "PUBLIC"],
    ]);
    expect((await save(person, { cost: "PRO_BONO" })).errors).toBeUndefined();
    expect((await show(person, "COST", "MEMBERS")).errors).toBeUndefined();
    expect((await show(person, "LEVEL", "PRIVATE")).errors).toBeUndefined();
    // Who showed less took the rest back.
    expect(refusal(await show(person, "COST", "PARTNERS"))).toBe("CONFLICT agreedTo");
    expect(refusal(await show(person, "LEVEL", "MEMBERS"))).toBe("CONFLICT agreedTo");
  });

  test("agreeing to a coarser value is not agreeing to the value", async () => {
    const person = await listed(
      node,
      {
        alias: "Jaguar",
        regions: [{ region: "GT-09", relation: "BASED_IN", coarser: [{ code: "013", audience: "PUBLIC" }] }],
      },
      [["ENTRY", "PUBLIC"]],
    );
    expect(await seen(node.ask, person.id)).toContain('"code":"013"');
    expect(refusal(await show(person, "REGIONS", "PUBLIC"))).toBe("CONFLICT agreedTo");
    expect(await seen(node.ask, person.id)).not.toContain("GT-09");
    const wider = {
      regions: [{ region: "GT-09", relation: "BASED_IN", coarser: [{ code: "GT", audience: "PARTNERS" }] }],
    };
    expect((await save(person, wider)).errors).toBeUndefined();
  });
});

describe("looking at an entry as others do", () => {
  test("seenBy is what that audience gets, byte for byte", async () => {
    const person = await listed(node, whole, [
      ["ENTRY", "PUBLIC"],
      ["ABOUT", "PUBLIC"],
      ["ORGANIZATIONS", "PUBLIC"],
      ["RESOURCES", "PARTNERS"],
      ["CONTACT", "MEMBERS", "SIGNAL zorzal.42"],
      ["SPECIALTIES", "PRIVATE", "psychosocial.self-care"],
    ]);
    const member = await node.signedIn("PRACTITIONER");
    const as = async (audience: string) => {
      const { data } = await person.ask<{ profile: { seenBy: unknown } }>(
        `{ profile { seenBy(audience: ${audience}) { ${EVERYTHING} } } }`,
      );
      return JSON.stringify(data.profile.seenBy);
    };
    expect(await as("PUBLIC")).toBe(await seen(node.ask, person.id));
    expect(await as("MEMBERS")).toBe(await seen(member.ask, person.id));
    const [partners] = (await kept("select doc from seen.listing where audience = 'PARTNERS' and id = $1", [
      person.id,
    ])) as { doc: string }[];
    const doc = JSON.parse(partners?.doc ?? "") as Record<string, unknown>;
    expect(JSON.parse(await as("PARTNERS"))).toMatchObject({
      alias: doc["alias"],
      about: (doc["about"] as Record<string, string>)["ckb"],
      cost: doc["cost"],
      communities: doc["communities"],
      contact: [],
      availability: null,
      regions: [
        { region: { code: "GT" }, relation: "WORKS_IN" },
        { region: { code: "GT" }, relation: "BASED_IN" },
      ],
    });
    expect(
      new Set([await as("PUBLIC"), await as("PARTNERS"), await as("MEMBERS"), await as("PRIVATE")]).size,
    ).toBe(4);
    expect(await as("PUBLIC")).not.toMatch(/GT-09|zorzal|WOMEN|self-care/);
    expect(await as("MEMBERS")).not.toMatch(/zorzal@example|self-care/);
    expect(await as("PRIVATE")).toMatch(/zorzal@example.*/);
  });

  test("a draft is seen as it would be once listed, and an audience that it does not reach sees nothing", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    await save(person, whole);
    const { data } = await person.ask<{ profile: Record<string, { alias: string } | null> }>(
      "{ profile { PUBLIC: seenBy(audience: PUBLIC) { alias } PARTNERS: seenBy(audience: PARTNERS) { alias } } }",
    );
    expect(data.profile).toEqual({ PUBLIC: null, PARTNERS: { alias: "Zorzal" } });
  });

  test("what an entry leads to is seen with the eyes it is looked at with", async () => {
    const person = await listed(node, { alias: "Tecuán", resources: [resource?.id] }, [
      ["ENTRY", "PUBLIC"],
      ["RESOURCES", "PUBLIC"],
    ]);
    const hidden = await listed(node, { alias: "Nagual", resources: [resource?.id] });
    await show(hidden, "RESOURCES", "MEMBERS");
    const who = async (audience: string) => {
      const { data } = await person.ask<{
        profile: { seenBy: { resources: { practitioners: { alias: string }[] }[] } };
      }>(`{ profile { seenBy(audience: ${audience}) { resources { practitioners { alias } } } } }`);
      return data.profile.seenBy.resources.flatMap(({ practitioners }) =>
        practitioners.map(({ alias }) => alias),
      );
    };
    await settled(async () => (await who("MEMBERS")).includes("Nagual"));
    expect(await who("PUBLIC")).not.toContain("Nagual");
    expect(await who("PUBLIC")).toContain("Tecuán");
  });
});

/** The index follows commits within moments. */
async function settled(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it never came to be");
}

describe("withdrawing and erasing", () => {
  test("a withdrawn entry is gone from every listing at once, and agreed to anew before it comes back", async () => {
    const person = await listed(node, { alias: "Pijul", cost: "PAID" }, [["ENTRY", "PUBLIC"]]);
    expect(await audiencesOf(node, person.id)).toHaveLength(3);
    const { data } = await does(person, "withdrawProfile");
    expect(data["withdrawProfile"]).toMatchObject({ state: "WITHDRAWN", practitioner: { alias: "Pijul" } });
    expect(await audiencesOf(node, person.id)).toEqual([]);
    expect(await seen(node.ask, person.id)).toBe("null");
    expect(await kept("select from base.consent where practitioner = $1", [person.id])).toEqual([]);
    await does(person, "submitProfile", { agreedTo: version });
    expect((await own(person)).state).toBe("AWAITING_REVIEW");
    expect(await audiencesOf(node, person.id)).toEqual([]);
  });

  test("an erased entry leaves nothing but its random id in the audit log", async () => {
    const person = await listed(node, whole, [["ENTRY", "PUBLIC"]]);
    const other = await listed(node, { alias: "Chara" });
    await other.ask(`mutation { vouch(practitioner: "${person.id}") }`);
    await kept(
      "insert into base.source (source, source_key, source_id, kind, id, original) values ('old', repeat('ab', 32), 'Z1', 'practitioner', $1, '{\"fields\":{\"alias\":\"print\"}}')",
      [person.id],
    );
    expect((await person.ask("mutation { eraseProfile }")).data).toEqual({ eraseProfile: true });
    expect(await audiencesOf(node, person.id)).toEqual([]);
    const tables = [
      "practitioner where id",
      "fact where practitioner",
      "person_key where practitioner",
      "consent where practitioner",
      "vouch where practitioner",
      "source where id",
    ];
    for (const table of tables) expect(await kept(`select from base.${table} = $1`, [person.id])).toEqual([]);
    expect(await kept("select source_id, original from base.source where source = 'old'")).toEqual([
      { source_id: "", original: '{"fields":{},"names":{},"parts":[]}' },
    ]);
    expect((await auditOf(node, person.id)).at(-1)).toBe("PRACTITIONER ERASED");
    expect((await person.ask("{ profile { id } }")).data).toEqual({ profile: null });
    expect((await person.ask("mutation { eraseProfile }")).data).toEqual({ eraseProfile: false });
    const again = await save(person, { alias: "Otra" });
    expect(again.data.saveProfile.id).not.toBe(person.id);
  });

  test("what was done is recorded with the names of fields, and no value", async () => {
    const person = await listed(node, { alias: "Perico", cost: "PAID" }, [["ENTRY", "PUBLIC"]]);
    await show(person, "COST", "PRIVATE");
    await save(person, { alias: "Perico", cost: "PAID" });
    await save(person, { cost: "PRO_BONO", hide: [{ field: "ALIAS", to: "PARTNERS" }] });
    await does(person, "confirmProfile");
    await does(person, "withdrawProfile");
    expect(await auditOf(node, person.id)).toEqual([
      "PRACTITIONER ENTRY_SAVED ALIAS COST",
      "PRACTITIONER AUDIENCE_CHANGED ALIAS COST",
      "PRACTITIONER AUDIENCE_CHANGED ENTRY ALIAS",
      "PRACTITIONER SUBMITTED",
      "STEWARD ACCEPTED",
      "PRACTITIONER AUDIENCE_CHANGED COST",
      "PRACTITIONER ENTRY_SAVED COST",
      "PRACTITIONER AUDIENCE_CHANGED ALIAS",
      "PRACTITIONER CONFIRMED",
      "PRACTITIONER WITHDRAWN",
    ]);
  });
});
