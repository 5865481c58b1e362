import { readConfig, type Config } from "../config.js";
import { DirectoryError, OperatorError } from "../errors.js";
import { openGround, type Ground } from "../ground.js";
import { describeFault, openLog, type Log } from "../log.js";

/** What a command does: it says its answer on standard output, or throws. */
export type Work = (config: Config, log: Log) => Promise<void>;

/** Runs what needs the configuration. */
export function run(work: Work): Promise<void> {
  return telling(async () => {
    const config = readConfig();
    await work(config, openLog(config.logLevel));
  });
}

/** An operator's mistake is a sentence and an exit status; a fault of ours is its place in the code, and nothing of what it was about. */
export async function telling(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const told =
      error instanceof OperatorError || error instanceof DirectoryError ? error.message : faultReport(error);
    process.stderr.write(`${told}\n`);
    process.exitCode = error instanceof OperatorError ? error.status : 1;
  }
}

function faultReport(error: unknown): string {
  const { fault, at } = describeFault(error);
  return `Cadre failed, which is a fault of its own; nothing was left half done. Please report this (${fault}):\n${at}`;
}

/** Work on the database; beside a serving node too. */
export function withGround(work: (ground: Ground, log: Log, config: Config) => Promise<void>): Work {
  return async (config, log) => {
    const ground = await openGround(config, "guest-or-owner", log);
    try {
      await work(ground, log, config);
    } finally {
      await ground.close();
    }
  };
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
