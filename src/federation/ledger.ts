import { constants } from "node:fs";
import { rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { dayOf, daysAfter } from "../clock.js";
import { OperatorError } from "../errors.js";
import { openFile, placeSecret, present, remove, syncFolder, using } from "../storage/data-folder.js";
import { codeOf } from "../storage/failure.js";
import type { Mark } from "./feed.store.js";
import { TIERS, type Tier } from "./tier.js";

/**
 * What was withdrawn, in a file outside the database: when that is put back to an earlier state, the file still knows who left since.
 * Lines are only added; each is on the disk before the feed that it is of is served. It holds random ids and days, and nothing else.
 */

/** How far a feed went, what left it since the line before, and what of that is back. */
export type LedgerLine = Mark & {
  readonly tier: Tier;
  readonly gone: readonly (readonly [id: string, day: string])[];
  readonly back: readonly string[];
};

/** What the ledger knows of one feed. */
export type Last = Mark & { readonly gone: ReadonlyMap<string, string> };

export type Ledger = {
  readonly tiers: ReadonlyMap<Tier, Last>;
  /** How many lines it has, the first with the node's name included; none when nothing was ever written. */
  readonly lines: number;
  /** False when the last line broke off: whoever wrote it served nothing of it. */
  readonly whole: boolean;
};

/** Backups older than this many days are not expected to come back. */
const KEPT_FOR = 730;
/** A file with more lines than this is written anew, each withdrawal once. */
const LONGEST_LEDGER = 2000;

/** Reads it, or says why that cannot be done. A file that is not there yet is empty. */
export async function readLedger(file: string, node: string): Promise<Ledger> {
  const text = await readAll(file);
  const end = text.lastIndexOf("\n") + 1;
  const lines = text
    .slice(0, end)
    .split("\n")
    .filter((line) => line !== "");
  const [first, ...rest] = lines;
  if (first !== undefined && parse(file, firstShape, first, 1).node !== node)
    throw new OperatorError(
      `LEDGER_FILE ${file} holds what was withdrawn from another node; name a file of this node's own. If the database was put back to before the node had its keys, put back a later one.`,
    );
  const tiers = new Map<Tier, Last>();
  for (const [at, line] of rest.entries()) {
    const told = parse(file, lineShape, line, at + 2);
    tiers.set(told.tier, after(tiers.get(told.tier), told));
  }
  return { tiers, lines: lines.length, whole: end === text.length };
}

function after(last: Last | undefined, { epoch, seq, gone, back }: LedgerLine): Last {
  const ids = new Map([...(last?.gone ?? []), ...gone]);
  for (const id of back) ids.delete(id);
  return { epoch, seq, gone: ids };
}

/** Adds a line and waits until the disk has it. What has grown long, or broke off, is written anew as a whole. */
export async function addTo(
  file: string,
  node: string,
  ledger: Ledger,
  line: LedgerLine,
  now: Date,
): Promise<void> {
  const fits = ledger.whole && ledger.lines > 0 && ledger.lines < LONGEST_LEDGER;
  if (fits) return append(file, `${JSON.stringify(line)}\n`);
  await writeAnew(
    file,
    node,
    new Map([...ledger.tiers, [line.tier, after(ledger.tiers.get(line.tier), line)]]),
    now,
  );
}

/** Each withdrawal once, and none from so long ago that no backup is. */
export async function writeAnew(
  file: string,
  node: string,
  tiers: Ledger["tiers"],
  now: Date,
): Promise<void> {
  const since = daysAfter(dayOf(now), -KEPT_FOR);
  const lines = [...tiers].map(([tier, { epoch, seq, gone }]): LedgerLine => {
    return { tier, epoch, seq, gone: [...gone].filter(([, day]) => day >= since), back: [] };
  });
  const text = [{ ledger: 1, node }, ...lines].map((line) => JSON.stringify(line)).join("\n");
  const draft = `${file}.new`;
  await working(file, async () => {
    await remove(draft);
    await placeSecret(draft, text);
    await rename(draft, file);
    await syncFolder(dirname(file));
  });
}

async function append(file: string, text: string): Promise<void> {
  await working(file, () =>
    opened(file, constants.O_WRONLY | constants.O_APPEND, async (held) => {
      await held.writeFile(text);
      await held.sync();
    }),
  );
}

function readAll(file: string): Promise<string> {
  return working(file, async () => {
    if ((await present(file)) === undefined) return "";
    return opened(file, constants.O_RDONLY, (held) => held.readFile("utf8"));
  });
}

/** Root goes through no link that somebody else has put there. */
async function opened<T>(
  file: string,
  how: number,
  work: (held: Awaited<ReturnType<typeof openFile>>) => Promise<T>,
): Promise<T> {
  const { uid } = await stat(dirname(file));
  return using(openFile(file, file, how, [uid]), work);
}

async function working<T>(file: string, work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    if (error instanceof OperatorError || codeOf(error) === "") throw error;
    throw new OperatorError(
      `LEDGER_FILE ${file} cannot be read and written (${codeOf(error)}); without it no feed is served.`,
    );
  });
}

function parse<T>(file: string, shape: z.ZodType<T>, line: string, number: number): T {
  try {
    return shape.parse(JSON.parse(line));
  } catch {
    throw new OperatorError(
      `LEDGER_FILE ${file} is damaged in line ${number}. Who withdrew may stand in it: mend the line, or take it out knowing that.`,
    );
  }
}

const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const firstShape = z.object({ ledger: z.literal(1), node: z.string() });
const lineShape = z.object({
  tier: z.enum(TIERS),
  epoch: z.uuid(),
  seq: z.number().int().min(0),
  gone: z.array(z.tuple([z.uuid(), day])),
  back: z.array(z.uuid()),
});
