import type { Person, PersonRole, TestNode } from "./node.js";
import type { Answer } from "./node.js";

/** What tests of entries ask for again and again. */
export const PROFILE = `id state reason confirmBy confirmationDue
  practitioner { alias }
  visibility { field item audience ceiling coarser { item audience } }`;

export type ProfileAnswer = {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly confirmBy: string | null;
  readonly confirmationDue: boolean;
  readonly practitioner: { readonly alias: string } | null;
  readonly visibility: readonly {
    readonly field: string;
    readonly item: string | null;
    readonly audience: string;
    readonly ceiling: string;
    readonly coarser: readonly { readonly item: string; readonly audience: string }[];
  }[];
};

/** Everything that can be asked of a practitioner, but for what is searched. */
export const EVERYTHING = `id alias about about_es: about(in: "es") pronouns
  specialties { specialty { code } depth } languages { language { tag } level use }
  regions { region { code } relation } formats delivery level communities offersFollowUp coFacilitates
  availability { status from until asOf } cost
  organizations { id name contact { value } } resources { id title }
  seeks { code } vouches { band latest } contact { kind value note } referable
  provenance { network { id name } verified expires signed }`;

/** The version of the text that people agree to. */
export async function currentVersion(node: TestNode): Promise<string> {
  const { data } = await node.ask<{ consentText: { version: string } }>("{ consentText { version } }");
  return data.consentText.version;
}

/** Somebody whose session outlasts the months that pass in a test. */
export async function comesToStay(node: TestNode, role: PersonRole): Promise<Person> {
  const person = await node.signedIn(role);
  await node.ground.database.transaction((tx) =>
    tx.query("update base.session set expires = '2100-01-01' where account = $1", [person.account]),
  );
  return person;
}

export function save(
  person: Person,
  input: Record<string, unknown>,
  agreedTo: string | null = null,
): Promise<Answer<{ saveProfile: ProfileAnswer }>> {
  return person.ask(
    `mutation ($input: ProfileInput!, $agreedTo: String) { saveProfile(input: $input, agreedTo: $agreedTo) { ${PROFILE} } }`,
    { input, agreedTo },
  );
}

export function show(
  person: Person,
  field: string,
  to: string,
  more: { readonly item?: string; readonly agreedTo?: string } = {},
): Promise<Answer<{ show: ProfileAnswer }>> {
  return person.ask(
    `mutation ($field: ProfileField!, $to: Audience!, $item: String, $agreedTo: String) {
      show(field: $field, to: $to, item: $item, agreedTo: $agreedTo) { ${PROFILE} } }`,
    { field, to, ...more },
  );
}

/** One of the mutations that take no more than an id, a reason or a version. */
export async function does(
  person: Person,
  mutation: string,
  args: Record<string, string> = {},
): Promise<Answer<Record<string, ProfileAnswer>>> {
  const given = Object.entries(args).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return person.ask(
    `mutation { ${mutation}${given.length === 0 ? "" : `(${given.join(", ")})`} { ${PROFILE} } }`,
  );
}

/** Somebody with an entry that says this, shown like this, and accepted by a steward. */
export async function listed(
  node: TestNode,
  input: Record<string, unknown>,
  shown: readonly (readonly [field: string, to: string, item?: string])[] = [],
  role: PersonRole = "PRACTITIONER",
): Promise<Person & { readonly id: string }> {
  const person = await comesToStay(node, role);
  const saved = await save(person, input);
  if (saved.errors !== undefined) throw new Error(saved.text);
  const { id } = saved.data.saveProfile;
  for (const [field, to, item] of shown) {
    const answer = await show(person, field, to, item === undefined ? {} : { item });
    if (answer.errors !== undefined) throw new Error(answer.text);
  }
  const submitted = await does(person, "submitProfile", { agreedTo: await currentVersion(node) });
  if (submitted.errors !== undefined) throw new Error(submitted.text);
  const accepted = await does(await comesToStay(node, "STEWARD"), "acceptPractitioner", { id });
  if (accepted.errors !== undefined) throw new Error(accepted.text);
  return { ...person, id };
}

/** What somebody sees of a practitioner, as one text. */
export async function seen(ask: Person["ask"], id: string): Promise<string> {
  const { data, text } = await ask<{ practitioner: unknown }>(
    `query ($id: ID!) { practitioner(id: $id) { ${EVERYTHING} } }`,
    { id },
  );
  if (data === undefined) throw new Error(text);
  return JSON.stringify(data.practitioner);
}

/** Which audiences have a listing of this record. */
export async function audiencesOf(node: TestNode, id: string): Promise<readonly string[]> {
  const { rows } = await node.ground.database.read.query<{ audience: string }>(
    "select audience from seen.listing where id = $1 order by audience",
    [id],
  );
  return rows.map(({ audience }) => audience);
}

/** What was recorded about something, oldest first, without the session's own random ids. */
export async function auditOf(node: TestNode, id: string): Promise<readonly string[]> {
  const rows = await node.ground.database.transaction((tx) =>
    tx.query<{ action: string; actor: string; fields: string[] }[]>(
      "select action, actor, fields from base.audit where object = $1 order by seq",
      [id],
    ),
  );
  return rows.map(({ actor, action, fields }) => [actor.split(" ")[0], action, ...fields].join(" "));
}
