import { record } from "../audit/audit.store.js";
import { dayOf } from "../clock.js";
import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import { isId } from "../listing/listing.js";
import type { Database } from "../storage/database.js";
import {
  checkFrontendKey,
  nameOfDocument,
  type Frontend,
  type FrontendKeyDraft,
  type FrontendScope,
  type KeptFrontendKey,
} from "./frontend-key.js";
import { Believed } from "./believed.js";
import type { Person } from "./person.js";
import { digestOf, newToken } from "./token.js";

/** Says what the key is wherever it turns up. */
const PREFIX = "cadre_key_";

/** The keys of a network's own frontends. Only the SHA-256 of a key is kept. */
export class FrontendKeys {
  readonly #known = new Believed<Frontend | null>();
  readonly #origins = new Believed<ReadonlySet<string>>();

  constructor(
    private readonly database: Database,
    private readonly home: Home,
  ) {}

  /** The frontend of a key; null when it is no key, or one that was revoked or has expired. */
  frontendOf(key: string): Promise<Frontend | null> {
    const digest = digestOf(key);
    return this.#known.of(digest.toString("base64"), () => this.#ask(digest));
  }

  /** The origins of all valid keys: where a browser's preflight, which shows no key, may come from. */
  origins(): Promise<ReadonlySet<string>> {
    return this.#origins.of("all", () => this.#askOrigins());
  }

  /** Makes a key, which is told once. */
  async create(
    person: Person,
    wanted: FrontendKeyDraft,
  ): Promise<KeptFrontendKey & { readonly key: string }> {
    const draft = checkFrontendKey(wanted, dayOf(this.home.clock()));
    const key = `${PREFIX}${newToken()}`;
    const kept = await this.database.transaction(async (tx) => {
      const [row] = await tx.query<KeptFrontendKey[]>(insertKey, [
        draft.name,
        digestOf(key),
        draft.origins,
        draft.scopes,
        draft.operations,
        this.home.clock(),
        draft.expires,
      ]);
      if (row === undefined) throw new Error("a frontend's key could not be written");
      await record(tx, this.home, { actor: person, action: "FRONTEND_KEY_CREATED", object: row.id });
      return row;
    });
    this.#forgetAll();
    return { ...kept, key };
  }

  /** Ends a key: at once in this process, within two seconds in others. */
  async revoke(person: Person, id: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const rows = isId(id) ? await tx.query<object[]>(deleteKey, [id]) : [];
      if (rows.length === 0) throw new DirectoryError("NOT_FOUND", "There is no key with this id.", ["id"]);
      await record(tx, this.home, {
        actor: person,
        action: "FRONTEND_KEY_REVOKED",
        object: id.toLowerCase(),
      });
    });
    this.#forgetAll();
  }

  /** Every key that was not revoked, expired ones as well, newest first. */
  all(): Promise<readonly KeptFrontendKey[]> {
    return this.database.transaction((tx) => tx.query<KeptFrontendKey[]>(selectKeys));
  }

  #forgetAll(): void {
    this.#known.forgetAll();
    this.#origins.forgetAll();
  }

  async #ask(digest: Buffer): Promise<Frontend | null> {
    const [row] = await this.database.transaction((tx) =>
      tx.query<FrontendRow[]>(selectFrontend, [digest, dayOf(this.home.clock())]),
    );
    if (row === undefined) return null;
    const { operations } = row;
    return { ...row, operations: operations && new Map(operations.map((one) => [nameOfDocument(one), one])) };
  }

  async #askOrigins(): Promise<ReadonlySet<string>> {
    const rows = await this.database.transaction((tx) =>
      tx.query<{ origin: string }[]>(selectOrigins, [dayOf(this.home.clock())]),
    );
    return new Set(rows.map(({ origin }) => origin));
  }
}

type FrontendRow = {
  readonly id: string;
  readonly origins: readonly string[];
  readonly scopes: readonly FrontendScope[];
  readonly operations: readonly string[] | null;
};

const kept = `
  frontend_key.id, frontend_key.name, frontend_key.origins, frontend_key.scopes,
  cardinality(frontend_key.operations) as operations,
  to_char(frontend_key.created at time zone 'UTC', 'YYYY-MM-DD') as created,
  to_char(frontend_key.expires, 'YYYY-MM-DD') as expires`;

const insertKey = `
  with made as (
    insert into base.frontend_key (name, key, origins, scopes, operations, created, expires)
    values ($1, $2, $3, $4, $5, $6, $7)
    returning *
  )
  select ${kept} from made as frontend_key`;

const deleteKey = `
  with gone as (delete from base.frontend_key where frontend_key.id = $1 returning frontend_key.id)
  select gone.id from gone`;

const selectKeys = `select ${kept} from base.frontend_key order by frontend_key.created desc, frontend_key.id`;

const selectFrontend = `
  select frontend_key.id, frontend_key.origins, frontend_key.scopes, frontend_key.operations
  from base.frontend_key
  where frontend_key.key = $1 and frontend_key.expires >= $2`;

const selectOrigins = `
  select distinct unnest(frontend_key.origins) as origin
  from base.frontend_key
  where frontend_key.expires >= $1`;
