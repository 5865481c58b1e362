import { randomUUID } from "node:crypto";
import { newPerson } from "../../src/practitioners/profile.js";
import type { Practitioner, PractitionerFacts } from "../../src/practitioners/practitioner.js";
import { savePractitioners } from "../../src/practitioners/practitioner.store.js";
import { saveResources } from "../../src/resources/resource.store.js";
import type { Audience } from "../../src/visibility/audience.js";
import type { TestNode } from "../node.js";
import { fullResource } from "../proof/full.js";

/** What somebody does, where and in which language, told to this audience. */
export type Work = {
  readonly specialty?: string;
  readonly region?: string;
  readonly relation?: "WORKS_IN" | "TRAVELS_TO" | "REMOTE_TO" | "BASED_IN";
  readonly language?: string;
  readonly level?: "BASIC" | "WORKING" | "FLUENT" | "NATIVE";
  readonly to?: Audience;
};

/** People who work in psychosocial care in Guatemala in K'iche', but for what is said; their ids. */
export async function arrive(node: TestNode, count: number, work: Work = {}): Promise<readonly string[]> {
  const people = Array.from({ length: count }, () => somebody(work));
  const { database, home } = node.ground;
  await database.transaction((tx) => savePractitioners(tx, home, people));
  return people.map(({ id }) => id);
}

function somebody(work: Work): Practitioner {
  const { specialty = "psychosocial.self-care", region = "GT", relation = "WORKS_IN" } = work;
  const { language = "quc", level = "FLUENT", to: audience = "PUBLIC" } = work;
  const told = <T>(value: T) => ({ value, audience });
  const facts: PractitionerFacts = {
    ...newPerson("").facts,
    alias: told("Guayacán"),
    specialties: [told({ specialty, depth: null })],
    languages: [told({ language, level, use: [] })],
    regions: [told({ region, relation })],
  };
  return { id: randomUUID(), state: "LISTED", audience, verified: null, facts };
}

/** They leave, as whoever withdraws does. */
export async function leave(node: TestNode, ids: readonly string[]): Promise<void> {
  const { database, home } = node.ground;
  const gone = ids.map((id): Practitioner => ({ ...somebody({}), id, state: "WITHDRAWN" }));
  await database.transaction((tx) => savePractitioners(tx, home, gone));
}

/** All of them, and nobody remembers what they said. */
export async function everybodyLeaves(node: TestNode): Promise<void> {
  const { database } = node.ground;
  const all = await database.transaction((tx) =>
    tx.query<{ id: string }[]>("select practitioner.id from base.practitioner"),
  );
  await leave(
    node,
    all.map(({ id }) => id),
  );
  await database.transaction((tx) => tx.query("delete from base.practitioner"));
}

/** They have said that they want to be counted, or that they do not, to the text as it is now. */
export async function say(node: TestNode, ids: readonly string[], agreed: boolean): Promise<void> {
  await node.ground.database.transaction(async (tx) => {
    for (const id of ids)
      await tx.query(
        `insert into base.counted (practitioner, agreed, text_version, given) values ($1, $2, $3, current_date)
         on conflict (practitioner) do update set agreed = excluded.agreed, text_version = excluded.text_version`,
        [id, agreed, (await versionOf(node)) ?? ""],
      );
  });
}

async function versionOf(node: TestNode): Promise<string | undefined> {
  const { data } = await node.ask<{ consentText: { version: string } }>("{ consentText { version } }");
  return data.consentText.version;
}

/** A guide with a text in this language, or with none that really is in it. */
export async function publishGuide(node: TestNode, language: string | null): Promise<void> {
  const { database, home } = node.ground;
  const guide = fullResource(randomUUID(), "PUBLIC", "guide");
  const { facts } = guide;
  const languages = language === null ? [] : [{ language, url: null, stale: false }];
  await database.transaction((tx) =>
    saveResources(tx, home, [
      { ...guide, facts: { ...facts, languages, regions: ["GT"], specialties: ["psychosocial"] } } as never,
    ]),
  );
}
