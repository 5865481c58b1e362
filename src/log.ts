import { pino, type Logger } from "pino";

/**
 * The only logger. Lines carry ids, codes and durations: never a name, a place, a document, a variable or a search word.
 * They go to standard error, so that standard output stays the program's answer.
 */
export type Log = Logger;

export function openLog(level: string): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
}
