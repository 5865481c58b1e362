import { chown, mkdir, open, readdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { OperatorError } from "../errors.js";
import type { Log } from "../log.js";
import {
  holdInside,
  holdPlace,
  makeFile,
  notOurs,
  present,
  remove,
  USER,
  writeSecret,
  type Place,
} from "./data-folder.js";
import { ELSEWHERE, lastWords } from "./failure.js";
import { isAlive } from "./postmaster.js";
import { run, type Runner } from "./runner.js";

/** Made beside its place and renamed when whole, so that an interrupted making never looks like a database. */
export async function makeData(place: Place, program: string, runner: Runner, log: Log): Promise<void> {
  log.info({ folder: place.folder }, "making the database; this happens once");
  const fresh = `${place.data}.new-${process.pid}`;
  const passwordFile = `${fresh}.password`;
  await holdPlace(place, async (held) => {
    const inside = (path: string): string => join(held, basename(path));
    await clearHalfMade(place, held);
    try {
      // In somebody's folder PostgreSQL, who runs as them, makes it.
      if (place.owner === undefined) await makeFresh(inside(fresh), fresh, runner);
      const password = await makeFile(inside(passwordFile), runner.files);
      if (password === undefined) throw notOurs(passwordFile, "file");
      await writeSecret(password, place.secret);
      await initdb([program, "-D", fresh, `--pwfile=${passwordFile}`], place, runner);
      await settle(inside(fresh), inside(place.data), held, place);
    } finally {
      await remove(inside(passwordFile));
      await remove(inside(fresh));
    }
  });
}

async function makeFresh(path: string, shown: string, { files }: Runner): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  if (files) await holdInside(path, shown, [0], (held) => chown(held, files.uid, files.gid));
}

/** Whether the database is there, whole. */
export async function hasData(place: Place): Promise<boolean> {
  if (await present(join(place.data, "global", "pg_control"))) return true;
  const inside = await readdir(place.data).catch(() => []);
  if (inside.length === 0) return false;
  throw new OperatorError(
    `${place.data} holds files that are not a whole PostgreSQL database; move it away, or set another DATA_DIR.`,
  );
}

/** Leaves alone what a living process is making at this moment. */
async function clearHalfMade(place: Place, held: string): Promise<void> {
  const prefix = `${basename(place.data)}.new`;
  for (const name of await readdir(held)) {
    if (!name.startsWith(prefix)) continue;
    const maker = Number(/^-(\d+)/.exec(name.slice(prefix.length))?.[1] ?? 0);
    if (maker === 0 || maker === process.pid || !isAlive(maker)) await remove(join(held, name));
  }
}

/**
 * Builtin C.UTF-8: the order of code points and Unicode's own case mapping, the same on every platform and in every
 * version, so an upgrade never makes an index wrong. SQL that must sort for people's eyes does not belong in the database.
 */
async function initdb(command: readonly string[], place: Place, runner: Runner): Promise<void> {
  const how = ["-U", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"];
  const order = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const haste = place.durable ? [] : ["--no-sync"];
  const { status, said } = await run([...command, ...how, ...order, ...haste], runner);
  if (status !== 0)
    throw new OperatorError(
      `The embedded database could not be made in ${place.folder}: ${lastWords(said)}. Mend that, or ${ELSEWHERE}.`,
    );
}

async function settle(fresh: string, data: string, held: string, place: Place): Promise<void> {
  try {
    await rename(fresh, data);
    await syncFolder(held);
  } catch (error) {
    // Another process made it first, with the same secret: ours is superfluous.
    if (!(await hasData(place))) throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}
