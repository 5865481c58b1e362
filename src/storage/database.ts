import { Client, Pool, type ClientConfig } from "pg";
import { DataSource, type DataSourceOptions, type EntityManager, type EntitySchema } from "typeorm";
import { DirectoryError, OperatorError } from "../errors.js";
import type { Log } from "../log.js";
import { migrations } from "./migrations/index.js";

/** A listener of one channel, on a connection of its own. */
export type Listener = { close(): Promise<void> };

/** Read-only sessions of role cadre_reader; ask through `readRows`. */
export type Reader = Pool;

/** The owner's work in one transaction. */
export type Transaction = EntityManager;

/** The two ways to the database. What answers a visitor goes through `read`, which has no right at all on schema base. */
export type Database = {
  /** The owner. Only `*.store.ts` touch it. */
  readonly write: DataSource;
  readonly read: Reader;
  /** One transaction of the owner: all of the work, or none of it. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Hears a channel until closed, reconnecting by itself. What was sent during a gap is not heard: `lost` is called each
   * time the channel is open again, and the caller then looks for itself.
   */
  listen(channel: string, heard: (payload: string) => void, lost: () => void): Promise<Listener>;
  close(): Promise<void>;
};

const OLDEST = 150_000;
const READER = "cadre_reader";
/** Any number will do as long as every version of Cadre uses this one. */
const MIGRATION_LOCK = 1_130_456_179;

/**
 * The role is a session's own setting here, so RESET ROLE stays the reader. `set role none` would not: what a visitor
 * writes must never become SQL text, and `readRows` sends one statement with its values apart.
 */
const READER_SESSION = `-c role=${READER} -c default_transaction_read_only=on -c search_path=seen -c statement_timeout=5000`;

/** Connects both ways and makes sure that reading sessions are what they should be. The database must be migrated. */
export async function openDatabase(
  url: string,
  entities: readonly EntitySchema[],
  log: Log,
): Promise<Database> {
  const address = parseAddress(url);
  let closing = false;
  // A pool counts as ended a moment before its last connections are: what they say then is no loss.
  const lost: Lost = (error) => (closing ? undefined : reportLost(log, error));
  const read = openReader(address, lost);
  const write = ownerSource(address, lost, { entities: [...entities] });
  try {
    await checkReader(read, address);
    await write.initialize();
  } catch (error) {
    await closeAll(read, write);
    throw startFault(error, address);
  }
  return {
    write,
    read,
    transaction: (work) => write.transaction(work).catch(refuse),
    listen: (channel, heard, missed) => listen({ address, channel, heard, lost: missed, log }),
    close: () => {
      closing = true;
      return closeAll(read, write);
    },
  };
}

/** Brings the schema up to date, once however many nodes start together. Returns the names of the migrations it applied. */
export async function migrate(url: string, log: Log): Promise<readonly string[]> {
  const address = parseAddress(url);
  const client = new Client(settings(address, "cadre migration"));
  client.on("error", () => undefined);
  try {
    await client.connect();
    await checkVersion(client, address);
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await refuseTheFuture(client);
    await ensureReader(client);
    await client.query("create schema if not exists base");
    const applied = await runMigrations(address);
    if (applied.length > 0) log.info({ migrations: applied }, "the database is up to date");
    return applied;
  } catch (error) {
    throw startFault(error, address);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Rows of one statement, asked as the reader. A database that is away is a refusal with a sentence, not a fault.
 * A statement with a `name` of its own is planned once for each connection: for what nearly every request asks.
 */
export async function readRows<Row extends object>(
  pool: Pool,
  sql: string,
  values: readonly unknown[] = [],
  name?: string,
): Promise<readonly Row[]> {
  try {
    // The extended protocol takes one statement only, also when there are no values.
    const asked = {
      text: sql,
      values: [...values],
      queryMode: "extended",
      ...(name === undefined ? {} : { name }),
    };
    const { rows } = await pool.query<Row>(asked);
    return rows;
  } catch (error) {
    return refuse(error);
  }
}

/** Whether the database answers now. */
export async function isReachable(read: Reader): Promise<boolean> {
  return read.query("select 1").then(
    () => true,
    () => false,
  );
}

// ── a database that is away ─────────────────────────────────────────────────────────────────────────────────────────

const NETWORK =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/;
/** Connection lost, shutting down, crashed, starting up, too many connections. */
const SERVER = /^(08...|57P0[123]|53300)$/;
const CLIENT =
  /^(Connection terminated|timeout (exceeded|expired)|Client (was closed|has encountered)|Query read timeout|Cannot use a pool after|Driver not Connected)/;

/** Whether the database cannot be reached at the moment, as opposed to having an objection. */
function unavailable(error: unknown): boolean {
  const { code, message, errors } = partsOf(error);
  if (NETWORK.test(code) || SERVER.test(code) || CLIENT.test(message)) return true;
  return errors.some(unavailable);
}

/** By shape, not by class: what a driver throws need not be an error of ours. */
function partsOf(error: unknown): { code: string; message: string; errors: readonly unknown[] } {
  const parts = (typeof error === "object" && error !== null ? error : {}) as Readonly<
    Record<string, unknown>
  >;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    code: text(parts["code"]),
    message: text(parts["message"]),
    errors: Array.isArray(parts["errors"]) ? parts["errors"] : [],
  };
}

function refuse(error: unknown): never {
  if (!unavailable(error)) throw error;
  throw new DirectoryError(
    "UNAVAILABLE",
    "The directory's database cannot be reached right now; try again in a moment.",
  );
}

// ── connections ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** What is done about a connection that ends by itself. */
type Lost = (error: unknown) => void;

function openReader(address: URL, lost: Lost): Pool {
  const pool = new Pool({
    ...settings(asReader(address), "cadre reader"),
    max: 10,
    idleTimeoutMillis: 30_000,
    query_timeout: 10_000,
  });
  pool.on("error", lost);
  // A client that is lent out has no listener of the pool's: without this one a dropped connection would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

function ownerSource(
  address: URL,
  lost: Lost,
  more: Pick<DataSourceOptions, "entities" | "migrations">,
): DataSource {
  return new DataSource({
    type: "postgres",
    url: address.href,
    schema: "base",
    applicationName: "cadre",
    poolSize: 5,
    connectTimeoutMS: 5_000,
    synchronize: false,
    uuidExtension: "pgcrypto",
    installExtensions: false,
    logging: false,
    poolErrorHandler: lost,
    extra: { keepAlive: true },
    migrationsTableName: "migration",
    ...more,
  });
}

function settings(address: URL, name: string): ClientConfig {
  return {
    connectionString: address.href,
    application_name: name,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  };
}

function reportLost(log: Log, error: unknown): void {
  log.warn({ code: partsOf(error).code }, "a connection to the database was lost");
}

async function closeAll(read: Pool, write: DataSource): Promise<void> {
  await Promise.all([read.end(), write.isInitialized ? write.destroy() : undefined]);
}

/** What the address itself sets comes last on the server's command line, so it is put first here. */
function asReader(address: URL): URL {
  const reader = new URL(address);
  const given = address.searchParams.get("options") ?? "";
  reader.searchParams.set("options", `${given} ${READER_SESSION}`.trim());
  return reader;
}

/** Never quotes the address: it holds a password. */
function parseAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const known = address?.protocol === "postgres:" || address?.protocol === "postgresql:";
  if (address === undefined || !known || address.pathname.length < 2)
    throw new OperatorError("DATABASE_URL must look like postgres://user:password@host:5432/database.");
  return address;
}

// ── starting ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A proxy that drops session settings would let visitors read everything, so nothing starts before this holds. */
async function checkReader(read: Pool, address: URL): Promise<void> {
  const { rows } = await read.query<{ who: string; only: string }>(
    "select current_user as who, current_setting('transaction_read_only') as only",
  );
  if (rows[0]?.who === READER && rows[0].only === "on") return;
  throw new OperatorError(
    `The server at ${place(address)} ignores the session settings that keep reading apart from writing (a connection pooler does that); point DATABASE_URL at PostgreSQL itself.`,
  );
}

async function checkVersion(client: Client, address: URL): Promise<void> {
  const { rows } = await client.query<{ number: number; version: string }>(
    "select current_setting('server_version_num')::int as number, current_setting('server_version') as version",
  );
  const found = rows[0];
  if (found !== undefined && found.number < OLDEST)
    throw new OperatorError(
      `Cadre needs PostgreSQL 15 or newer; the server at ${place(address)} is ${found.version}.`,
    );
}

async function refuseTheFuture(client: Client): Promise<void> {
  const known = new Set(migrations.map(nameOf));
  const { rows: tables } = await client.query(
    "select from pg_tables where schemaname = 'base' and tablename = 'migration'",
  );
  if (tables.length === 0) return;
  const { rows } = await client.query<{ name: string }>(
    "select migration.name from base.migration order by migration.id",
  );
  const stranger = rows.find((row) => !known.has(row.name));
  if (stranger !== undefined)
    throw new OperatorError(
      `This database was made by a newer Cadre (migration ${stranger.name}); use that version or a restored backup.`,
    );
}

function nameOf(migration: (typeof migrations)[number]): string {
  return new migration().name ?? migration.name;
}

async function runMigrations(address: URL): Promise<readonly string[]> {
  const source = ownerSource(address, () => undefined, { migrations: [...migrations] });
  await source.initialize();
  try {
    const applied = await source.runMigrations({ transaction: "each" });
    return applied.map((one) => one.name);
  } finally {
    await source.destroy();
  }
}

/**
 * The role belongs to the whole server, which advisory locks do not: several databases may come here at once, so a step
 * that somebody else just did counts as done, and a clash is tried again.
 */
async function ensureReader(client: Client): Promise<void> {
  for (let tries = 1; !(await mayBecomeReader(client)); tries++) {
    try {
      if (!(await readerExists(client))) await client.query(`create role ${READER} nologin`);
      await client.query(`grant ${READER} to current_user`);
    } catch (error) {
      if (partsOf(error).code === "42501") throw await roleNeeded(client);
      if (tries === 10) throw error;
      await new Promise((wake) => setTimeout(wake, 20 * tries));
    }
  }
}

async function readerExists(client: Client): Promise<boolean> {
  const { rowCount } = await client.query("select from pg_roles where rolname = $1", [READER]);
  return rowCount === 1;
}

/** From PostgreSQL 16 on, being a member and being allowed to SET ROLE are two things. */
async function mayBecomeReader(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `select bool_or(pg_has_role(current_user, role.oid,
              case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)) as may
       from pg_roles as role where role.rolname = $1`,
    [READER],
  );
  return rows[0]?.may === true;
}

async function roleNeeded(client: Client): Promise<OperatorError> {
  const { rows } = await client.query<{ owner: string }>("select quote_ident(current_user) as owner");
  return new OperatorError(
    `The database's user may not create the role that readers have; run as a superuser: create role ${READER} nologin; grant ${READER} to ${rows[0]?.owner};`,
  );
}

const AT_START: Readonly<Record<string, (address: URL) => string>> = {
  "28P01": (address) => `PostgreSQL at ${place(address)} refuses the user or the password of DATABASE_URL.`,
  "28000": (address) =>
    `PostgreSQL at ${place(address)} does not let the user of DATABASE_URL in (see its pg_hba.conf).`,
  "3D000": (address) =>
    `PostgreSQL at ${place(address)} has no database of the name in DATABASE_URL; create it first.`,
  "22023": () => "The database is not migrated yet; run cadre migrate.",
};

/** At the start everything that is the surroundings' fault becomes a sentence for the operator. */
function startFault(error: unknown, address: URL): unknown {
  if (unavailable(error))
    return new OperatorError(`No PostgreSQL answers at ${place(address)}; start it, or mend DATABASE_URL.`);
  const sentence = AT_START[partsOf(error).code];
  return sentence === undefined ? error : new OperatorError(sentence(address));
}

function place(address: URL): string {
  return `${address.hostname}:${address.port || "5432"}`;
}

// ── listening ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Listening = {
  readonly address: URL;
  readonly channel: string;
  readonly heard: (payload: string) => void;
  readonly lost: () => void;
  readonly log: Log;
};

async function listen(what: Listening): Promise<Listener> {
  let closed = false;
  let client = await openChannel(what, again).catch(refuse);

  function again(): void {
    if (closed) return;
    reportLost(what.log, undefined);
    void reconnect();
  }

  async function reconnect(): Promise<void> {
    for (let pause = 100; !closed; pause = Math.min(pause * 2, 10_000)) {
      await new Promise((wake) => setTimeout(wake, pause).unref());
      if (closed) return;
      try {
        client = await openChannel(what, again);
        if (closed) return await client.end();
        return what.lost();
      } catch {
        // Still away; the next turn waits longer.
      }
    }
  }

  return {
    close: async () => {
      closed = true;
      await client.end().catch(() => undefined);
    },
  };
}

async function openChannel(what: Listening, ended: () => void): Promise<Client> {
  const client = new Client({ ...settings(asReader(what.address), "cadre listener"), query_timeout: 10_000 });
  client.on("error", () => undefined);
  client.on("notification", (message) => what.heard(message.payload ?? ""));
  try {
    await client.connect();
    await client.query(`listen ${client.escapeIdentifier(what.channel)}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  client.once("end", ended);
  keepChecking(client);
  return client;
}

/** A connection can die without a word (a cut cable): asking now and then turns that into an end. */
function keepChecking(client: Client): void {
  const timer = setInterval(() => void client.query("select 1").catch(() => client.end()), 30_000).unref();
  client.once("end", () => clearInterval(timer));
}
