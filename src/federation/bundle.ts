import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { z } from "zod";
import { OperatorError } from "../errors.js";
import { LONGEST_PAGE } from "./feed.js";
import { readItem, type FetchedItem, type FetchedPage } from "./reading.js";
import { LARGEST_STATEMENT, shaped } from "./statement.js";
import { TIERS, type Tier } from "./tier.js";
import { Untrusted } from "./untrusted.js";

/**
 * A feed as a file that can be carried: lines of JSON, packed by gzip (`.jsonl.gz`, media type application/vnd.cadre.bundle). The
 * first is what the node says of itself, the second the head, then one line an item, as in pages. It is believed no more than what
 * comes over the network, and by the same rules.
 */

/** The first two lines. */
export const statementLineShape = z.object({ "cadre:statement": z.string().max(LARGEST_STATEMENT) });
export const headLineShape = z.object({
  "cadre:tier": z.enum(TIERS),
  "cadre:head": z.string().max(8192),
  "cadre:cursor": z.string().max(500).optional(),
});

/** A bundle is unpacked up to so many bytes; no line of one is longer than the other. */
const LARGEST_BUNDLE = 1024 * 1024 * 1024;
const LONGEST_LINE = LARGEST_STATEMENT + 1024;

/** What a bundle says before anybody has verified it. */
export type Bundle = {
  readonly statement: string;
  readonly tier: Tier;
  readonly head: string;
  /** Its items, some at a time; refused when there are more records than the head tells of. */
  pages(records: number): AsyncIterable<FetchedPage>;
  close(): Promise<void>;
};

export async function openBundle(file: string): Promise<Bundle> {
  const lines = linesOf(file);
  try {
    const first = shaped(statementLineShape, await nextOf(lines), "first line of the bundle");
    const second = shaped(headLineShape, await nextOf(lines), "second line of the bundle");
    return {
      statement: first["cadre:statement"],
      tier: second["cadre:tier"],
      head: second["cadre:head"],
      pages: (records) => pagesOf(lines, records, second["cadre:cursor"] ?? null),
      close: async () => void (await lines.return(undefined)),
    };
  } catch (error) {
    await lines.return(undefined);
    throw error;
  }
}

async function nextOf(lines: AsyncGenerator): Promise<unknown> {
  const { value, done } = await lines.next();
  if (done === true) throw damaged();
  return value;
}

async function* pagesOf(
  lines: AsyncGenerator,
  records: number,
  cursor: string | null,
): AsyncGenerator<FetchedPage> {
  let gathered: FetchedItem[] = [];
  let [last, left] = [0, records];
  const page = (): FetchedPage => ({ items: gathered, next: null, cursor, head: null });
  for await (const line of lines) {
    const { seq, items } = readItem(line);
    left -= items.filter(({ gone }) => gone === null).length;
    if (seq <= last) throw new Untrusted("MALFORMED", "The items of the bundle are not in order.");
    if (left < 0) throw new Untrusted("TOO_LARGE", "The bundle holds more records than its head tells of.");
    last = seq;
    gathered.push(...items);
    if (gathered.length < LONGEST_PAGE) continue;
    yield page();
    gathered = [];
  }
  yield page();
}

/** Every line as JSON, as soon as it is there: a file that is made to grow is left at its first line that is too long. */
async function* linesOf(file: string): AsyncGenerator {
  const source = createReadStream(file);
  const unpacked = createGunzip();
  const packed = pipeline(source, unpacked);
  packed.catch(() => undefined);
  let rest = Buffer.alloc(0);
  let size = 0;
  try {
    for await (const part of unpacked) {
      const bytes = part as Buffer;
      size += bytes.length;
      if (size > LARGEST_BUNDLE) throw new Untrusted("TOO_LARGE", "The bundle is too large.");
      rest = Buffer.concat([rest, bytes]);
      let from = 0;
      for (let end = rest.indexOf(LF); end >= 0; end = rest.indexOf(LF, from)) {
        yield parse(rest.subarray(from, end));
        from = end + 1;
      }
      rest = rest.subarray(from);
      if (rest.length > LONGEST_LINE) throw new Untrusted("TOO_LARGE", "A line of the bundle is too long.");
    }
  } catch (error) {
    throw failureOf(error);
  } finally {
    source.destroy();
    unpacked.destroy();
  }
  if (rest.length > 0) throw damaged();
}

const LF = 0x0a;

function parse(line: Buffer): unknown {
  if (line.length > LONGEST_LINE) throw new Untrusted("TOO_LARGE", "A line of the bundle is too long.");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
  } catch {
    throw new Untrusted("MALFORMED", "A line of the bundle is not JSON.");
  }
}

/** By its code, which is all that tells what failed. */
function failureOf(error: unknown): unknown {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  if (typeof code !== "string" || error instanceof Untrusted) return error;
  if (code.startsWith("Z_") || code === "ERR_STREAM_PREMATURE_CLOSE") return damaged();
  return new OperatorError(`The bundle cannot be read (${code}).`);
}

function damaged(): Untrusted {
  return new Untrusted("MALFORMED", "The bundle is damaged, or a part of it is missing.");
}

/** Writes a bundle line by line, for its writer alone to read; `end` resolves when all of it is in the file. */
export type BundleWriter = { put(line: object): Promise<void>; end(): Promise<void> };

export function writeBundle(file: string): BundleWriter {
  const packing = createGzip();
  const written = pipeline(packing, createWriteStream(file, { flags: "wx", mode: 0o600 }));
  written.catch(() => undefined);
  return {
    put: async (line) => {
      if (packing.write(`${JSON.stringify(line)}\n`)) return;
      await Promise.race([once(packing, "drain"), written]);
    },
    end: async () => {
      packing.end();
      await written;
    },
  };
}
