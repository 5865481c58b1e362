import { pino, type Logger } from "pino";

/**
 * The only logger. Lines carry ids, codes and durations: never a name, a place, a document, a variable or a search word.
 * They go to standard error, so that standard output stays the program's answer.
 */
export type Log = Logger;

/**
 * What may be told of a fault: its kind and its place in the code. Never the message, nor what hangs on the error: a
 * driver's error quotes the values of the statement that failed.
 */
export function describeFault(error: unknown): { readonly fault: string; readonly at: string } {
  if (!(error instanceof Error)) return { fault: typeof error, at: "" };
  const frames = (error.stack ?? "")
    .replace(error.message, "")
    .split("\n")
    .filter((line) => line.startsWith("    at "));
  return { fault: error.name, at: frames.slice(0, 8).join("\n") };
}

/** Opens the log on standard error; `level` is one of pino's. */
export function openLog(level: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
}
