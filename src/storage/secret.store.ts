import type { DataSource } from "typeorm";

/** A secret made with the database, the same for every process on it. Read as the owner: readers have no right on it. */
export async function readSecret(write: DataSource, name: "cursor"): Promise<string> {
  const [row] = await write.query<{ value: string }[]>(
    "select secret.value from base.secret where secret.name = $1",
    [name],
  );
  if (row === undefined) throw new Error(`the database has no secret named ${name}`);
  return row.value;
}
