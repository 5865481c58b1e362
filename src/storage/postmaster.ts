import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, unlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { codeOf } from "./failure.js";

/** The server's first process, as its postmaster.pid tells of it. */
export type Postmaster = { readonly pid: number; readonly port: number; readonly ready: boolean };

/** What postmaster.pid says, when that process lives and is this folder's server. */
export function postmasterOf(data: string): Postmaster | undefined {
  const server = readPostmaster(data);
  return server !== undefined && serves(server.pid, data) ? server : undefined;
}

export function readPostmaster(data: string): Postmaster | undefined {
  return parsePostmaster(readPlain(fileIn(data)) ?? "");
}

/** Follows no link and waits for no pipe: the folder may be somebody's and the reader root. */
function readPlain(path: string): string | undefined {
  return quietly(() => {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return fstatSync(file).isFile() ? readFileSync(file, "utf8") : undefined;
    } finally {
      closeSync(file);
    }
  });
}

/** Line 1 the process, line 4 the port, line 8 its state; the file grows while the server starts. */
function parsePostmaster(text: string): Postmaster | undefined {
  const lines = text.split("\n");
  const pid = Math.abs(Number(lines[0]));
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid === 0) return undefined;
  return { pid, port, ready: lines[7]?.trim() === "ready" };
}

/**
 * A number that was given anew to a stranger (after a reboot, in a container), a dead child nobody has collected, or a
 * folder that was copied while in use must not pass for a server. PostgreSQL works in its data folder; where we may not
 * look there (root in a container, asking about another user), its name must do, and elsewhere that it lives.
 */
export function serves(pid: number, data: string): boolean {
  if (process.platform !== "linux") return isAlive(pid);
  const here = quietly(() => statSync(data));
  try {
    const there = statSync(`/proc/${pid}/cwd`);
    return there.ino === here?.ino && there.dev === here.dev;
  } catch (error) {
    return codeOf(error) === "EACCES" && isPostgres(pid);
  }
}

function isPostgres(pid: number): boolean {
  const command = quietly(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "";
  return basename(command.split("\0")[0] ?? "") === "postgres";
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** PostgreSQL believes any process of its user that a stale postmaster.pid names, even a dead one nobody has collected. */
export function forgetStranger(data: string): void {
  const file = fileIn(data);
  const text = readPlain(file) ?? "";
  const named = parsePostmaster(text);
  if (named === undefined || !isAlive(named.pid) || serves(named.pid, data)) return;
  if (readPlain(file) === text) unlinkSync(file);
}

function fileIn(data: string): string {
  return join(data, "postmaster.pid");
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
