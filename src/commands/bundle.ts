import { Command, Option } from "commander";
import { exportBundle } from "../federation/bundle-export.js";
import { importBundle } from "../federation/bundle-import.js";
import { TIERS, type Tier } from "../federation/tier.js";
import type { PublisherParts } from "../federation/publisher.js";
import type { Ground } from "../ground.js";
import { run, terminal, withGround, type Shell } from "./running.js";

/** `cadre export`: what this node tells others, as a file to carry to them. */
export function exportCommand(shell: Shell = terminal): Command {
  const tier = new Option("--tier <tier>", "what everybody may see, or what partners may");
  return new Command("export")
    .description("write what this node tells other nodes into a file, for where they cannot reach it")
    .requiredOption("--bundle <file>", "the file to write, as directory.jsonl.gz")
    .addOption(tier.choices(TIERS).default("public"))
    .action((told: { bundle: string; tier: Tier }) =>
      run(
        withGround((ground, log, { ledgerFile }) =>
          writeOut({ ...ground, ledgerFile, log }, told.bundle, told.tier, shell),
        ),
        shell,
      ),
    );
}

/** `cadre peer import-bundle`: takes such a file in. */
export function importBundleCommand(shell: Shell = terminal): Command {
  return new Command("import-bundle")
    .description("take in what a peer has exported, by the same rules as over the network")
    .argument("<file>", "what `cadre export` wrote at the peer")
    .action((file: string) =>
      run(
        withGround((ground) => takeIn(ground, file)),
        shell,
      ),
    );
}

async function writeOut(parts: PublisherParts, file: string, tier: Tier, shell: Shell): Promise<string> {
  if (tier === "partners") shell.complain(FOR_ONE_PEER);
  const { records, withdrawals } = await exportBundle(parts, tier, file);
  return `${file} holds ${records} records and ${withdrawals} withdrawals. It can be taken in for seven days.`;
}

const FOR_ONE_PEER =
  "This bundle holds what only members of trusted networks may see: give it into the hands of one such peer's steward, and delete it then.";

async function takeIn(ground: Ground, file: string): Promise<string> {
  const { network, taken } = await importBundle(ground, file);
  if (taken === null) return `This node has all of it already: nothing of ${network} changed.`;
  return `Taken in from ${network}: ${taken.taken} records, ${taken.withdrawn} withdrawals; ${taken.waiting} wait for a steward, ${taken.quarantined} cannot be shown.`;
}
