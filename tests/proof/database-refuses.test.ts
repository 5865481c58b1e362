import { openLog } from "../../src/log.js";
import { openDatabase, readRows, type Database } from "../../src/storage/database.js";
import { cloneDatabase, type TestDatabase } from "../database.js";

/** Asked of the catalogue, so that a table, a view or a function that somebody adds is looked at as well. */
let cloned: TestDatabase;
let database: Database;
beforeAll(async () => {
  cloned = await cloneDatabase();
  database = await openDatabase(cloned.url, [], openLog("silent"));
});
afterAll(async () => {
  await database.close();
  await cloned.drop();
});

type Named = { readonly name: string };

async function names(sql: string): Promise<readonly string[]> {
  return (await database.write.query<Named[]>(sql)).map(({ name }) => name);
}

/** Everything that holds rows and is not PostgreSQL's own. */
const relations = `
  select relation.oid, format('%I.%I', space.nspname, relation.relname) as name, space.nspname as space, relation.relkind as kind
  from pg_class relation
  join pg_namespace space on space.oid = relation.relnamespace
  where relation.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'`;

const anyRight = `
  case kind when 'S' then has_sequence_privilege('cadre_reader', oid, 'usage, select, update')
    else has_table_privilege('cadre_reader', oid, 'select, insert, update, delete, truncate, references, trigger')
      or has_any_column_privilege('cadre_reader', oid, 'select, insert, update, references') end`;

const rightToChange = `
  case kind when 'S' then has_sequence_privilege('cadre_reader', oid, 'usage, update')
    else has_table_privilege('cadre_reader', oid, 'insert, update, delete, truncate, references, trigger')
      or has_any_column_privilege('cadre_reader', oid, 'insert, update, references') end`;

describe("the role that answers visitors", () => {
  test("has no right of any kind on anything that is kept, whichever schema it is in", async () => {
    expect(
      await names(`select name from (${relations}) as relation where space <> 'seen' and ${anyRight}`),
    ).toEqual([]);
    expect(
      (await names(`select name from (${relations}) as relation where space = 'base'`)).length,
    ).toBeGreaterThan(10);
  });

  test("is refused when it asks, table by table", async () => {
    for (const name of await names(`select name from (${relations}) as relation where space <> 'seen'`))
      await expect(readRows(database.read, `select from ${name}`)).rejects.toThrow("permission denied");
  });

  test("may read what audiences see, and change none of it", async () => {
    expect(await names(`select name from (${relations}) as relation where ${rightToChange}`)).toEqual([]);
    expect(
      await names(
        `select name from (${relations}) as relation where space = 'seen' and ${anyRight} order by 1`,
      ),
    ).toEqual([
      "seen.change",
      "seen.clock",
      "seen.coverage_cell",
      "seen.coverage_epoch",
      "seen.feed",
      "seen.feed_item",
      "seen.listing",
      "seen.moved",
      "seen.network",
      "seen.node_identity",
      "seen.retirement",
      "seen.standing",
    ]);
  });

  test("comes to nothing through a view or a function that runs as its owner", async () => {
    // A view reads with the rights of whoever owns it.
    expect(
      await names(`select name from (${relations}) as relation where kind in ('v', 'm') and space <> 'base'`),
    ).toEqual([]);
    const lent = `
      select format('%I.%I', space.nspname, routine.proname) as name
      from pg_proc routine
      join pg_namespace space on space.oid = routine.pronamespace
      where routine.prosecdef and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'`;
    expect(await names(lent)).toEqual([]);
  });

  test("has no right on what a later migration makes, unless that says so", async () => {
    const made = ["base", "seen"].map(async (space) => {
      await database.write.query(`create table ${space}.later (said text)`);
      await expect(readRows(database.read, `select from ${space}.later`)).rejects.toThrow(
        "permission denied",
      );
      await database.write.query(`drop table ${space}.later`);
    });
    await Promise.all(made);
  });

  test("cannot so much as look into the schema of what is kept, nor make anything anywhere", async () => {
    const rights = await database.write.query<{ name: string; may: boolean }[]>(`
      select space.nspname || ' ' || wanted as name, has_schema_privilege('cadre_reader', space.nspname, wanted) as may
      from pg_namespace space cross join unnest(array['usage', 'create']) as wanted
      where space.nspname in ('base', 'seen', 'public')`);
    const may = rights.filter((right) => right.may).map(({ name }) => name);
    expect(may.sort()).toEqual(["public usage", "seen usage"]);
  });
});
