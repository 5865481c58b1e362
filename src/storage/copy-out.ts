import type { ClientBase, Connection, Submittable } from "pg";

/** Where a field lies in the bytes of its row; good only until the next row, as they are. */
export type Span = { readonly start: number; readonly end: number };

type Field = { start: number; end: number };

/** One row as the database sends it; its bytes are good only until the next row. */
export type CopiedRow = { readonly bytes: Buffer; readonly fields: readonly Span[] };

/**
 * Hands over all rows of a select, of which no field may be null, as COPY sends them (format binary). For reading a table
 * as a whole: nothing is made of a row that nobody wants, and the server works on while we do.
 */
export function copyOut(client: ClientBase, select: string, take: (row: CopiedRow) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyOut(select, take, (error) => (error ? reject(error) : resolve())));
  });
}

const LONGEST = 600_000;
/** What every binary copy begins with: a signature and flags, then the length of an extension. */
const HEADER = 19;
const SIGNATURE = Buffer.from("PGCOPY\n\xff\r\n\0", "latin1");

/** A query in the shape that pg calls back. */
class CopyOut implements Submittable {
  /** pg gives up after so many milliseconds: longer than any table takes, but not for ever. */
  readonly query_timeout = LONGEST;
  readonly #fields: Field[] = [];
  #failed = false;

  /** `callback` is a field because pg puts its own around it. */
  constructor(
    readonly select: string,
    readonly take: (row: CopiedRow) => void,
    public callback: (error?: Error) => void,
  ) {}

  submit(connection: Connection): void {
    connection.query(`copy (${this.select}) to stdout (format binary)`);
  }

  /** One message is one row, the first with the header before it; the last says that there are no more. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    if (this.#failed) return;
    try {
      if (read(chunk, startOf(chunk), this.#fields)) this.take({ bytes: chunk, fields: this.#fields });
    } catch (error) {
      // What is thrown here would not reach whoever asked.
      this.handleError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  handleError(error: Error): void {
    this.#failed = true;
    this.callback(error);
  }

  handleCommandComplete(): void {
    // The rows are all there is to it.
  }

  handleReadyForQuery(): void {
    this.callback();
  }
}

function startOf(bytes: Buffer): number {
  const first =
    bytes.length >= HEADER && bytes.compare(SIGNATURE, 0, SIGNATURE.length, 0, SIGNATURE.length) === 0;
  return first ? HEADER + bytes.readInt32BE(HEADER - 4) : 0;
}

/** Finds the fields of a row, without making anything new for each row; returns whether there is one. */
function read(bytes: Buffer, from: number, into: Field[]): boolean {
  const count = from < bytes.length ? bytes.readInt16BE(from) : 0;
  let at = from + 2;
  for (let number = 0; number < count; number++) {
    const field = (into[number] ??= { start: 0, end: 0 });
    field.start = at + 4;
    at = field.end = field.start + bytes.readInt32BE(at);
  }
  return count > 0;
}
