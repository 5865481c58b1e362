import { readConfig, type Config } from "../config.js";
import { DirectoryError, OperatorError } from "../errors.js";
import { openGround, type Ground } from "../ground.js";
import { describeFault, openLog, type Log } from "../log.js";

/** Where a command is run from: what is set there, and where it answers. */
export type Shell = {
  /** Undefined: what is set for this process. */
  readonly settings: Readonly<Record<string, string>> | undefined;
  say(text: string): void;
  complain(text: string): void;
  fail(status: number): void;
};

export const terminal: Shell = {
  settings: undefined,
  say: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
  fail: (status) => {
    process.exitCode = status;
  },
};

/** What a command does. It returns its answer, or has given it when it is done; or throws. */
export type Work = (config: Config, log: Log) => Promise<string | void>;

/** Runs what needs the configuration. */
export function run(work: Work, shell = terminal): Promise<void> {
  return telling(async () => {
    const config = readConfig(shell.settings);
    return work(config, openLog(config.logLevel));
  }, shell);
}

/** An operator's mistake is a sentence and an exit status; a fault of ours is its place in the code, and nothing of what it was about. */
export async function telling(work: () => Promise<string | void>, shell = terminal): Promise<void> {
  try {
    const answer = await work();
    if (answer !== undefined) shell.say(answer);
  } catch (error) {
    const expected = error instanceof OperatorError || error instanceof DirectoryError;
    shell.complain(expected ? error.message : faultReport(error));
    shell.fail(error instanceof OperatorError ? error.status : 1);
  }
}

function faultReport(error: unknown): string {
  const { fault, at } = describeFault(error);
  return `Cadre failed, which is a fault of its own; nothing was left half done. Please report this (${fault}):\n${at}`;
}

/** Work on the database; beside a serving node too. */
export function withGround(work: (ground: Ground, log: Log, config: Config) => Promise<string | void>): Work {
  return async (config, log) => {
    const ground = await openGround(config, "guest-or-owner", log);
    try {
      return await work(ground, log, config);
    } finally {
      await ground.close();
    }
  };
}
