import { PEERS, type PeerName } from "./peers.js";
import type { Operation } from "./questions.js";

/** One peer's fixed work on one operation in one round; processor time in milliseconds. */
export type Round = {
  readonly peer: PeerName;
  readonly operation: Operation;
  readonly round: number;
  readonly perSecond: number;
  readonly each: Float64Array;
  readonly serverCpu: number;
  readonly databaseCpu: number;
};

export type Goal = { readonly what: string; readonly met: boolean };

/** Floors of issue 2: how many times as fast as a peer the product has to be. */
const floors: Readonly<Record<Operation, Partial<Record<PeerName, number>>>> = {
  search: { S: 12, L: 0.4 },
  profile: { L: 0.4 },
  text: { S: 3 },
};

export function tableOf(rounds: readonly Round[], operation: Operation): string {
  const head = ["peer", "req/s", "× S", "× L", "p50 ms", "p99 ms", "server ms", "PG ms", "CPU × S", "spread"];
  const rows = PEERS.map((peer) => rowOf(rounds, operation, peer));
  const widths = head.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => (row[at] ?? "").length)),
  );
  const lines = [head, ...rows].map((row) =>
    row.map((cell, at) => aligned(cell, widths[at] ?? 0, at)).join("  "),
  );
  return [operation, ...lines.map((line) => `  ${line}`)].join("\n");
}

function aligned(cell: string, width: number, at: number): string {
  return at === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function rowOf(rounds: readonly Round[], operation: Operation, peer: PeerName): readonly string[] {
  const own = rounds.filter((round) => round.peer === peer && round.operation === operation);
  const rates = own.map(({ perSecond }) => perSecond);
  const each = Float64Array.from(own.flatMap((round) => [...round.each])).sort();
  const spread = (Math.max(...rates) - Math.min(...rates)) / median(rates);
  return [
    peer,
    rounded(median(rates)),
    rounded(ratio(rounds, operation, peer, "S")),
    rounded(ratio(rounds, operation, peer, "L")),
    rounded(each[Math.floor(each.length * 0.5)] ?? Number.NaN),
    rounded(each[Math.floor(each.length * 0.99)] ?? Number.NaN),
    rounded(median(own.map((round) => round.serverCpu / round.each.length))),
    rounded(median(own.map((round) => round.databaseCpu / round.each.length))),
    rounded(cpuOf(rounds, operation, "S") / cpuOf(rounds, operation, peer)),
    `${Math.round(spread * 100)} %`,
  ];
}

/** Processor time of a request, the server's and the database's. */
function cpuOf(rounds: readonly Round[], operation: Operation, peer: PeerName): number {
  const own = rounds.filter((round) => round.operation === operation && round.peer === peer);
  return median(own.map(({ serverCpu, databaseCpu, each }) => (serverCpu + databaseCpu) / each.length));
}

/** The median over the rounds of how many times as many requests a second one peer answered as another in the same round. */
function ratio(rounds: readonly Round[], operation: Operation, peer: PeerName, to: PeerName): number {
  const own = rounds.filter((round) => round.operation === operation && round.peer === peer);
  const ratios = own.map(({ perSecond, round: number }) => {
    const other = rounds.find(
      (one) => one.operation === operation && one.peer === to && one.round === number,
    );
    return perSecond / (other?.perSecond ?? Number.NaN);
  });
  return median(ratios);
}

export function goalsOf(rounds: readonly Round[], operation: Operation): readonly Goal[] {
  return PEERS.flatMap((peer) => {
    const floor = floors[operation][peer];
    if (floor === undefined) return [];
    const reached = ratio(rounds, operation, "product", peer);
    return [
      { what: `${operation} at least ${floor} × ${peer}: ${rounded(reached)} ×`, met: reached >= floor },
    ];
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Three digits that mean something; a dash for what could not be measured. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
