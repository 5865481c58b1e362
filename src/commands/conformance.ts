import { Command } from "commander";
import type { Config } from "../config.js";
import { lookAtPublisher } from "../conformance/publisher.js";
import { openOutbound } from "../federation/outbound.js";
import { readVocabulary } from "../vocabulary/vocabulary.js";
import { run, terminal, type Shell } from "./running.js";

/** `cadre conformance`: any node, looked at from outside. */
export function conformanceCommand(shell: Shell = terminal): Command {
  return new Command("conformance")
    .description("look from outside whether a node keeps to the federation protocol; needs no database")
    .argument("<url>", "where the node is met, such as https://cadre.example.org")
    .action((url: string) => run((config) => lookAt(config, url, shell), shell));
}

async function lookAt({ privatePeers, ownWords }: Config, url: string, shell: Shell): Promise<string> {
  const outbound = openOutbound({
    allowPrivate: privatePeers,
    timeout: 30_000,
    userAgent: "Cadre conformance",
  });
  const checked = await lookAtPublisher(outbound, url, readVocabulary(ownWords)).finally(() =>
    outbound.close(),
  );
  const failed = checked.filter(({ fault }) => fault !== null);
  for (const { id, promise, fault } of checked)
    shell.say(
      `${fault === null ? "✓" : "✗"} ${id.padEnd(3)} ${promise}${fault === null ? "" : ` — ${fault}`}`,
    );
  if (failed.length > 0) shell.fail(1);
  return `Publisher: ${checked.length - failed.length} passed, ${failed.length} failed`;
}
