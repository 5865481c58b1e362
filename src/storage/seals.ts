import type { DataSource, EntityManager } from "typeorm";
import { OperatorError } from "../errors.js";
import type { MasterKeys } from "./master-key.js";
import { Key } from "./seal.js";

/**
 * The node's keys. Every person has a key of their own, wrapped by the master key; what belongs to nobody in particular is sealed
 * under keys made from the node's own, wrapped the same way. Erasing a person's key makes what it sealed unreadable for good.
 */
export class Seals {
  #masters: MasterKeys;
  readonly #reread: () => Promise<MasterKeys>;
  readonly #node: Key;
  readonly #derived = new Map<string, Key>();

  private constructor(masters: MasterKeys, reread: () => Promise<MasterKeys>, node: Key) {
    this.#masters = masters;
    this.#reread = reread;
    this.#node = node;
  }

  /** Whether the database has keys, and needs the masters they were wrapped by. */
  static async present(write: DataSource): Promise<boolean> {
    const rows = await write.query<unknown[]>(selectNodeKey);
    return rows.length > 0;
  }

  /**
   * Unwraps the node's key, or makes it when the database is new. Refuses masters that do not open everything in the database.
   * `reread` brings the masters as they are by now: they may be changed while the node runs.
   */
  static async open(
    write: DataSource,
    masters: MasterKeys,
    reread: () => Promise<MasterKeys> = () => Promise.resolve(masters),
  ): Promise<Seals> {
    if (!(await Seals.present(write))) {
      const made = masters[0].wrap(NODE, Key.random());
      await write.query(insertNodeKey, [masters[0].id, made]);
    }
    // Asked in a statement of its own: another process may have been quicker.
    const [row] = await write.query<Wrapped[]>(selectNodeKey);
    if (row === undefined) throw new Error("the node's key could not be written");
    const used = await write.query<Pick<Wrapped, "master">[]>(selectMasters);
    const stranger = used.find(({ master }) => masters.every(({ id }) => id !== master));
    if (stranger !== undefined) throw unknownMaster(stranger.master);
    return new Seals(masters, reread, unwrap(masters, NODE, row));
  }

  /** The node's key for one purpose. */
  key(purpose: string): Key {
    const key = this.#derived.get(purpose) ?? this.#node.derive(purpose);
    this.#derived.set(purpose, key);
    return key;
  }

  /** The keys of these people; whoever has none gets one. */
  async personKeys(tx: EntityManager, people: readonly string[]): Promise<ReadonlyMap<string, Key>> {
    const kept = await tx.query<PersonRow[]>(selectPersonKeys, [people]);
    const known = new Set(kept.map(({ id }) => id));
    const without = people.filter((id) => !known.has(id));
    const made = without.length === 0 ? [] : await this.#makePersonKeys(tx, without);
    const rows = [...kept, ...made];
    if (rows.some(({ master }) => this.#masters.every(({ id }) => id !== master)))
      this.#masters = await this.#reread();
    return new Map(rows.map((row) => [row.id, unwrap(this.#masters, personOf(row.id), row)]));
  }

  /** The key of one person. */
  async personKey(tx: EntityManager, person: string): Promise<Key> {
    const key = (await this.personKeys(tx, [person])).get(person);
    if (key === undefined) throw new Error("a person has no key");
    return key;
  }

  /** Somebody else may be making a key for the same person: then theirs holds, and is read once they have committed. */
  async #makePersonKeys(tx: EntityManager, people: readonly string[]): Promise<readonly PersonRow[]> {
    this.#masters = await this.#reread();
    const [master] = this.#masters;
    const made = people.map((id) => ({ id, wrapped: hex(master.wrap(personOf(id), Key.random())) }));
    await tx.query(insertPersonKeys, [master.id, JSON.stringify(made)]);
    return tx.query<PersonRow[]>(selectPersonKeys, [people]);
  }

  /**
   * Wraps every key anew with the first of the masters, in this transaction, and returns how many were wrapped by another. What
   * the keys have sealed stays as it is.
   */
  async rotate(tx: EntityManager): Promise<number> {
    const [first] = (this.#masters = await this.#reread());
    const [node] = await tx.query<Wrapped[]>(`${selectNodeKey} for update`);
    if (node === undefined) throw new Error("the node has no key");
    if (node.master !== first.id)
      await tx.query("update base.node_key set master = $1, wrapped = $2", [
        first.id,
        first.wrap(NODE, unwrap(this.#masters, NODE, node)),
      ]);
    let count = node.master === first.id ? 0 : 1;
    for (let some = await this.#rotateSome(tx, first); some > 0; some = await this.#rotateSome(tx, first))
      count += some;
    return count;
  }

  async #rotateSome(tx: EntityManager, first: Key): Promise<number> {
    const rows = await tx.query<PersonRow[]>(selectOlder, [first.id, AT_ONCE]);
    const anew = rows.map((row) => {
      const of = personOf(row.id);
      return { id: row.id, wrapped: hex(first.wrap(of, unwrap(this.#masters, of, row))) };
    });
    await tx.query(updatePersonKeys, [first.id, JSON.stringify(anew)]);
    return rows.length;
  }
}

type Wrapped = { readonly master: string; readonly wrapped: Buffer };
type PersonRow = Wrapped & { readonly id: string };

const AT_ONCE = 1000;
const NODE: readonly string[] = ["base.node_key"];

function personOf(id: string): readonly string[] {
  return ["base.person_key", id];
}

function hex(bytes: Buffer): string {
  return bytes.toString("hex");
}

function unwrap(masters: MasterKeys, of: readonly string[], { master, wrapped }: Wrapped): Key {
  const by = masters.find(({ id }) => id === master);
  if (by === undefined) throw unknownMaster(master);
  return by.unwrap(of, wrapped);
}

function unknownMaster(master: string): OperatorError {
  return new OperatorError(
    `The database was sealed with the key ${master}, which is not in the key file; without it not everything sealed can be opened. Put the line back, from your backup if need be.`,
  );
}

const selectNodeKey = "select node_key.master, node_key.wrapped from base.node_key";

const insertNodeKey = "insert into base.node_key (master, wrapped) values ($1, $2) on conflict do nothing";

const selectMasters = `
  select node_key.master from base.node_key
  union
  select person_key.master from base.person_key`;

const selectPersonKeys = `
  select person_key.practitioner as id, person_key.master, person_key.wrapped
  from base.person_key
  where person_key.practitioner = any ($1::uuid[])`;

/** In the order of their ids: two that make keys for the same people wait for each other in one direction only. */
const insertPersonKeys = `
  insert into base.person_key (practitioner, master, wrapped)
  select made.id, $1, decode(made.wrapped, 'hex')
  from jsonb_to_recordset($2::jsonb) as made (id uuid, wrapped text)
  order by made.id
  on conflict do nothing`;

const selectOlder = `
  select person_key.practitioner as id, person_key.master, person_key.wrapped
  from base.person_key
  where person_key.master <> $1
  order by person_key.practitioner
  limit $2
  for update`;

const updatePersonKeys = `
  update base.person_key
  set master = $1, wrapped = decode(anew.wrapped, 'hex')
  from jsonb_to_recordset($2::jsonb) as anew (id uuid, wrapped text)
  where person_key.practitioner = anew.id`;
