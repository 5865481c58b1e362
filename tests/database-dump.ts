import { Client } from "pg";

/** The schema of a database as SQL text, the same on every supported version of PostgreSQL. */
export async function dumpSchema(url: string): Promise<string> {
  const client = new Client(url);
  await client.connect();
  try {
    const parts = [];
    for (const sql of [tables, indexes, functions, triggers, tableRights, schemaRights]) {
      parts.push((await client.query<{ text: string }>(sql)).rows.map(({ text }) => text));
    }
    return `-- The database after all migrations. Written by tests/schema.test.ts; never edited by hand.\n\n${parts.flat().join("\n\n")}\n`;
  } finally {
    await client.end();
  }
}

const ours = "namespace.nspname in ('base', 'seen')";

/** Not-null constraints have names of their own from PostgreSQL 18 on; they are told with their columns. */
const tables = `
  select format(E'create table %I.%I (\\n%s\\n);', namespace.nspname, class.relname,
    concat_ws(E',\\n', columns.text, constraints.text)) as text
  from pg_class class
  join pg_namespace namespace on namespace.oid = class.relnamespace and ${ours}
  cross join lateral (
    select string_agg(format('  %I %s%s%s', attribute.attname, format_type(attribute.atttypid, attribute.atttypmod),
      case when attribute.attnotnull then ' not null' end,
      ' default ' || pg_get_expr(attrdef.adbin, attrdef.adrelid)), E',\\n' order by attribute.attnum) as text
    from pg_attribute attribute
    left join pg_attrdef attrdef on attrdef.adrelid = class.oid and attrdef.adnum = attribute.attnum
    where attribute.attrelid = class.oid and attribute.attnum > 0 and not attribute.attisdropped
  ) columns
  cross join lateral (
    select string_agg(format('  constraint %I %s', con.conname, pg_get_constraintdef(con.oid)), E',\\n'
      order by con.contype desc, con.conname) as text
    from pg_constraint con
    where con.conrelid = class.oid and con.contype <> 'n'
  ) constraints
  where class.relkind = 'r'
  order by namespace.nspname, class.relname`;

const indexes = `
  select pg_get_indexdef(index.indexrelid) || ';' as text
  from pg_index index
  join pg_class class on class.oid = index.indexrelid
  join pg_namespace namespace on namespace.oid = class.relnamespace and ${ours}
  where not exists (select from pg_constraint con where con.conindid = index.indexrelid)
  order by namespace.nspname, class.relname`;

const functions = `
  select pg_get_functiondef(proc.oid) || ';' as text
  from pg_proc proc
  join pg_namespace namespace on namespace.oid = proc.pronamespace and ${ours}
  order by namespace.nspname, proc.proname`;

/** "A" is for a trigger that fires in every session, also in one that plays back changes. */
const triggers = `
  select pg_get_triggerdef(trigger.oid) || ';' || case trigger.tgenabled when 'A'
    then format(E'\nalter table %I.%I enable always trigger %I;', namespace.nspname, class.relname, trigger.tgname)
    else '' end as text
  from pg_trigger trigger
  join pg_class class on class.oid = trigger.tgrelid
  join pg_namespace namespace on namespace.oid = class.relnamespace and ${ours}
  where not trigger.tgisinternal
  order by namespace.nspname, class.relname, trigger.tgname`;

const tableRights = `
  select format('grant %s on %I.%I to %I;', lower(string_agg(acl.privilege_type, ', ' order by acl.privilege_type)),
    namespace.nspname, class.relname, role.rolname) as text
  from pg_class class
  join pg_namespace namespace on namespace.oid = class.relnamespace and ${ours}
  cross join lateral aclexplode(class.relacl) acl
  join pg_roles role on role.oid = acl.grantee
  where role.rolname = 'cadre_reader'
  group by namespace.nspname, class.relname, role.rolname
  order by namespace.nspname, class.relname`;

const schemaRights = `
  select format('grant %s on schema %I to %I;', lower(acl.privilege_type), namespace.nspname, role.rolname) as text
  from pg_namespace namespace
  cross join lateral aclexplode(namespace.nspacl) acl
  join pg_roles role on role.oid = acl.grantee
  where ${ours} and role.rolname = 'cadre_reader'
  order by namespace.nspname, acl.privilege_type`;
