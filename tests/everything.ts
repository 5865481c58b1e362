import { Client } from "pg";

/**
 * Everything a thief of the whole database could read, as text: every row of every table of Cadre's schemas, in an order of its
 * own. Bytes are shown as the text they may hold. `only` leaves out tables by name, as in /^seen\./.
 */
export async function everythingIn(databaseUrl: string, only: RegExp = /./): Promise<string> {
  const client = new Client(databaseUrl);
  await client.connect();
  try {
    const { rows: tables } = await client.query<Table>(selectTables);
    const parts = [];
    for (const { name, columns } of tables.filter((table) => only.test(table.name))) {
      const { rows } = await client.query<{ row: string }>(
        `select concat_ws(E'\\t', ${columns}) as row from ${name} order by 1`,
      );
      parts.push(`== ${name}`, ...rows.map(({ row }) => row));
    }
    return parts.join("\n");
  } finally {
    await client.end();
  }
}

/** The forms in which a text could lie somewhere without being hidden: as it is, in hex, and in base64 at any offset. */
export function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const shifted = [0, 1, 2].map((offset) => Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64"));
  // The first and the last signs of a shifted text depend on what stands around it.
  const cores = shifted.map((form, offset) => form.slice(offset === 0 ? 0 : 4, -4));
  return [text, bytes.toString("hex"), ...cores, ...cores.map(asUrl)];
}

function asUrl(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

type Table = { readonly name: string; readonly columns: string };

const selectTables = `
  select format('%I.%I', namespace.nspname, class.relname) as name,
    string_agg(
      case attribute.atttypid when 'bytea'::regtype then format('encode(%I, ''escape'')', attribute.attname)
        else format('%I::text', attribute.attname) end, ', ' order by attribute.attnum) as columns
  from pg_class class
  join pg_namespace namespace on namespace.oid = class.relnamespace
  join pg_attribute attribute on attribute.attrelid = class.oid
  where class.relkind in ('r', 'm') and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
    and attribute.attnum > 0 and not attribute.attisdropped
  group by namespace.nspname, class.relname
  order by 1`;
