import { ceiba } from "../seeds/cast.js";
import {
  EVERYTHING,
  PROFILE,
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
let steward: Person;
beforeAll(async () => {
  node = await startTestNode();
  version = await currentVersion(node);
  steward = await comesToStay(node, "STEWARD");
});
afterAll(() => node.close());

const never = "6f5f0a51-0000-4000-8000-000000000001";

/** An entry with something to hide, handed in. */
async function handedIn(alias: string): Promise<Person & { readonly id: string }> {
  const person = await comesToStay(node, "PRACTITIONER");
  const { data } = await save(person, {
    alias,
    pronouns: "canary-pronouns",
    regions: [
      { region: "GT-09", relation: "BASED_IN", coarser: [{ code: "GT", audience: "MEMBERS" }] },
      { region: "GT-13", relation: "BASED_IN", coarser: [{ code: "GT", audience: "MEMBERS" }] },
      { region: "HN", relation: "WORKS_IN" },
    ],
    contact: [
      { kind: "EMAIL", value: "canary@example.org" },
      { kind: "SIGNAL", value: "known.42" },
    ],
    hide: [{ field: "PRONOUNS" }, { field: "REGIONS", item: "GT-09" }, { field: "REGIONS", item: "GT-13" }],
  });
  await show(person, "CONTACT", "MEMBERS", { item: "SIGNAL known.42" });
  await does(person, "submitProfile", { agreedTo: version });
  return { ...person, id: data.saveProfile.id };
}

async function toReview(who: Person): Promise<readonly ProfileAnswer[]> {
  const { data } = await who.ask<{ entriesToReview: ProfileAnswer[] }>(`{ entriesToReview { ${PROFILE} } }`);
  return data.entriesToReview;
}

function refusal({ errors }: Answer<unknown>): string {
  const { code, path } = errors?.[0]?.extensions ?? {};
  return [code, ...((path as string[] | undefined) ?? [])].join(" ");
}

describe("reviewing", () => {
  test("a steward sees of an entry what members will see, and no trace of what is private", async () => {
    const person = await handedIn("Venado");
    const { data, text } = await steward.ask<{
      entriesToReview: (ProfileAnswer & Record<string, unknown>)[];
    }>(
      `{ entriesToReview { ${PROFILE} whole: practitioner { ${EVERYTHING} } PRIVATE: seenBy(audience: PRIVATE) { alias }
         MEMBERS: seenBy(audience: MEMBERS) { ${EVERYTHING} } PUBLIC: seenBy(audience: PUBLIC) { alias } } }`,
    );
    const entry = data.entriesToReview.find(({ id }) => id === person.id);
    expect(text).not.toMatch(/canary|GT-09|GT-13/);
    expect(entry).toMatchObject({
      state: "AWAITING_REVIEW",
      PRIVATE: null,
      PUBLIC: null,
      whole: { alias: "Venado", regions: [{ region: { code: "GT" } }, { region: { code: "HN" } }] },
    });
    expect(entry?.["whole"]).toEqual(entry?.["MEMBERS"]);
    // Two places that members see as one are one here too.
    expect(entry?.visibility.map(({ field, item, audience }) => [field, item, audience])).toEqual([
      ["ENTRY", null, "PARTNERS"],
      ["ALIAS", null, "PARTNERS"],
      ["REGIONS", "WORKS_IN HN", "PARTNERS"],
      ["REGIONS", "BASED_IN GT", "MEMBERS"],
      ["CONTACT", "SIGNAL known.42", "MEMBERS"],
    ]);
    await does(steward, "acceptPractitioner", { id: person.id });
    const member = await node.signedIn("PRACTITIONER");
    expect(await seen(member.ask, person.id)).toBe(JSON.stringify(entry?.["whole"]));
  });

  test("each look is recorded", async () => {
    const person = await handedIn("Tlacuache");
    await toReview(steward);
    await toReview(steward);
    expect((await auditOf(node, person.id)).slice(-2)).toEqual(["STEWARD REVIEWED", "STEWARD REVIEWED"]);
    await does(steward, "acceptPractitioner", { id: person.id });
  });

  test("drafts, withdrawn entries and those that members would see nothing of are not there, as what never was", async () => {
    const draft = await comesToStay(node, "PRACTITIONER");
    const { data } = await save(draft, { alias: "Borrador" });
    const withdrawn = await listed(node, { alias: "Retirada" });
    await does(withdrawn, "withdrawProfile");
    const hidden = await handedIn("Escondida");
    await show(hidden, "ENTRY", "PRIVATE");
    const nameless = await handedIn("Anónima");
    await show(nameless, "ALIAS", "PRIVATE");
    const hiddenListed = await listed(node, { alias: "Guardada" });
    await show(hiddenListed, "ENTRY", "PRIVATE");
    const ids = [data.saveProfile.id, withdrawn.id, hidden.id, nameless.id, hiddenListed.id];
    const waiting = (await toReview(steward)).map(({ id }) => id);
    expect(ids.filter((id) => waiting.includes(id))).toEqual([]);
    for (const mutation of ["acceptPractitioner", "liftPractitioner"])
      for (const id of ids)
        expect((await does(steward, mutation, { id })).text).toBe(
          (await does(steward, mutation, { id: never })).text,
        );
    for (const mutation of ["suspendPractitioner", "returnPractitioner"])
      for (const id of ids)
        expect((await does(steward, mutation, { id, reason: "no" })).text).toBe(
          (await does(steward, mutation, { id: never, reason: "no" })).text,
        );
    expect(refusal(await does(steward, "acceptPractitioner", { id: never }))).toBe("NOT_FOUND id");
    expect(refusal(await does(steward, "acceptPractitioner", { id: "me" }))).toBe("BAD_USER_INPUT id");
  });

  test("an entry that nobody would see cannot be handed in", async () => {
    const person = await comesToStay(node, "PRACTITIONER");
    await save(person, { alias: "Sombra" });
    await show(person, "ALIAS", "PRIVATE");
    expect(refusal(await does(person, "submitProfile", { agreedTo: version }))).toBe("CONFLICT");
  });

  test("a returned entry is its owner's draft again, with a reason that lies sealed", async () => {
    const person = await handedIn("Regresada");
    const { data } = await does(steward, "returnPractitioner", {
      id: person.id,
      reason: "Say canary-reason more.",
    });
    expect(data["returnPractitioner"]).toMatchObject({ state: "DRAFT", practitioner: null, visibility: [] });
    const mine = await person.ask<{ profile: ProfileAnswer }>(`{ profile { ${PROFILE} } }`);
    expect(mine.data.profile).toMatchObject({ state: "DRAFT", reason: "Say canary-reason more." });
    const rows = await node.ground.database.transaction((tx) =>
      tx.query<{ reason: string }[]>("select reason from base.practitioner where id = $1", [person.id]),
    );
    expect(rows[0]?.reason).not.toMatch(/canary/);
    expect(refusal(await does(steward, "acceptPractitioner", { id: person.id }))).toBe("NOT_FOUND id");
    await does(person, "submitProfile", { agreedTo: version });
    expect((await toReview(steward)).find(({ id }) => id === person.id)?.reason).toBeNull();
    expect(refusal(await does(steward, "returnPractitioner", { id: person.id, reason: " " }))).toBe(
      "BAD_USER_INPUT reason",
    );
  });

  test("stewards do not accept, suspend or lift their own entry while there is another", async () => {
    const own = await comesToStay(node, "STEWARD");
    const { data } = await save(own, { alias: "Guardiana" });
    const { id } = data.saveProfile;
    await does(own, "submitProfile", { agreedTo: version });
    expect((await toReview(own)).map((entry) => entry.id)).not.toContain(id);
    expect(refusal(await does(own, "acceptPractitioner", { id }))).toBe("FORBIDDEN");
    expect((await does(steward, "acceptPractitioner", { id })).errors).toBeUndefined();
    expect(refusal(await does(own, "suspendPractitioner", { id, reason: "x" }))).toBe("FORBIDDEN");
  });

  test("the only steward of a node accepts their own entry, because nobody else can", async () => {
    const small = await startTestNode(null);
    const alone = await comesToStay(small, "STEWARD");
    const { data } = await save(alone, { alias: "Fundadora" });
    await does(alone, "submitProfile", { agreedTo: version });
    const accepted = await does(alone, "acceptPractitioner", { id: data.saveProfile.id });
    expect(accepted.data["acceptPractitioner"]).toMatchObject({ state: "LISTED" });
    await small.close();
  });

  test("stewards cannot put each other out of office, by suspending each other's entries either", async () => {
    const small = await startTestNode(null);
    const both = [await comesToStay(small, "STEWARD"), await comesToStay(small, "STEWARD")];
    const ids: string[] = [];
    for (const one of both) {
      ids.push((await save(one, { alias: "Guardiana" })).data.saveProfile.id);
      await does(one, "submitProfile", { agreedTo: version });
    }
    const others = [...ids].reverse();
    for (const [at, one] of both.entries()) await does(one, "acceptPractitioner", { id: others[at] ?? "" });
    const answers = await Promise.all(
      both.map((one, at) => does(one, "suspendPractitioner", { id: others[at] ?? "", reason: "x" })),
    );
    expect(answers.map(refusal)).toEqual(["", ""]);
    for (const { ask } of both)
      expect((await ask("{ suspendedEntries { id } viewer { audience } }")).data).toMatchObject({
        suspendedEntries: [{ id: expect.any(String) }],
        viewer: { audience: "MEMBERS" },
      });
    await small.close();
  });

  test("nobody but stewards reviews, suspends or adds records", async () => {
    const target = await handedIn("Ajena");
    const refused = [
      `mutation { acceptPractitioner(id: "${target.id}") { id } }`,
      `mutation { returnPractitioner(id: "${target.id}", reason: "x") { id } }`,
      `mutation { suspendPractitioner(id: "${target.id}", reason: "x") { id } }`,
      `mutation { liftPractitioner(id: "${target.id}") { id } }`,
      "{ entriesToReview { id } }",
      "{ suspendedEntries { id } }",
      'mutation { saveOrganization(input: { name: "X" }) { id } }',
      `mutation { removeOrganization(id: "${ceiba.organizations[0]?.id}") }`,
      'mutation { saveResource(input: { kind: GUIDE, title: [{ in: "en", text: "X" }] }) { id } }',
      `mutation { removeResource(id: "${ceiba.resources[0]?.id}") }`,
    ];
    for (const role of ["SEEKER", "FUNDER", "PRACTITIONER"] as const) {
      const person = await node.signedIn(role);
      for (const operation of refused) expect(refusal(await person.ask(operation))).toBe("FORBIDDEN");
    }
    for (const operation of refused) expect(refusal(await node.ask(operation))).toBe("UNAUTHENTICATED");
    expect((await does(steward, "acceptPractitioner", { id: target.id })).errors).toBeUndefined();
  });
});

describe("suspending", () => {
  test("takes the entry out of every listing and lets its owner see only what everyone sees", async () => {
    const person = await listed(node, { alias: "Apartada" }, [["ENTRY", "PUBLIC"]]);
    const membersOnly = await listed(node, { alias: "Interna" });
    const { data } = await does(steward, "suspendPractitioner", {
      id: person.id,
      reason: "until we have talked",
    });
    expect(data["suspendPractitioner"]).toMatchObject({
      state: "SUSPENDED",
      practitioner: { alias: "Apartada" },
    });
    expect(await audiencesOf(node, person.id)).toEqual([]);
    await eventually(async () => (await seen(person.ask, membersOnly.id)) === "null");
    const mine = await person.ask<{ profile: ProfileAnswer }>(`{ profile { ${PROFILE} } }`);
    expect(mine.data.profile).toMatchObject({ state: "SUSPENDED", reason: "until we have talked" });
  });

  test("a suspended person may look, show less, withdraw and erase, and nothing else", async () => {
    const person = await listed(node, { alias: "Callada", cost: "PAID" });
    await does(steward, "suspendPractitioner", { id: person.id, reason: "x" });
    for (const answer of [
      await save(person, { alias: "Otra" }),
      await show(person, "COST", "PUBLIC", { agreedTo: version }),
      await does(person, "submitProfile", { agreedTo: version }),
    ])
      expect(refusal(answer)).toBe("FORBIDDEN");
    expect((await does(person, "confirmProfile")).errors).toHaveLength(1);
    expect((await show(person, "COST", "PRIVATE")).errors).toBeUndefined();
    const { data } = await does(person, "withdrawProfile");
    expect(data["withdrawProfile"]).toMatchObject({ state: "SUSPENDED" });
    const lifted = await does(steward, "liftPractitioner", { id: person.id });
    expect(lifted.data["liftPractitioner"]).toMatchObject({
      state: "WITHDRAWN",
      practitioner: null,
      visibility: [],
    });
    expect(await audiencesOf(node, person.id)).toEqual([]);
  });

  test("whoever looks at their entry while suspended does not see through it what members see", async () => {
    const [first] = ceiba.organizations;
    const person = await listed(node, { alias: "Mirona", organizations: [first?.id] });
    const internal = await steward.ask<{ saveOrganization: { id: string } }>(
      'mutation { saveOrganization(input: { name: "Casa interna", audience: MEMBERS }) { id } }',
    );
    await save(person, { organizations: [first?.id, internal.data.saveOrganization.id] }, version);
    const names = async () => {
      const { data } = await person.ask<{ profile: { seenBy: { organizations: { name: string }[] } } }>(
        "{ profile { seenBy(audience: MEMBERS) { organizations { name } } } }",
      );
      return data.profile.seenBy.organizations.map(({ name }) => name);
    };
    expect(await names()).toContain("Casa interna");
    await does(steward, "suspendPractitioner", { id: person.id, reason: "x" });
    await eventually(async () => !(await names()).includes("Casa interna"));
    expect(await names()).toHaveLength(1);
  });

  test("lifting brings back what was there, and no more than was accepted", async () => {
    const accepted = await listed(node, { alias: "Vuelta" }, [["ENTRY", "PUBLIC"]]);
    const waiting = await handedIn("Pendiente");
    for (const { id } of [accepted, waiting]) await does(steward, "suspendPractitioner", { id, reason: "x" });
    const { data } = await steward.ask<{ suspendedEntries: { id: string }[] }>("{ suspendedEntries { id } }");
    expect(data.suspendedEntries.map(({ id }) => id)).toEqual(
      expect.arrayContaining([accepted.id, waiting.id]),
    );
    for (const { id } of [accepted, waiting]) await does(steward, "liftPractitioner", { id });
    expect(await audiencesOf(node, accepted.id)).toHaveLength(3);
    expect(await audiencesOf(node, waiting.id)).toEqual([]);
    expect((await toReview(steward)).map(({ id }) => id)).toContain(waiting.id);
    await eventually(async () => (await seen(accepted.ask, accepted.id)) !== "null");
    expect((await auditOf(node, accepted.id)).slice(-2)).toEqual(["STEWARD REVIEWED", "STEWARD LIFTED"]);
    expect(refusal(await does(steward, "liftPractitioner", { id: accepted.id }))).toBe("CONFLICT");
  });

  test("a steward does not suspend an admin; erasing while suspended does not end the suspension", async () => {
    const admin = await listed(node, { alias: "Jefa" }, [], "ADMIN");
    expect(refusal(await does(steward, "suspendPractitioner", { id: admin.id, reason: "x" }))).toBe(
      "FORBIDDEN",
    );
    const person = await listed(node, { alias: "Fugaz" });
    await does(steward, "suspendPractitioner", { id: person.id, reason: "x" });
    expect((await person.ask("mutation { eraseProfile }")).data).toEqual({ eraseProfile: true });
    await eventually(async () => refusal(await save(person, { alias: "Nueva" })) === "FORBIDDEN");
  });
});

/** A session is believed in for a moment after its account was suspended. */
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it never came to be");
}

describe("organizations and resources", () => {
  const organization = `id name summary(in: "es") roles specialties { code } languages { tag } regions { code }
    acceptsUrgentRequests website contact { kind value note } provenance { verified }`;
  const resource = `id kind title(in: "es") url authors published license languages { language { tag } url stale }
    specialties { code } minutes { min max } partOf { id } status`;

  function saveRecord<T>(
    kind: "Organization" | "Resource",
    input: Record<string, unknown>,
  ): Promise<Answer<Record<string, T>>> {
    const fields = kind === "Organization" ? organization : resource;
    return steward.ask(`mutation ($input: ${kind}Input!) { save${kind}(input: $input) { ${fields} } }`, {
      input,
    });
  }

  test("a steward adds an organization, changes it and takes it out", async () => {
    const { data } = await saveRecord<{ id: string }>("Organization", {
      name: "Casa Ceibal",
      summary: [{ in: "es", text: "Acoge." }],
      roles: ["HOST"],
      specialties: ["psychosocial"],
      languages: ["es"],
      regions: ["GT"],
      acceptsUrgentRequests: true,
      website: "https://casa.example.org",
      contact: [{ kind: "EMAIL", value: "hola@casa.example.org" }],
      verified: "2026-01-01",
    });
    const { id } = data["saveOrganization"] as { id: string };
    const asked = await node.ask<{ organization: object }>(
      `query ($id: ID!) { organization(id: $id) { ${organization} } }`,
      { id },
    );
    expect(asked.data.organization).toEqual(data["saveOrganization"]);
    const changed = await saveRecord("Organization", {
      id,
      audience: "MEMBERS",
      roles: null,
      acceptsUrgentRequests: null,
    });
    expect(changed.data["saveOrganization"]).toMatchObject({
      name: "Casa Ceibal",
      roles: [],
      acceptsUrgentRequests: null,
    });
    expect(await audiencesOf(node, id)).toEqual(["MEMBERS"]);
    expect((await steward.ask(`mutation { removeOrganization(id: "${id}") }`)).data).toEqual({
      removeOrganization: true,
    });
    expect(await audiencesOf(node, id)).toEqual([]);
    expect(refusal(await steward.ask(`mutation { removeOrganization(id: "${id}") }`))).toBe("NOT_FOUND id");
    expect(await auditOf(node, id)).toEqual([
      "STEWARD ORGANIZATION_SAVED",
      "STEWARD ORGANIZATION_SAVED",
      "STEWARD ORGANIZATION_REMOVED",
    ]);
  });

  test("a steward adds a resource with its parts; none is a part of itself, by whatever way", async () => {
    const title = (text: string) => ({ kind: "GUIDE", title: [{ in: "es", text }] });
    const add = async (text: string, more: Record<string, unknown> = {}) =>
      (
        (await saveRecord<{ id: string }>("Resource", { ...title(text), ...more })).data["saveResource"] as {
          id: string;
        }
      ).id;
    const whole = await add("Todo");
    const part = await add("Parte", {
      partOf: [whole],
      minutes: { min: 30, max: 60 },
      license: "CC-BY-4.0",
      published: "2024-02",
      languages: [{ language: "es" }],
    });
    const piece = await add("Pedazo", { partOf: [part] });
    const { data } = await node.ask(`query ($id: ID!) { resource(id: $id) { ${resource} } }`, { id: part });
    expect(data).toMatchObject({
      resource: { partOf: [{ id: whole }], minutes: { min: 30, max: 60 }, published: "2024-02" },
    });
    for (const [id, partOf] of [
      [whole, [piece]],
      [whole, [whole]],
      [part, [piece]],
    ] as const)
      expect(refusal(await saveRecord("Resource", { id, partOf }))).toBe("BAD_USER_INPUT input partOf");
    const circle = await Promise.all([
      saveRecord("Resource", { id: whole, partOf: [piece] }),
      saveRecord("Resource", { id: piece, partOf: [whole] }),
    ]);
    expect(circle.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    expect((await steward.ask(`mutation { removeResource(id: "${part}") }`)).errors).toBeUndefined();
    expect(await auditOf(node, part)).toEqual(["STEWARD RESOURCE_SAVED", "STEWARD RESOURCE_REMOVED"]);
  });

  test.each<["Organization" | "Resource", Record<string, unknown>, string]>([
    ["Organization", {}, "input name"],
    ["Organization", { name: " " }, "input name"],
    ["Organization", { name: "X", specialties: ["nothing"] }, "input specialties 0"],
    ["Organization", { name: "X", regions: ["ZZ"] }, "input regions 0"],
    ["Organization", { name: "X", website: "https://me:secret@example.org" }, "input website"],
    ["Organization", { name: "X", website: "mailto:a@example.org" }, "input website"],
    ["Organization", { name: "X", verified: "2999-01-01" }, "input verified"],
    ["Organization", { name: "X", contact: [{ kind: "EMAIL", value: "x" }] }, "input contact 0 value"],
    ["Organization", { id: "x", name: "X" }, "input id"],
    ["Resource", { title: [{ in: "es", text: "X" }] }, "input kind"],
    ["Resource", { kind: "GUIDE" }, "input title"],
    [
      "Resource",
      { kind: "GUIDE", title: [{ in: "es", text: "X" }], license: "free for all" },
      "input license",
    ],
    [
      "Resource",
      { kind: "GUIDE", title: [{ in: "es", text: "X" }], published: "2024-13" },
      "input published",
    ],
    [
      "Resource",
      { kind: "GUIDE", title: [{ in: "es", text: "X" }], minutes: { min: 60, max: 30 } },
      "input minutes",
    ],
    ["Resource", { kind: "GUIDE", title: [{ in: "es", text: "X" }], partOf: [never] }, "input partOf 0"],
    [
      "Resource",
      {
        kind: "GUIDE",
        title: [{ in: "es", text: "X" }],
        languages: [{ language: "es" }, { language: "es" }],
      },
      "input languages 1",
    ],
  ])("%s with %j is refused", async (kind, input, path) => {
    expect(refusal(await saveRecord(kind, input))).toBe(`BAD_USER_INPUT ${path}`);
  });

  test("a record of another network is not there to be changed", async () => {
    const id = "6f5f0a51-0000-4000-8000-0000000000b1";
    await node.ground.database.transaction(async (tx) => {
      await tx.query(
        "insert into seen.network (id, name) values ('6f5f0a51-0000-4000-8000-0000000000b0', 'Peer')",
      );
      await tx.query(
        `insert into seen.listing (audience, kind, id, origin, name, doc, tags, words, changed)
         select audience, kind, $1, '6f5f0a51-0000-4000-8000-0000000000b0', name, doc, tags, words, changed
         from seen.listing where kind = 'organization' and audience = 'MEMBERS' limit 1`,
        [id],
      );
    });
    const foreign = await saveRecord("Organization", { id, name: "Mine now" });
    const unknown = await saveRecord("Organization", { id: never, name: "Mine now" });
    expect(refusal(foreign)).toBe("NOT_FOUND input id");
    expect(foreign.text).toBe(unknown.text);
    expect((await steward.ask(`mutation { removeOrganization(id: "${id}") }`)).text).toBe(
      (await steward.ask(`mutation { removeOrganization(id: "${never}") }`)).text,
    );
  });
});
