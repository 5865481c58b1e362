import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** Where the kernel tells about processes; null where it does not (any system but Linux). */
function statOf(pid: number | string): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name stands in parentheses and may hold anything.
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

const PARENT = 1;
const [OWN_FROM, OWN_TO, WITH_CHILDREN_TO] = [11, 13, 15];
const TICK = 10;

function ticks(stat: readonly string[] | null, to: number): number {
  return (stat ?? []).slice(OWN_FROM, to).reduce((sum, cell) => sum + Number(cell), 0);
}

/** Milliseconds of processor time that a process has used; NaN where nobody tells. */
export function cpuOf(pid: number): number {
  const stat = statOf(pid);
  return stat === null ? Number.NaN : ticks(stat, OWN_TO) * TICK;
}

/** The same for a PostgreSQL server with all its processes, those that ended among them. */
export function cpuOfServer(postmaster: number | null): number {
  if (postmaster === null) return Number.NaN;
  const children = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && parentOf(name) === postmaster);
  const own = ticks(statOf(postmaster), WITH_CHILDREN_TO);
  return children.reduce((sum, child) => sum + ticks(statOf(child), WITH_CHILDREN_TO), own) * TICK;
}

export function parentOf(pid: number | string): number | null {
  const parent = statOf(pid)?.[PARENT];
  return parent === undefined ? null : Number(parent);
}

/** Resolves when a process has done next to nothing for a second, or a minute has passed; at once where nobody tells. */
export async function atRest(pid: number): Promise<void> {
  for (let seconds = 0, before = Number.NEGATIVE_INFINITY; seconds < 60; seconds++) {
    const now = cpuOf(pid);
    if (!(now - before > 50)) return;
    before = now;
    await sleep(1000);
  }
}

/** Resident memory of a process in bytes; NaN where nobody tells. */
export function memoryOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "latin1");
    return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) * 1024;
  } catch {
    return Number.NaN;
  }
}

/** Whether processes can be kept to one core each, so that client and server do not disturb each other. */
export const pinning = availableParallelism() > 1 && output("taskset", ["--version"]) !== null;

export function pin(pid: number, core: number): void {
  if (pinning) output("taskset", ["-a", "-cp", String(core), String(pid)]);
}

export function revision(): string {
  const commit = output("git", ["rev-parse", "--short", "HEAD"]);
  const changed = output("git", ["status", "--porcelain"]);
  return `${commit ?? "no commit"}${changed === null || changed === "" ? "" : ", changed since"}`;
}

/** What a command prints; null when it fails or is not there. */
function output(command: string, options: readonly string[]): string | null {
  try {
    return execFileSync(command, options, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}
