import type { Deed } from "../audit/audit.js";
import { record } from "../audit/audit.store.js";
import type { Home } from "../listing/home.js";
import { saveOrganizations } from "../organizations/organization.store.js";
import {
  relist,
  saveConsents,
  savePractitioners,
  saveVouches,
  stoodBehind,
} from "../practitioners/practitioner.store.js";
import { saveResources } from "../resources/resource.store.js";
import type { Mapping } from "./mapping.js";
import { isQuestion, type Step } from "./plan.js";
import { consentText, type Wanted } from "./records.js";
import type { Transaction } from "../storage/database.js";
import { saveImported, takeBack } from "./source.store.js";

type Kind<K extends Wanted["kind"]> = Extract<Wanted, { readonly kind: K }>;

const AT_ONCE = 500;

/** Writes what the plan changes, in the transaction it was planned in. What is unchanged or refused is not touched. */
export async function applyPlan(
  tx: Transaction,
  home: Home,
  mapping: Mapping,
  steps: readonly Step[],
  applied: (count: number) => void,
): Promise<void> {
  const changes = steps.filter(({ outcome }) => outcome === "created" || outcome === "changed");
  for (let from = 0; from < changes.length; from += AT_ONCE) {
    const some = changes.slice(from, from + AT_ONCE);
    await saveRecords(tx, home, some);
    await remember(tx, home, mapping, some);
    applied(from + some.length);
  }
  // A vouch needs both of its people, so it waits until everybody is there.
  await saveTies(tx, home, mapping, steps, changes);
  // Last, because whoever else records something waits from here on.
  await record(tx, home, ...changes.filter(({ fields }) => fields.length > 0).flatMap(deedsOf));
}

/** What was taken over about a person, so that they can read it; what organizations and texts say of themselves is public. */
function deedsOf({ wanted, id, fields }: Step): readonly Deed[] {
  return wanted.kind === "practitioner"
    ? [{ actor: "operator", action: "IMPORTED", object: id, fields }]
    : [];
}

async function saveRecords(tx: Transaction, home: Home, steps: readonly Step[]): Promise<void> {
  const wanted = steps.filter(({ writes }) => writes).map((step) => step.wanted);
  const people = only(wanted, "practitioner");
  const organizations = only(wanted, "organization");
  const resources = only(wanted, "resource");
  if (people.length > 0)
    await savePractitioners(
      tx,
      home,
      people.map(({ record }) => record),
    );
  if (organizations.length > 0)
    await saveOrganizations(
      tx,
      home,
      organizations.map(({ record }) => record),
    );
  if (resources.length > 0)
    await saveResources(
      tx,
      home,
      resources.map(({ record }) => record),
    );
}

async function remember(
  tx: Transaction,
  home: Home,
  mapping: Mapping,
  steps: readonly Step[],
): Promise<void> {
  const questions = steps.flatMap(({ key, reasons }) =>
    reasons.filter(isQuestion).map((reason) => ({ key, ...reason })),
  );
  await saveImported(tx, home, mapping, steps, questions);
}

async function saveTies(
  tx: Transaction,
  home: Home,
  mapping: Mapping,
  all: readonly Step[],
  changes: readonly Step[],
): Promise<void> {
  const everybody = all.map(({ id }) => id);
  for (let from = 0; from < changes.length; from += AT_ONCE) {
    const some = changes.slice(from, from + AT_ONCE).map(({ wanted }) => wanted);
    await saveTiesOf(tx, home, consentText(mapping), only(some, "practitioner"), everybody);
  }
}

async function saveTiesOf(
  tx: Transaction,
  home: Home,
  textVersion: string,
  people: readonly Kind<"practitioner">[],
  everybody: readonly string[],
): Promise<void> {
  if (people.length === 0) return;
  const vouches = people.flatMap(vouchesOf);
  const ids = people.map(({ record }) => record.id);
  const fewer = new Set(await takeBack(tx, ids, textVersion, everybody, vouches));
  await saveConsents(
    tx,
    people.flatMap(({ consents }) => consents),
  );
  await saveVouches(tx, home, vouches);
  // Whoever lost a vouch is listed anew: how many stand behind them is in the listing.
  const lost = people.filter(({ record }) => fewer.has(record.id)).map(({ record }) => record);
  if (lost.length > 0) await savePractitioners(tx, home, lost);
  // A vouch counts while its voucher is listed, which the file may have changed.
  await relist(tx, home, await stoodBehind(tx, ids));
}

function vouchesOf({ record, vouchers }: Kind<"practitioner">): Parameters<typeof saveVouches>[2] {
  return vouchers.map((voucher) => ({ practitioner: record.id, voucher, given: null }));
}

function only<K extends Wanted["kind"]>(wanted: readonly Wanted[], kind: K): readonly Kind<K>[] {
  return wanted.filter((one): one is Kind<K> => one.kind === kind);
}
