import { randomUUID } from "node:crypto";
import { countDeeds, record } from "../audit/audit.store.js";
import type { Actor } from "../audit/audit.js";
import { DirectoryError, badInput } from "../errors.js";
import type { Home } from "../listing/home.js";
import { isId, parseId } from "../listing/listing.js";
import type { Database, Transaction } from "../storage/database.js";
import type { PersonRole } from "./invitation.js";
import { newRecoveryCodes, recoveryMac } from "./recovery-code.js";
import { STEWARDS, type Person } from "./person.js";
import { sealSecret } from "./second-factor.js";
import type { Sessions } from "./session.store.js";

/** An account as stewards see it: no address, because none is kept. */
export type Account = {
  readonly id: string;
  readonly role: PersonRole;
  readonly suspended: boolean;
  readonly created: string;
  /** The entry that belongs to it; null when it has none. */
  readonly practitioner: string | null;
};

/** What an account is made with: the mac of its address, the hash of its password, its authenticator and the step just used. */
type NewAccount = {
  readonly role: PersonRole;
  readonly address: Buffer;
  readonly password: string;
  readonly secret: string;
  readonly step: number;
};

type Made = { readonly account: string; readonly recoveryCodes: readonly string[] };

/** Makes an account and its recovery codes, which are told once; null when the address has an account. */
export async function createAccount(tx: Transaction, home: Home, draft: NewAccount): Promise<Made | null> {
  const account = randomUUID();
  await tx.query(insertAccount, [account, draft.role, home.clock()]);
  const [made] = await tx.query<object[]>(insertCredential, [
    account,
    draft.address,
    draft.password,
    sealSecret(home, account, draft.secret),
    draft.step,
  ]);
  return made === undefined ? null : { account, recoveryCodes: await makeRecoveryCodes(tx, home, account) };
}

/** New recovery codes in place of those there were. */
export async function makeRecoveryCodes(
  tx: Transaction,
  home: Home,
  account: string,
): Promise<readonly string[]> {
  const codes = newRecoveryCodes();
  await tx.query("delete from base.recovery_code where recovery_code.account = $1", [account]);
  for (const code of codes)
    await tx.query("insert into base.recovery_code (account, code) values ($1, $2)", [
      account,
      recoveryMac(home, account, code),
    ]);
  return codes;
}

/** What else has to go with an account, in the transaction that removes it. */
export type WhenRemoved = (tx: Transaction, account: string, by: Actor) => Promise<unknown>;

const MOST_AT_ONCE = 200;
/** So many accounts one steward or admin can remove within a day. */
const MOST_REMOVALS = 10;
const DAY = 24 * 60 * 60 * 1000;

/** The accounts of this node. */
export class Accounts {
  constructor(
    private readonly database: Database,
    private readonly home: Home,
    private readonly sessions: Sessions,
    private readonly whenRemoved: readonly WhenRemoved[],
  ) {}

  /** Up to `first` accounts in the order of their ids, which says nothing, behind the one named by `after`. */
  async list(first: number, after: string | null): Promise<readonly Account[]> {
    if (first < 1 || first > MOST_AT_ONCE)
      throw badInput(`Ask for 1 to ${MOST_AT_ONCE} accounts at once.`, ["first"]);
    const behind = after === null ? null : parseId(after, ["after"]);
    return this.database.transaction((tx) => tx.query<Account[]>(selectAccounts, [first, behind]));
  }

  /** Removes somebody else's account, or one's own as an admin; NOT_FOUND when there is none with this id. */
  async remove(by: Person, id: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const keepers = await lockKeepers(tx);
      const [found] = isId(id) ? await tx.query<{ role: PersonRole }[]>(selectRole, [id]) : [];
      if (found === undefined)
        throw new DirectoryError("NOT_FOUND", "There is no account with this id.", ["id"]);
      if (by.role !== "ADMIN" && STEWARDS.includes(found.role))
        throw new DirectoryError("FORBIDDEN", "The account of a steward or an admin is removed by an admin.");
      await this.#refuseTooMany(tx, by);
      await this.#remove(tx, by, { id: id.toLowerCase(), keepers });
    });
    this.sessions.forgetAll();
  }

  /** Removes one's own account; who is asked has shown who they are. */
  async removeOwn(person: Person): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.#remove(tx, person, { id: person.account, keepers: await lockKeepers(tx) });
    });
    this.sessions.forgetAll();
  }

  /** A session in the wrong hands must not be able to empty the directory. */
  async #refuseTooMany(tx: Transaction, by: Person): Promise<void> {
    const since = new Date(this.home.clock().getTime() - DAY);
    if ((await countDeeds(tx, { actor: by, action: "ACCOUNT_REMOVED" }, since)) < MOST_REMOVALS) return;
    throw new DirectoryError(
      "RATE_LIMITED",
      `One steward can remove ${MOST_REMOVALS} accounts a day, so that a stolen session cannot empty the directory.`,
    );
  }

  async #remove(tx: Transaction, actor: Actor, { id, keepers }: Leaving): Promise<void> {
    if (keepers.length === 1 && keepers[0] === id)
      throw new DirectoryError(
        "CONFLICT",
        "This is the last steward or admin: without them nobody could look after the node. Invite another first.",
      );
    for (const also of this.whenRemoved) await also(tx, id, actor);
    await tx.query("delete from base.account where account.id = $1", [id]);
    await record(tx, this.home, { actor, action: "ACCOUNT_REMOVED", object: id });
  }
}

type Leaving = { readonly id: string; readonly keepers: readonly string[] };

/** The stewards and admins, held until commit: two who remove each other at once do not both succeed. */
async function lockKeepers(tx: Transaction): Promise<readonly string[]> {
  return (await tx.query<{ id: string }[]>(selectKeepers)).map(({ id }) => id);
}

const insertAccount = "insert into base.account (id, role, created) values ($1, $2, $3)";

const insertCredential = `
  insert into base.credential (account, address, password, second_factor, last_step)
  values ($1, $2, $3, $4, $5)
  on conflict on constraint credential_address_unique do nothing
  returning credential.account`;

/** Of which entries members see something, or would see something once they are listed: for stewards there are no others. */
export const knownToStewards = `
  practitioner.state in ('AWAITING_REVIEW', 'LISTED', 'SUSPENDED') and practitioner.audience <> 'PRIVATE'
    and exists (
      select from base.fact
      where fact.practitioner = practitioner.id and fact.field = 'alias' and fact.audience <> 'PRIVATE')`;

const selectAccounts = `
  select account.id, account.role, account.suspended,
    to_char(account.created at time zone 'UTC', 'YYYY-MM-DD') as created, practitioner.id as practitioner
  from base.account
  left join base.practitioner
    on practitioner.account = account.id and ${knownToStewards}
  where $2::uuid is null or account.id > $2
  order by account.id
  limit $1`;

const selectRole = "select account.role from base.account where account.id = $1";

const selectKeepers = `
  select account.id from base.account
  where account.role in ('STEWARD', 'ADMIN') and not account.suspended
  order by account.id
  for update`;
