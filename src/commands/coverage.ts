import { Command } from "commander";
import { Epochs, publishNow } from "../coverage/coverage.store.js";
import type { Config } from "../config.js";
import { OperatorError } from "../errors.js";
import type { Ground } from "../ground.js";
import type { Log } from "../log.js";
import { run, terminal, withGround, type Shell } from "./running.js";

/** `cadre coverage`: what is published of how well places are served. Works beside a serving node. */
export function coverageCommand(shell: Shell = terminal): Command {
  const coverage = new Command("coverage")
    .description("how well places are served, as it was published last")
    .option(
      "--csv",
      "print every cell of which anything is told, as CSV; any other is NONE throughout",
      false,
    )
    .action(({ csv }: { csv: boolean }) =>
      run(
        withGround((ground) => (csv ? printCells(ground) : printEpoch(ground))),
        shell,
      ),
    );
  coverage
    .command("publish")
    .description("publish the epoch that is due; a serving node does it by itself")
    .action(() => run(withGround(publishEpoch), shell));
  return coverage;
}

async function publishEpoch(ground: Ground, _log: Log, config: Config): Promise<string> {
  const day = await publishNow({ ...ground, terms: config.coverage });
  return `The epoch of ${day} is published.`;
}

async function printEpoch(ground: Ground): Promise<string> {
  const { epoch } = await standing(ground);
  return `The epoch of ${epoch.day} stands; the next may be published from ${epoch.next} on.`;
}

const COLUMNS = "specialty,region,language,practitioners,remote,resources,unmet_needs,may_be_none";

/** Codes and bands alone, which need no quotes; an empty one stands for all. */
async function printCells(ground: Ground): Promise<string> {
  const published = await standing(ground);
  const lines = published.cells().map((cell) => {
    const { there, afar, resources, needs, mayBeNone } = published.told(cell);
    return [cell.specialty, cell.region, cell.language, there, afar, resources, needs, mayBeNone].join(",");
  });
  return [COLUMNS, ...lines].join("\n");
}

async function standing({ database, vocabulary }: Ground) {
  const published = await new Epochs(database.read, vocabulary).current();
  if (published !== null) return published;
  throw new OperatorError("No coverage has been published yet: cadre coverage publish does it.");
}
