import type { MigrationInterface, QueryRunner } from "typeorm";

/** Who may sign in, and who has. */
export class Accounts003 implements MigrationInterface {
  readonly name = "Accounts003700000000000";

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table base.attempt, base.frontend_key, base.identity, base.openid_start, base.passkey_challenge,
      base.passkey, base.invitation, base.recovery_code, base.credential, base.session, base.account`);
  }
}

const statements = [
  `create table base.account (
    id uuid constraint account_pkey primary key default gen_random_uuid(),
    role text not null constraint account_role
      check (role in ('SEEKER', 'FUNDER', 'PRACTITIONER', 'STEWARD', 'ADMIN')),
    suspended boolean not null default false,
    created timestamptz not null
  )`,
  // A session's token is not kept, only its SHA-256.
  `create table base.session (
    token bytea constraint session_pkey primary key constraint session_token check (length(token) = 32),
    account uuid not null constraint session_account_fkey references base.account (id) on delete cascade,
    expires timestamptz not null
  )`,
  "create index session_account on base.session (account)",
  // How an account signs in. The address is not kept, only its mac; the second factor is sealed.
  `create table base.credential (
    account uuid constraint credential_pkey primary key
      constraint credential_account_fkey references base.account (id) on delete cascade,
    address bytea not null constraint credential_address_unique unique
      constraint credential_address check (length(address) = 32),
    password text not null,
    second_factor text not null,
    last_step bigint not null
  )`,
  `create table base.recovery_code (
    account uuid not null constraint recovery_code_account_fkey references base.account (id) on delete cascade,
    code bytea not null constraint recovery_code_code check (length(code) = 32),
    constraint recovery_code_pkey primary key (account, code)
  )`,
  // Without an address whoever accepts it chooses one; without an inviter it is the operator's.
  `create table base.invitation (
    id uuid constraint invitation_pkey primary key default gen_random_uuid(),
    token bytea not null constraint invitation_token_unique unique
      constraint invitation_token check (length(token) = 32),
    address bytea constraint invitation_address check (length(address) = 32),
    role text not null constraint invitation_role
      check (role in ('SEEKER', 'FUNDER', 'PRACTITIONER', 'STEWARD', 'ADMIN')),
    practitioner uuid
      constraint invitation_practitioner_fkey references base.practitioner (id) on delete cascade,
    inviter uuid constraint invitation_inviter_fkey references base.account (id) on delete cascade,
    expires timestamptz not null
  )`,
  "create index invitation_address on base.invitation (address)",
  "create index invitation_inviter on base.invitation (inviter)",
  "create index invitation_practitioner on base.invitation (practitioner)",
  `create table base.passkey (
    id uuid constraint passkey_pkey primary key default gen_random_uuid(),
    account uuid not null constraint passkey_account_fkey references base.account (id) on delete cascade,
    credential text not null constraint passkey_credential_unique unique,
    public_key bytea not null,
    counter bigint not null,
    transports text[] not null,
    created timestamptz not null
  )`,
  "create index passkey_account on base.passkey (account)",
  // A challenge is answered once: to add a passkey to an account, or by anybody to sign in.
  `create table base.passkey_challenge (
    id uuid constraint passkey_challenge_pkey primary key default gen_random_uuid(),
    account uuid constraint passkey_challenge_account_fkey references base.account (id) on delete cascade,
    challenge text not null,
    expires timestamptz not null
  )`,
  "create index passkey_challenge_account on base.passkey_challenge (account)",
  // A way to the network's own provider and back, once: of somebody who links their identity, or of anybody who signs in.
  `create table base.openid_start (
    state bytea constraint openid_start_pkey primary key
      constraint openid_start_state check (length(state) = 32),
    account uuid constraint openid_start_account_fkey references base.account (id) on delete cascade,
    verifier text not null,
    nonce text not null,
    expires timestamptz not null
  )`,
  "create index openid_start_account on base.openid_start (account)",
  // Who somebody is at the provider is not kept, only its mac.
  `create table base.identity (
    identity bytea constraint identity_pkey primary key constraint identity_identity check (length(identity) = 32),
    account uuid not null constraint identity_account_fkey references base.account (id) on delete cascade
  )`,
  "create index identity_account on base.identity (account)",
  `create table base.frontend_key (
    id uuid constraint frontend_key_pkey primary key default gen_random_uuid(),
    name text not null,
    key bytea not null constraint frontend_key_key_unique unique
      constraint frontend_key_key check (length(key) = 32),
    origins text[] not null,
    scopes text[] not null constraint frontend_key_scopes check (scopes <@ array['READ', 'ACCOUNTS']),
    operations text[],
    created timestamptz not null,
    expires date not null
  )`,
  // Of rate-limiter-flexible, which asks for these columns in this order; its keys are macs.
  `create table base.attempt (
    key varchar(255) constraint attempt_pkey primary key,
    points integer not null default 0,
    expire bigint
  )`,
];
