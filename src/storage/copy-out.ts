import type { ClientBase, Connection, Submittable } from "pg";

/** Where a field lies in the bytes of its row. */
export type Span = { readonly start: number; readonly end: number };

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
      const fields = fieldsOf(chunk, startOf(chunk));
      if (fields.length > 0) this.take({ bytes: chunk, fields });
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

function fieldsOf(bytes: Buffer, from: number): readonly Span[] {
  const fields: Span[] = [];
  let at = from + 2;
  for (let count = from < bytes.length ? bytes.readInt16BE(from) : 0; count > 0; count--) {
    const start = at + 4;
    at = start + bytes.readInt32BE(at);
    fields.push({ start, end: at });
  }
  return fields;
}
