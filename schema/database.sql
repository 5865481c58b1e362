-- The database after all migrations. Written by tests/schema.test.ts; never edited by hand.

create table base.account (
  id uuid not null default gen_random_uuid(),
  role text not null,
  suspended boolean not null default false,
  created timestamp with time zone not null,
  constraint account_pkey PRIMARY KEY (id),
  constraint account_role CHECK ((role = ANY (ARRAY['SEEKER'::text, 'FUNDER'::text, 'PRACTITIONER'::text, 'STEWARD'::text, 'ADMIN'::text])))
);

create table base.attainment (
  id uuid not null,
  practitioner uuid not null,
  due date,
  sealed text not null,
  constraint attainment_pkey PRIMARY KEY (id),
  constraint attainment_practitioner_fkey FOREIGN KEY (practitioner) REFERENCES base.practitioner(id) ON DELETE CASCADE
);

create table base.attempt (
  key character varying(255) not null,
  points integer not null default 0,
  expire bigint,
  constraint attempt_pkey PRIMARY KEY (key)
);

create table base.audit (
  seq bigint not null,
  at timestamp(3) with time zone not null,
  actor text not null,
  action text not null,
  object text,
  fields text[] not null,
  mac bytea not null,
  constraint audit_pkey PRIMARY KEY (seq),
  constraint audit_action CHECK ((action ~ '^[A-Z_]+$'::text)),
  constraint audit_actor CHECK ((actor ~ '^[A-Z]*[a-z]*( [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$'::text)),
  constraint audit_fields CHECK ((array_to_string(fields, ' '::text, '?'::text) ~ '^[A-Za-z: _-]*$'::text)),
  constraint audit_mac CHECK ((length(mac) = 32)),
  constraint audit_object CHECK ((object ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'::text))
);

create table base.consent (
  practitioner uuid not null,
  field text not null,
  audience text not null,
  text_version text not null,
  given date,
  constraint consent_pkey PRIMARY KEY (practitioner, field, audience, text_version),
  constraint consent_practitioner_fkey FOREIGN KEY (practitioner) REFERENCES base.practitioner(id) ON DELETE CASCADE,
  constraint consent_audience CHECK ((audience = ANY (ARRAY['PUBLIC'::text, 'PARTNERS'::text, 'MEMBERS'::text, 'PRIVATE'::text])))
);

create table base.counted (
  practitioner uuid not null,
  agreed boolean not null,
  text_version text not null,
  given date not null,
  constraint counted_pkey PRIMARY KEY (practitioner),
  constraint counted_practitioner_fkey FOREIGN KEY (practitioner) REFERENCES base.practitioner(id) ON DELETE CASCADE
);

create table base.coverage_told (
  measure text not null,
  specialty text not null,
  region text not null,
  languages text not null,
  counts text not null,
  bands text not null,
  constraint coverage_told_pkey PRIMARY KEY (specialty, measure, region),
  constraint coverage_told_bands CHECK ((bands ~ '^[NFSM]+$'::text)),
  constraint coverage_told_counts CHECK ((counts ~ '^[1-9][0-9]*( [1-9][0-9]*)*$'::text)),
  constraint coverage_told_measure CHECK ((measure = ANY (ARRAY['there'::text, 'afar'::text, 'there unseen'::text, 'afar unseen'::text, 'needs'::text])))
);

create table base.credential (
  account uuid not null,
  address bytea not null,
  password text not null,
  second_factor text not null,
  last_step bigint not null,
  constraint credential_address_unique UNIQUE (address),
  constraint credential_pkey PRIMARY KEY (account),
  constraint credential_account_fkey FOREIGN KEY (account) REFERENCES base.account(id) ON DELETE CASCADE,
  constraint credential_address CHECK ((length(address) = 32))
);

create table base.fact (
  practitioner uuid not null,
  field text not null,
  "position" integer not null,
  audience text not null,
  value jsonb not null,
  ladder jsonb not null default '[]'::jsonb,
  constraint fact_pkey PRIMARY KEY (practitioner, field, "position"),
  constraint fact_practitioner_fkey FOREIGN KEY (practitioner) REFERENCES base.practitioner(id) ON DELETE CASCADE,
  constraint fact_audience CHECK ((audience = ANY (ARRAY['PUBLIC'::text, 'PARTNERS'::text, 'MEMBERS'::text, 'PRIVATE'::text]))),
  constraint fact_contact_stays CHECK (((field <> 'contact'::text) OR (audience = ANY (ARRAY['MEMBERS'::text, 'PRIVATE'::text])))),
  constraint fact_field CHECK ((field = ANY (ARRAY['alias'::text, 'about'::text, 'pronouns'::text, 'specialties'::text, 'languages'::text, 'regions'::text, 'formats'::text, 'delivery'::text, 'level'::text, 'communities'::text, 'offersFollowUp'::text, 'coFacilitates'::text, 'availability'::text, 'cost'::text, 'organizations'::text, 'resources'::text, 'seeks'::text, 'contact'::text, 'referable'::text, 'sameAs'::text, 'movedFrom'::text]))),
  constraint fact_ladder CHECK ((jsonb_typeof(ladder) = 'array'::text)),
  constraint fact_position CHECK (("position" >= 0))
);

create table base.feed_epoch (
  tier text not null,
  epoch uuid not null,
  seq bigint not null,
  constraint feed_epoch_pkey PRIMARY KEY (tier, epoch),
  constraint feed_epoch_tier CHECK ((tier = ANY (ARRAY['public'::text, 'partners'::text])))
);

create table base.flag_to_tell (
  peer uuid not null,
  record uuid not null,
  reason text not null,
  day date not null,
  told date,
  constraint flag_to_tell_pkey PRIMARY KEY (peer, record, reason),
  constraint flag_to_tell_peer_fkey FOREIGN KEY (peer) REFERENCES base.peer(id) ON DELETE CASCADE,
  constraint flag_to_tell_reason CHECK ((reason = ANY (ARRAY['NOT_THIS_PERSON'::text, 'CONSENT_WITHDRAWN'::text, 'UNSAFE_DETAIL'::text, 'OUT_OF_DATE'::text, 'DUPLICATE'::text, 'HARMFUL'::text])))
);

create table base.frontend_key (
  id uuid not null default gen_random_uuid(),
  name text not null,
  key bytea not null,
  origins text[] not null,
  scopes text[] not null,
  operations text[],
  created timestamp with time zone not null,
  expires date not null,
  constraint frontend_key_key_unique UNIQUE (key),
  constraint frontend_key_pkey PRIMARY KEY (id),
  constraint frontend_key_key CHECK ((length(key) = 32)),
  constraint frontend_key_router CHECK (((NOT (scopes @> ARRAY['ROUTER'::text])) OR ((origins = '{}'::text[]) AND (operations IS NULL)))),
  constraint frontend_key_scopes CHECK ((scopes <@ ARRAY['READ'::text, 'ACCOUNTS'::text, 'ROUTER'::text]))
);

create table base.identity (
  identity bytea not null,
  account uuid not null,
  constraint identity_pkey PRIMARY KEY (identity),
  constraint identity_account_fkey FOREIGN KEY (account) REFERENCES base.account(id) ON DELETE CASCADE,
  constraint identity_identity CHECK ((length(identity) = 32))
);

create table base.invitation (
  id uuid not null default gen_random_uuid(),
  token bytea not null,
  address bytea,
  role text not null,
  practitioner uuid,
  inviter uuid,
  expires timestamp with time zone not null,
  constraint invitation_token_unique UNIQUE (token),
  constraint invitation_pkey PRIMARY KEY (id),
  constraint invitation_inviter_fkey FOREIGN KEY (inviter) REFERENCES base.account(id) ON DELETE CASCADE,
  constraint invitation_practitioner_fkey FOREIGN KEY (practitioner) REFERENCES base.practitioner(id) ON DELETE CASCADE,
  constraint invitation_address CHECK ((length(address) = 32)),
  constraint invitation_role CHECK ((role = ANY (ARRAY['SEEKER'::text, 'FUNDER'::text, 'PRACTITIONER'::text, 'STEWARD'::text, 'ADMIN'::text]))),
  constraint invitation_token CHECK ((length(token) = 32))
);

create table base.migration (
  id integer not null default nextval('base.migration_id_seq'::regclass),
  "timestamp" bigint not null,
  name character varying not null,
  constraint "PK_3043fc6b8af7c99b8b98830094f" PRIMARY KEY (id)
);

create table base.node_key (
  one boolean not null default true,
  master text not null,
  wrapped bytea not null,
  constraint node_key_pkey PRIMARY KEY (one),
  constraint node_key_one CHECK (one)
);

create table base.openid_start (
  state bytea not null,
  account uuid,
  verifier text not null,
  nonce text not null,
  expires timestamp with time zone not null,
  constraint openid_start_pkey PRIMARY KEY (state),
  constraint openid_start_account_fkey FOREIGN KEY (account) REFERENCES base.account(id) ON DELETE CASCADE,
  constraint openid_start_state CHECK ((length(state) = 32))
);

create table base.organization (
  id uuid not null default gen_random_uuid(),
  audience text not null,
  verified date,
  facts jsonb not null,
  constraint organization_pkey PRIMARY KEY (id),
  constraint organization_audience CHECK ((audience = ANY (ARRAY['PUBLIC'::text, 'PARTNERS'::text, 'MEMBERS'::text, 'PRIVATE'::text]))),
  constraint organization_named CHECK (((facts ->> 'name'::text) <> ''::text))
);

create table base.passkey (
  id uuid not null default gen_random_uuid(),
  account uuid not null,
  credential text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  created timestamp with time zone not null,
  constraint passkey_credential_unique UNIQUE (credential),
  constraint passkey_pkey PRIMARY KEY (id),
  constraint passkey_account_fkey FOREIGN KEY (account) REFERENCES base.account(id) ON DELETE CASCADE
);

create table base.passkey_challenge (
  id uuid not null default gen_random_uuid(),
  account uuid,
  challenge text not null,
  expires timestamp with time zone not null,
  constraint passkey_challenge_pkey PRIMARY KEY (id),
  constraint passkey_challenge_account_fkey FOREIGN KEY (account) REFERENCES base.account(id) ON DELETE CASCADE
);

create table base.pathway (
  id uuid not null,
  specialty text,
  binding boolean not null,
  name jsonb not null,
  levels jsonb not null,
  constraint pathway_pkey PRIMARY KEY (id),
  constraint pathway_levels CHECK ((jsonb_typeof(levels) = 'array'::text)),
  constraint pathway_named CHECK ((jsonb_typeof(name) = 'object'::text))
);

create table base.peer (
  id uuid not null,
  node text not null,
  url text not null,
  trust text not null,
  shares text[] not null default '{public}'::text[],
  statement text not null,
  statement_read timestamp with time zone not null,
  introduced_by uuid,
  added timestamp with time zone not null,
  next_poll timestamp with time zone not null,
  claimed timestamp with time zone,
  reached timestamp with time zone,
  failures integer not null default 0,
  problem text,
  witnessed timestamp with time zone,
  mirror text,
  relayed boolean not null default false,
  constraint peer_node_unique UNIQUE (node),
  constraint peer_pkey PRIMARY KEY (id),
  constraint peer_shares CHECK ((shares <@ ARRAY['public'::text, 'partners'::text])),
  constraint peer_trust CHECK ((trust = ANY (ARRAY['PROBATION'::text, 'PUBLIC_ONLY'::text, 'PARTNER'::text, 'PAUSED'::text, 'BLOCKED'::text, 'RETIRED'::text])))
);

create table base.peer_clock (
  peer uuid not null,
  ahead integer not null,
  heard timestamp with time zone not null,
  constraint peer_clock_pkey PRIMARY KEY (peer),
  constraint peer_clock_peer_fkey FOREIGN KEY (peer) REFERENCES base.peer(id) ON DELETE CASCADE
);

create table base.peer_evidence (
  peer uuid not null,
  tier text not null,
  one text not null,
  other text not null,
  found timestamp with time zone not null,
  constraint peer_evidence_pkey PRIMARY KEY (peer, tier, found),
  constraint peer_evidence_tier CHECK ((tier = ANY (ARRAY['public'::text, 'partners'::text])))
);

create table base.peer_feed (
  peer uuid not null,
  tier text not null,
  epoch text not null,
  seq bigint not null,
  iat timestamp(3) with time zone not null,
  set_digest text not null,
  head text not null,
  etag text,
  cursor text,
  buckets bytea not null,
  day date not null,
  counted jsonb not null default '[]'::jsonb,
  constraint peer_feed_pkey PRIMARY KEY (peer, tier),
  constraint peer_feed_peer_fkey FOREIGN KEY (peer) REFERENCES base.peer(id) ON DELETE CASCADE,
  constraint peer_feed_buckets CHECK ((length(buckets) = 8192)),
  constraint peer_feed_tier CHECK ((tier = ANY (ARRAY['public'::text, 'partners'::text])))
);

create table base.peer_flag (
  peer uuid not null,
  record uuid not null,
  reason text not null,
  day date not null,
  dismissed boolean not null default false,
  constraint peer_flag_pkey PRIMARY KEY (peer, record, reason),
  constraint peer_flag_peer_fkey FOREIGN KEY (peer) REFERENCES base.peer(id) ON DELETE CASCADE,
  constraint peer_flag_reason CHECK ((reason = ANY (ARRAY['NOT_THIS_PERSON'::text, 'CONSENT_WITHDRAWN'::text, 'UNSAFE_DETAIL'::text, 'OUT_OF_DATE'::text, 'DUPLICATE'::text, 'HARMFUL'::text])))
);

create table base.peer_invitation (
  id uuid not null,
  tier text not null,
  expires timestamp with time zone not null,
  used_by text,
  constraint peer_invitation_pkey PRIMARY KEY (id),
  constraint peer_invitation_tier CHECK ((tier = ANY (ARRAY['public'::text, 'partners'::text])))
);

create table base.peer_nonce (
  nonce text not null,
  expires timestamp with time zone not null,
  constraint peer_nonce_pkey PRIMARY KEY (nonce)
);

create table base.peer_ping (
  peer uuid not null,
  told text not null,
  at timestamp with time zone not null,
  constraint peer_ping_pkey PRIMARY KEY (peer),
  constraint peer_ping_peer_fkey FOREIGN KEY (peer) REFERENCES base.peer(id) ON DELETE CASCADE
);

create table base.peer_receipt (
  peer uuid not null,
  tier text not null,
  epoch text not null,
  seq bigint not null,
  first timestamp with time zone not null,
  last timestamp with time zone not null,
  constraint peer_receipt_pkey PRIMARY KEY (peer, tier),
  constraint peer_receipt_peer_fkey FOREIGN KEY (peer) REFERENCES base.peer(id) ON DELETE CASCADE,
  constraint peer_receipt_tier CHECK ((tier = ANY (ARRAY['public'::text, 'partners'::text])))
);

create table base.peer_record (
  peer uuid not null,
  tier text not null,
  id uuid not null,
  local uuid not null,
  type text,
  jws text,
  digest bytea,
  said bytea,
  signed_by text,
  iat timestamp with time zone,
  lease integer,
  not_after timestamp with time zone,
  state text not null,
  hidden boolean not null default false,
  problem text,
  gone date,
  taken_back boolean not null default false,
  shown bytea[] not null default '{}'::bytea[],
  constraint peer_record_pkey PRIMARY KEY (peer, tier, id),
  constraint peer_record_peer_fkey FOREIGN KEY (peer) REFERENCES base.peer(id) ON DELETE CASCADE,
  constraint peer_record_gone CHECK ((((state = 'GONE'::text) = (jws IS NULL)) AND ((state = 'GONE'::text) = (gone IS NOT NULL)))),
  constraint peer_record_state CHECK ((state = ANY (ARRAY['TAKEN'::text, 'QUARANTINED'::text, 'WAITING'::text, 'GONE'::text]))),
  constraint peer_record_tier CHECK ((tier = ANY (ARRAY['public'::text, 'partners'::text])))
);

create table base.peer_staged (
  peer uuid not null,
  tier text not null,
  id uuid not null,
  type text,
  jws text,
  digest bytea,
  said bytea,
  signed_by text,
  iat timestamp with time zone,
  lease integer,
  not_after timestamp with time zone,
  problem text,
  gone date,
  constraint peer_staged_pkey PRIMARY KEY (peer, tier, id),
  constraint peer_staged_peer_fkey FOREIGN KEY (peer) REFERENCES base.peer(id) ON DELETE CASCADE,
  constraint peer_staged_tier CHECK ((tier = ANY (ARRAY['public'::text, 'partners'::text])))
);

create table base.peer_testimony (
  peer uuid not null,
  witness uuid not null,
  saying text not null,
  at timestamp with time zone not null,
  constraint peer_testimony_pkey PRIMARY KEY (peer, witness),
  constraint peer_testimony_peer_fkey FOREIGN KEY (peer) REFERENCES base.peer(id) ON DELETE CASCADE,
  constraint peer_testimony_witness_fkey FOREIGN KEY (witness) REFERENCES base.peer(id) ON DELETE CASCADE,
  constraint peer_testimony_saying CHECK ((saying = ANY (ARRAY['SAME'::text, 'NEWER'::text, 'OLDER'::text, 'OTHER_ROOT'::text, 'TWO_STORIES'::text])))
);

create table base.person_key (
  practitioner uuid not null,
  master text not null,
  wrapped bytea not null,
  constraint person_key_pkey PRIMARY KEY (practitioner),
  constraint person_key_practitioner_fkey FOREIGN KEY (practitioner) REFERENCES base.practitioner(id) ON DELETE CASCADE
);

create table base.practitioner (
  id uuid not null default gen_random_uuid(),
  state text not null,
  audience text not null,
  verified date,
  account uuid,
  confirm_by date,
  lift_to text,
  reason text,
  constraint practitioner_account UNIQUE (account),
  constraint practitioner_pkey PRIMARY KEY (id),
  constraint practitioner_account_fkey FOREIGN KEY (account) REFERENCES base.account(id) ON DELETE SET NULL,
  constraint practitioner_audience CHECK ((audience = ANY (ARRAY['PUBLIC'::text, 'PARTNERS'::text, 'MEMBERS'::text, 'PRIVATE'::text]))),
  constraint practitioner_lift_to CHECK ((lift_to = ANY (ARRAY['AWAITING_REVIEW'::text, 'LISTED'::text, 'WITHDRAWN'::text]))),
  constraint practitioner_state CHECK ((state = ANY (ARRAY['DRAFT'::text, 'AWAITING_REVIEW'::text, 'LISTED'::text, 'SUSPENDED'::text, 'WITHDRAWN'::text])))
);

create table base.recovery_code (
  account uuid not null,
  code bytea not null,
  constraint recovery_code_pkey PRIMARY KEY (account, code),
  constraint recovery_code_account_fkey FOREIGN KEY (account) REFERENCES base.account(id) ON DELETE CASCADE,
  constraint recovery_code_code CHECK ((length(code) = 32))
);

create table base.resource (
  id uuid not null default gen_random_uuid(),
  audience text not null,
  verified date,
  facts jsonb not null,
  constraint resource_pkey PRIMARY KEY (id),
  constraint resource_audience CHECK ((audience = ANY (ARRAY['PUBLIC'::text, 'PARTNERS'::text, 'MEMBERS'::text, 'PRIVATE'::text]))),
  constraint resource_titled CHECK ((jsonb_typeof((facts -> 'title'::text)) = 'object'::text))
);

create table base.review (
  source text not null,
  source_key text not null,
  "position" integer not null,
  question text not null,
  constraint review_pkey PRIMARY KEY (source, source_key, "position"),
  constraint review_source_fkey FOREIGN KEY (source, source_key) REFERENCES base.source(source, source_key) ON DELETE CASCADE,
  constraint review_position CHECK (("position" >= 0))
);

create table base.session (
  token bytea not null,
  account uuid not null,
  expires timestamp with time zone not null,
  constraint session_pkey PRIMARY KEY (token),
  constraint session_account_fkey FOREIGN KEY (account) REFERENCES base.account(id) ON DELETE CASCADE,
  constraint session_token CHECK ((length(token) = 32))
);

create table base.signing_key (
  thumbprint text not null,
  purpose text not null,
  public_key text not null,
  sealed text,
  succession text,
  starts timestamp with time zone not null,
  ends timestamp with time zone,
  revoked timestamp with time zone,
  reason text,
  told timestamp with time zone,
  constraint signing_key_pkey PRIMARY KEY (thumbprint),
  constraint signing_key_public_key CHECK ((public_key ~ '^[A-Za-z0-9_-]{43}$'::text)),
  constraint signing_key_purpose CHECK ((purpose = ANY (ARRAY['root'::text, 'feed'::text]))),
  constraint signing_key_thumbprint CHECK ((thumbprint ~ '^[A-Za-z0-9_-]{43}$'::text))
);

create table base.source (
  source text not null,
  source_key text not null,
  source_id text not null,
  kind text not null,
  id uuid not null,
  original text not null,
  constraint source_record UNIQUE (kind, id),
  constraint source_pkey PRIMARY KEY (source, source_key),
  constraint source_key_mac CHECK ((source_key ~ '^[0-9a-f]{64}$'::text)),
  constraint source_kind CHECK ((kind = ANY (ARRAY['practitioner'::text, 'organization'::text, 'resource'::text])))
);

create table base.step (
  id uuid not null,
  practitioner uuid not null,
  supervisor text,
  sealed text not null,
  constraint step_pkey PRIMARY KEY (id),
  constraint step_practitioner_fkey FOREIGN KEY (practitioner) REFERENCES base.practitioner(id) ON DELETE CASCADE,
  constraint step_supervisor CHECK ((supervisor ~ '^[0-9a-f]{64}$'::text))
);

create table base.supervising (
  practitioner uuid not null,
  sealed text not null,
  constraint supervising_pkey PRIMARY KEY (practitioner),
  constraint supervising_practitioner_fkey FOREIGN KEY (practitioner) REFERENCES base.practitioner(id) ON DELETE CASCADE
);

create table base.unmet_need (
  week date not null,
  specialty text not null,
  region text not null,
  language text not null,
  count integer not null,
  constraint unmet_need_pkey PRIMARY KEY (week, specialty, region, language),
  constraint unmet_need_count CHECK ((count > 0))
);

create table base.vouch (
  practitioner uuid not null,
  voucher uuid not null,
  given date,
  expires date,
  note text,
  constraint vouch_pkey PRIMARY KEY (practitioner, voucher),
  constraint vouch_practitioner_fkey FOREIGN KEY (practitioner) REFERENCES base.practitioner(id) ON DELETE CASCADE,
  constraint vouch_voucher_fkey FOREIGN KEY (voucher) REFERENCES base.practitioner(id) ON DELETE CASCADE,
  constraint vouch_not_self CHECK ((practitioner <> voucher))
);

create table seen.change (
  seq bigint not null,
  audience text not null,
  kind text not null,
  id uuid not null,
  origin uuid not null,
  day date not null,
  constraint change_pkey PRIMARY KEY (seq),
  constraint change_audience CHECK ((audience = ANY (ARRAY['PUBLIC'::text, 'PARTNERS'::text, 'MEMBERS'::text])))
);

create table seen.clock (
  seq bigint not null
);

create table seen.coverage_cell (
  specialty text not null,
  region text not null,
  languages text not null,
  there text not null,
  afar text not null,
  resources text not null,
  needs text not null,
  constraint coverage_cell_pkey PRIMARY KEY (specialty, region),
  constraint coverage_cell_afar CHECK ((afar ~ '^[NFSM]+$'::text)),
  constraint coverage_cell_needs CHECK ((needs ~ '^[NFSM]+$'::text)),
  constraint coverage_cell_resources CHECK ((resources ~ '^[NFSM]+$'::text)),
  constraint coverage_cell_there CHECK ((there ~ '^[NFSM]+$'::text))
);

create table seen.coverage_epoch (
  edition bigint not null,
  day date not null,
  next date not null,
  depth integer not null,
  some_from integer not null,
  many_from integer not null,
  merged text[] not null,
  constraint coverage_epoch_pkey PRIMARY KEY (edition)
);

create table seen.feed (
  tier text not null,
  epoch uuid not null,
  seq bigint not null,
  floor bigint not null,
  log_seq bigint not null,
  looked_seq bigint not null default 0,
  count integer not null,
  buckets bytea not null,
  head text not null,
  iat timestamp(3) with time zone not null,
  constraint feed_pkey PRIMARY KEY (tier),
  constraint feed_buckets CHECK ((length(buckets) = 8192)),
  constraint feed_tier CHECK ((tier = ANY (ARRAY['public'::text, 'partners'::text])))
);

create table seen.feed_item (
  tier text not null,
  id uuid not null,
  seq bigint not null,
  kind text not null,
  change text not null,
  day date not null,
  jws text,
  digest bytea,
  body bytea,
  stale boolean not null default false,
  told_move boolean not null default false,
  constraint feed_item_seq UNIQUE (tier, seq),
  constraint feed_item_pkey PRIMARY KEY (tier, id),
  constraint feed_item_change CHECK ((change = ANY (ARRAY['Create'::text, 'Update'::text, 'Delete'::text]))),
  constraint feed_item_digest CHECK ((((jws IS NULL) = (digest IS NULL)) AND ((jws IS NULL) = (body IS NULL)))),
  constraint feed_item_gone CHECK (((change = 'Delete'::text) = (jws IS NULL))),
  constraint feed_item_tier CHECK ((tier = ANY (ARRAY['public'::text, 'partners'::text])))
);

create table seen.listing (
  audience text not null,
  kind text not null,
  id uuid not null,
  origin uuid not null,
  name text not null,
  doc text not null,
  tags text not null,
  words text not null,
  changed date not null,
  version uuid not null default gen_random_uuid(),
  lease integer,
  not_after timestamp with time zone,
  constraint listing_pkey PRIMARY KEY (audience, id, origin),
  constraint listing_audience CHECK ((audience = ANY (ARRAY['PUBLIC'::text, 'PARTNERS'::text, 'MEMBERS'::text]))),
  constraint listing_kind CHECK ((kind = ANY (ARRAY['practitioner'::text, 'organization'::text, 'resource'::text]))),
  constraint listing_lease CHECK (((lease >= 1) AND (lease <= 7776000)))
);

create table seen.moved (
  audience text not null,
  id uuid not null,
  origin uuid not null,
  node text not null,
  there uuid not null,
  jws text,
  day date not null,
  constraint moved_pkey PRIMARY KEY (audience, id),
  constraint moved_audience CHECK ((audience = ANY (ARRAY['PUBLIC'::text, 'PARTNERS'::text, 'MEMBERS'::text])))
);

create table seen.network (
  id uuid not null default gen_random_uuid(),
  name text not null,
  url text,
  regions text[] not null default '{}'::text[],
  this_node boolean not null default false,
  constraint network_pkey PRIMARY KEY (id)
);

create table seen.node_identity (
  one boolean not null default true,
  node text not null,
  statement text not null,
  historical_keys text not null,
  expires timestamp with time zone not null,
  constraint node_identity_pkey PRIMARY KEY (one),
  constraint node_identity_one CHECK (one)
);

create table seen.retirement (
  one boolean not null default true,
  at timestamp with time zone not null,
  successor text,
  constraint retirement_pkey PRIMARY KEY (one),
  constraint retirement_one CHECK (one)
);

create table seen.standing (
  origin uuid not null,
  audience text not null,
  head timestamp(3) with time zone not null,
  constraint standing_pkey PRIMARY KEY (origin, audience),
  constraint standing_audience CHECK ((audience = ANY (ARRAY['PUBLIC'::text, 'PARTNERS'::text, 'MEMBERS'::text])))
);

CREATE INDEX attainment_due ON base.attainment USING btree (due) WHERE (due IS NOT NULL);

CREATE INDEX attainment_practitioner ON base.attainment USING btree (practitioner);

CREATE INDEX audit_object ON base.audit USING btree (object, seq);

CREATE INDEX identity_account ON base.identity USING btree (account);

CREATE INDEX invitation_address ON base.invitation USING btree (address);

CREATE INDEX invitation_inviter ON base.invitation USING btree (inviter);

CREATE INDEX invitation_practitioner ON base.invitation USING btree (practitioner);

CREATE INDEX openid_start_account ON base.openid_start USING btree (account);

CREATE INDEX passkey_account ON base.passkey USING btree (account);

CREATE INDEX passkey_challenge_account ON base.passkey_challenge USING btree (account);

CREATE INDEX pathway_binding ON base.pathway USING btree (binding) WHERE binding;

CREATE INDEX peer_flag_day ON base.peer_flag USING btree (peer, day);

CREATE INDEX peer_next_poll ON base.peer USING btree (next_poll) WHERE (trust <> ALL (ARRAY['BLOCKED'::text, 'RETIRED'::text, 'PAUSED'::text]));

CREATE INDEX peer_record_hidden ON base.peer_record USING btree (peer, tier) WHERE (hidden AND (gone IS NULL));

CREATE INDEX peer_record_shown ON base.peer_record USING btree (peer, tier, gone) WHERE ((gone IS NOT NULL) AND (shown <> '{}'::bytea[]));

CREATE INDEX peer_record_state ON base.peer_record USING btree (peer, tier, state) WHERE (state = ANY (ARRAY['QUARANTINED'::text, 'WAITING'::text]));

CREATE INDEX peer_record_taken_back ON base.peer_record USING btree (peer, tier) WHERE taken_back;

CREATE INDEX practitioner_confirm_by ON base.practitioner USING btree (confirm_by) WHERE (state = 'LISTED'::text);

CREATE INDEX session_account ON base.session USING btree (account);

CREATE INDEX step_practitioner ON base.step USING btree (practitioner);

CREATE INDEX step_supervisor ON base.step USING btree (supervisor) WHERE (supervisor IS NOT NULL);

CREATE INDEX vouch_expires ON base.vouch USING btree (expires);

CREATE INDEX vouch_voucher ON base.vouch USING btree (voucher);

CREATE INDEX feed_item_stale ON seen.feed_item USING btree (tier, id) WHERE stale;

CREATE INDEX feed_item_told_move ON seen.feed_item USING btree (tier) WHERE told_move;

CREATE INDEX moved_day ON seen.moved USING btree (day);

CREATE INDEX moved_origin ON seen.moved USING btree (origin, id);

CREATE UNIQUE INDEX network_this_node ON seen.network USING btree (this_node) WHERE this_node;

CREATE OR REPLACE FUNCTION base.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin raise exception 'the audit log is only added to'; end $function$
;

CREATE OR REPLACE FUNCTION seen.new_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin new.version = gen_random_uuid(); return new; end $function$
;

CREATE TRIGGER audit_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON base.audit FOR EACH STATEMENT EXECUTE FUNCTION base.refuse_change();
alter table base.audit enable always trigger audit_stays;

CREATE TRIGGER listing_version BEFORE INSERT OR UPDATE ON seen.listing FOR EACH ROW EXECUTE FUNCTION seen.new_version();
alter table seen.listing enable always trigger listing_version;

grant select on seen.change to cadre_reader;

grant select on seen.clock to cadre_reader;

grant select on seen.coverage_cell to cadre_reader;

grant select on seen.coverage_epoch to cadre_reader;

grant select on seen.feed to cadre_reader;

grant select on seen.feed_item to cadre_reader;

grant select on seen.listing to cadre_reader;

grant select on seen.moved to cadre_reader;

grant select on seen.network to cadre_reader;

grant select on seen.node_identity to cadre_reader;

grant select on seen.retirement to cadre_reader;

grant select on seen.standing to cadre_reader;

grant usage on schema seen to cadre_reader;
