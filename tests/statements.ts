import { Client } from "pg";

/**
 * How many statements a question takes, of those whose text `counts`: at the driver, and in sessions that answer. Beside them the index
 * reads the change log, and coverage is looked at there and published in sessions that write.
 */
export async function countStatements(
  counts: (text: string) => boolean,
  work: () => Promise<void>,
): Promise<number> {
  // Called with the client it is asked of, below.
  // oxlint-disable-next-line typescript/unbound-method
  const query = Client.prototype.query;
  let count = 0;
  Client.prototype.query = function (this: Client, ...args: unknown[]) {
    const [first] = args;
    const text = typeof first === "string" ? first : String((first as { text?: string }).text);
    const { connectionParameters } = this as unknown as { connectionParameters: { options?: string } };
    const answers = connectionParameters.options?.includes("default_transaction_read_only=on");
    if (answers === true && !/seen\.(change|coverage)/.test(text) && counts(text)) count++;
    return (query as (...args: unknown[]) => unknown).apply(this, args);
  } as typeof query;
  try {
    await work();
    return count;
  } finally {
    Client.prototype.query = query;
  }
}

/** Whether a statement reads listings. */
export function readsListings(text: string): boolean {
  return text.includes("from seen.listing");
}
