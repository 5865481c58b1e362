import type { DataSource, EntityManager } from "typeorm";
import { OperatorError } from "../errors.js";
import type { MasterKeys } from "./master-key.js";
import { Key } from "./seal.js";

/**
 * The node's keys. Every person has a key of their own, wrapped by the master key; what belongs to nobody in particular is sealed
 * under keys made from the node's own, wrapped the same way. Erasing a person's key makes what it sealed unreadable for good.
 */
export class Seals {
  readonly #masters: MasterKeys;
  readonly #node: Key;
  readonly #derived = new Map<string, Key>();

  private constructor(masters: MasterKeys, node: Key) {
    this.#masters = masters;
    this.#node = node;
  }

  /** Unwraps the node's key, or makes it when the database is new. */
  static async open(write: DataSource, masters: MasterKeys): Promise<Seals> {
    const made = Key.random();
    const [row] = await write.query<Wrapped[]>(insertNodeKey, [
      masters[0].id,
      masters[0].wrap(["node"], made),
    ]);
    if (row === undefined) throw new Error("the node's key could not be written");
    return new Seals(masters, unwrap(masters, ["node"], row));
  }

  /** The node's key for one purpose. */
  key(purpose: string): Key {
    const key = this.#derived.get(purpose) ?? this.#node.derive(purpose);
    this.#derived.set(purpose, key);
    return key;
  }

  /** The keys of these people; whoever has none gets one. */
  async personKeys(tx: EntityManager, people: readonly string[]): Promise<ReadonlyMap<string, Key>> {
    const [master] = this.#masters;
    const made = people.map((id) => ({
      id,
      wrapped: master.wrap(["person", id], Key.random()).toString("hex"),
    }));
    const rows = await tx.query<(Wrapped & { id: string })[]>(insertPersonKeys, [
      master.id,
      JSON.stringify(made),
      people,
    ]);
    return new Map(rows.map((row) => [row.id, unwrap(this.#masters, ["person", row.id], row)]));
  }
}

type Wrapped = { readonly master: string; readonly wrapped: Buffer };

function unwrap(masters: MasterKeys, place: readonly string[], { master, wrapped }: Wrapped): Key {
  const by = masters.find(({ id }) => id === master);
  if (by === undefined)
    throw new OperatorError(
      `The database was sealed with the key ${master}, which is not in the key file; without it nothing sealed can be opened.`,
    );
  return by.unwrap(place, wrapped);
}

const insertNodeKey = `
  with made as (
    insert into base.node_key (master, wrapped) values ($1, $2)
    on conflict do nothing
    returning node_key.master, node_key.wrapped
  )
  select master, wrapped from made
  union all
  select node_key.master, node_key.wrapped from base.node_key
  limit 1`;

const insertPersonKeys = `
  with made as (
    insert into base.person_key (practitioner, master, wrapped)
    select made.id, $1, decode(made.wrapped, 'hex')
    from jsonb_to_recordset($2::jsonb) as made (id uuid, wrapped text)
    where not exists (select from base.person_key where person_key.practitioner = made.id)
    on conflict do nothing
    returning person_key.practitioner as id, person_key.master, person_key.wrapped
  )
  select id, master, wrapped from made
  union all
  select person_key.practitioner, person_key.master, person_key.wrapped
  from base.person_key
  where person_key.practitioner = any ($3::uuid[])`;
