import { record } from "../audit/audit.store.js";
import type { Actor } from "../audit/audit.js";
import { DirectoryError, badInput } from "../errors.js";
import type { Home } from "../listing/home.js";
import { isId } from "../listing/listing.js";
import type { Database, Transaction } from "../storage/database.js";
import { viewerOf, type Role } from "../visibility/viewer.js";
import { addressMac, isAddress } from "./address.js";
import type { Attempts } from "./attempts.store.js";
import { createAccount, knownToStewards } from "./account.store.js";
import {
  INVITATION_LASTS,
  invitable,
  isPersonRole,
  type NewInvitation,
  type PersonRole,
} from "./invitation.js";
import { checkPassword, hashPassword } from "./password.js";
import type { Person } from "./person.js";
import { authenticatorSecret, stepOf } from "./second-factor.js";
import { enter, type Entrance } from "./session.store.js";
import { digestOf, newToken } from "./token.js";

/** Whom to invite, as what; `practitioner` is an entry that belongs to nobody yet and is to become theirs. */
export type Invited = {
  readonly address: string;
  readonly role: Role;
  readonly practitioner: string | null;
};

/** What whoever holds an invitation is offered. */
export type Offer = { readonly role: PersonRole; readonly expires: Date; readonly secret: string };

/** What it takes to accept. `address` is for an invitation that carries none. */
export type Acceptance = {
  readonly address: string | null;
  readonly password: string;
  readonly code: string;
};

/** Who may come in. There is no other way to an account. */
export class Invitations {
  constructor(
    private readonly database: Database,
    private readonly home: Home,
    private readonly attempts: Attempts,
  ) {}

  /**
   * Invites somebody. Nothing tells whether the address has an account already: the invitation is the same, and can just not be
   * accepted as long as it has.
   */
  async invite(by: "operator" | Person, { address, role, practitioner }: Invited): Promise<NewInvitation> {
    if (!isPersonRole(role)) throw badInput("A person cannot be invited as this.", ["input", "role"]);
    if (by !== "operator" && invitable[by.role]?.includes(role) !== true)
      throw new DirectoryError("FORBIDDEN", "What you are here does not let you invite somebody as this.");
    if (!isAddress(address)) throw badInput("An address has 3 to 254 characters.", ["input", "address"]);
    if (practitioner !== null && role !== "PRACTITIONER")
      throw badInput("An entry can be handed over to a practitioner only.", ["input", "practitioner"]);
    const inviter = by === "operator" ? null : by.account;
    const mac = addressMac(this.home, address);
    return this.database.transaction(async (tx) => {
      if (practitioner !== null) await refuseUnlessNobodys(tx, practitioner);
      const made = await this.#write(tx, by, { mac, role, practitioner, inviter });
      // So that whoever the entry is of finds in its history who offered it.
      if (practitioner !== null)
        await record(tx, this.home, { actor: by, action: "INVITED", object: practitioner.toLowerCase() });
      return made;
    });
  }

  /** The one invitation by which the first steward comes in; null when somebody has an account, or it was made before and is still good. */
  firstInvitation(): Promise<NewInvitation | null> {
    return this.database.transaction(async (tx) => {
      await tx.query("select pg_advisory_xact_lock(hashtext('cadre first invitation'))");
      const [needed] = await tx.query<object[]>(selectWhetherFirst, [this.home.clock()]);
      if (needed === undefined) return null;
      return this.#write(tx, "node", { mac: null, role: "STEWARD", practitioner: null, inviter: null });
    });
  }

  /** What is offered to whoever holds this token; NOT_FOUND when it is of no invitation, or of one that was used or has expired. */
  async offer(token: string): Promise<Offer> {
    const { role, expires } = await this.database.transaction((tx) => this.#find(tx, token));
    return { role, expires, secret: authenticatorSecret(this.home, token) };
  }

  /** Makes the account that an invitation promises, once, and signs its owner in. */
  accept(source: string, token: string, acceptance: Acceptance): Promise<Entrance> {
    return this.attempts.limit({ source, account: null }, () => this.#accept(token, acceptance));
  }

  async #accept(token: string, { address, password, code }: Acceptance): Promise<Entrance> {
    const invitation = await this.database.transaction((tx) => this.#find(tx, token));
    const mac = this.#addressOf(invitation, address);
    checkPassword(this.home, password, mac, ["input", "password"]);
    const secret = authenticatorSecret(this.home, token);
    const step = await stepOf(secret, code, this.home.clock());
    if (step === null)
      throw badInput("This is not the code that your authenticator shows now.", ["input", "code"]);
    const hashed = await hashPassword(this.home, mac, password);
    return this.database.transaction(async (tx) => {
      // One joins at a time: of two invitations for one address, or one accepted twice, the second finds nothing.
      await tx.query("select pg_advisory_xact_lock(hashtext('cadre join'))");
      const { role } = await this.#use(tx, invitation.id);
      const made = await createAccount(tx, this.home, { role, address: mac, password: hashed, secret, step });
      if (made === null) throw notValid();
      if (invitation.practitioner !== null) await handOver(tx, invitation.practitioner, made.account);
      await tx.query("delete from base.invitation where invitation.address = $1", [mac]);
      await record(tx, this.home, {
        actor: viewerOf(role, made.account),
        action: "JOINED",
        object: made.account,
      });
      if (invitation.practitioner !== null)
        await record(tx, this.home, {
          actor: viewerOf(role, made.account),
          action: "JOINED",
          object: invitation.practitioner,
        });
      return enter(tx, { account: made.account, role }, this.home.clock(), made.recoveryCodes);
    });
  }

  #addressOf(invitation: Found, chosen: string | null): Buffer {
    if (invitation.address !== null) {
      if (chosen !== null)
        throw badInput("This invitation is for one address already; leave it out.", ["input", "address"]);
      return invitation.address;
    }
    if (chosen === null || !isAddress(chosen))
      throw badInput("Choose the address to sign in with, of 3 to 254 characters.", ["input", "address"]);
    return addressMac(this.home, chosen);
  }

  async #write(
    tx: Transaction,
    actor: Actor,
    { mac, role, practitioner, inviter }: Draft,
  ): Promise<NewInvitation> {
    const token = newToken();
    const expires = new Date(this.home.clock().getTime() + INVITATION_LASTS);
    await tx.query("delete from base.invitation where invitation.expires <= $1", [this.home.clock()]);
    const [row] = await tx.query<{ id: string }[]>(insertInvitation, [
      digestOf(token),
      mac,
      role,
      practitioner,
      inviter,
      expires,
    ]);
    if (row === undefined) throw new Error("an invitation could not be written");
    await record(tx, this.home, { actor, action: "INVITED", object: row.id });
    return { id: row.id, token, role, expires };
  }

  async #find(tx: Transaction, token: string): Promise<Found> {
    const [found] = await tx.query<Found[]>(selectInvitation, [digestOf(token), this.home.clock()]);
    if (found === undefined) throw notValid();
    return found;
  }

  async #use(tx: Transaction, id: string): Promise<{ readonly role: PersonRole }> {
    const [used] = await tx.query<{ role: PersonRole }[]>(useInvitation, [id, this.home.clock()]);
    if (used === undefined) throw notValid();
    return used;
  }
}

type Draft = {
  readonly mac: Buffer | null;
  readonly role: PersonRole;
  readonly practitioner: string | null;
  readonly inviter: string | null;
};

type Found = {
  readonly id: string;
  readonly address: Buffer | null;
  readonly role: PersonRole;
  readonly practitioner: string | null;
  readonly expires: Date;
};

/** The same for a token that never was, was used, has expired, or is for an address that has an account. */
function notValid(): DirectoryError {
  return new DirectoryError(
    "NOT_FOUND",
    "This invitation is not, or no longer, valid; ask whoever sent it for a new one.",
    ["token"],
  );
}

async function refuseUnlessNobodys(tx: Transaction, practitioner: string): Promise<void> {
  const rows = isId(practitioner) ? await tx.query<object[]>(selectNobodys, [practitioner]) : [];
  if (rows.length === 0)
    throw new DirectoryError("NOT_FOUND", "There is no entry with this id that belongs to nobody.", [
      "input",
      "practitioner",
    ]);
}

/**
 * Gives what members see of an entry. What is private in it is not handed over, but removed: who invites chooses who accepts, and
 * nobody but the person may learn it. They tell it again if they want it kept.
 */
async function handOver(tx: Transaction, practitioner: string, account: string): Promise<void> {
  const [given] = await tx.query<object[]>(giveEntry, [practitioner, account]);
  if (given === undefined) throw notValid();
  await tx.query(coarsen, [practitioner]);
  await tx.query("delete from base.fact where fact.practitioner = $1 and fact.audience = 'PRIVATE'", [
    practitioner,
  ]);
}

const insertInvitation = `
  insert into base.invitation (token, address, role, practitioner, inviter, expires)
  values ($1, $2, $3, $4, $5, $6)
  returning invitation.id`;

const selectInvitation = `
  select invitation.id, invitation.address, invitation.role, invitation.practitioner, invitation.expires
  from base.invitation
  where invitation.token = $1 and invitation.expires > $2`;

const useInvitation = `
  with used as (
    delete from base.invitation
    where invitation.id = $1 and invitation.expires > $2
    returning invitation.role
  )
  select used.role from used`;

const selectWhetherFirst = `
  select 1 as needed
  where not exists (select from base.account)
    and not exists (
      select from base.invitation where invitation.address is null and invitation.expires > $1)`;

const isNobodys = `practitioner.id = $1 and practitioner.account is null and ${knownToStewards}`;

const selectNobodys = `select practitioner.id from base.practitioner where ${isNobodys}`;

/** Of a private value with coarser ones that others see, the first of those stays. */
const coarsen = `
  update base.fact
  set value = fact.ladder -> 0 -> 'value', audience = fact.ladder -> 0 ->> 'audience', ladder = fact.ladder - 0
  where fact.practitioner = $1 and fact.audience = 'PRIVATE' and fact.ladder -> 0 ->> 'audience' <> 'PRIVATE'`;

const giveEntry = `
  with given as (
    update base.practitioner set account = $2
    where ${isNobodys}
    returning practitioner.id
  )
  select given.id from given`;
