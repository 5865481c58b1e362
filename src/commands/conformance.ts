import { once } from "node:events";
import { createInterface } from "node:readline";
import { Command } from "commander";
import type { Config } from "../config.js";
import type { Checked } from "../conformance/checked.js";
import type { Hands, Pace } from "../conformance/kit.js";
import { Origins } from "../conformance/origins.js";
import { lookAtPublisher } from "../conformance/publisher.js";
import { lookAtReader } from "../conformance/reader.js";
import { TRIALS } from "../conformance/trials.js";
import { NoAnswer, Search } from "../conformance/search.js";
import { OperatorError } from "../errors.js";
import { openOutbound, type Outbound } from "../federation/outbound.js";
import { OutboundError } from "../federation/outbound-error.js";
import { NotAnswered } from "../federation/reading.js";
import { Untrusted } from "../federation/untrusted.js";
import { readVocabulary } from "../vocabulary/vocabulary.js";
import { run, terminal, type Shell } from "./running.js";

type Options = {
  readonly asPeer?: string;
  readonly port?: string;
  readonly bundles: boolean;
  readonly only?: readonly string[];
};

/** `cadre conformance`: any node, looked at from outside. */
export function conformanceCommand(shell: Shell = terminal): Command {
  return new Command("conformance")
    .description("look from outside whether a node keeps to the federation protocol; needs no database")
    .argument("<url>", "where the node is met, such as https://cadre.example.org")
    .option(
      "--as-peer <address>",
      "look at how it reads others: invented networks are played at this address, where the node reaches this machine. Only for a node that nobody relies on",
    )
    .option("--port <port>", "with --as-peer: the port to listen on; that of the address unless given")
    .option("--bundles", "with --as-peer: you carry two files to the node when you are asked to", false)
    .option("--only <id...>", "with --as-peer: try these alone, as in K2 K3")
    .action((url: string, options: Options) => run((config) => lookAt(config, url, options, shell), shell));
}

async function lookAt(config: Config, told: string, options: Options, shell: Shell): Promise<string> {
  const url = told.replace(/\/$/, "");
  const outbound = openOutbound({
    allowPrivate: config.privatePeers,
    timeout: 30_000,
    userAgent: "Cadre conformance",
  });
  const looked =
    options.asPeer === undefined
      ? lookAtPublisher(outbound, url, readVocabulary(config.ownWords))
      : playTo(config, url, outbound, { ...options, asPeer: options.asPeer }, shell);
  const checked = await looked.finally(() => outbound.close());
  for (const one of checked) shell.say(lineOf(one));
  const failed = checked.filter(({ fault }) => fault !== null).length;
  const untried = checked.filter(({ fault, untried }) => fault === null && untried !== null).length;
  if (failed > 0) shell.fail(1);
  const passed = checked.length - failed - untried;
  const counted = `${passed} passed, ${failed} failed`;
  return options.asPeer === undefined ? `Publisher: ${counted}` : `Reader: ${counted}, ${untried} not tried`;
}

function lineOf({ id, promise, fault, untried }: Checked): string {
  if (fault !== null) return `✗ ${id.padEnd(4)} ${promise} — ${fault}`;
  if (untried !== null) return `– ${id.padEnd(4)} ${promise} Not tried: ${untried}.`;
  return `✓ ${id.padEnd(4)} ${promise}`;
}

// ── as a peer ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** A node that keeps to the protocol reads whoever pings within minutes, and pings come once a minute. */
const PACE: Pace = {
  look: 1000,
  settle: 3000,
  reading: 5 * 60_000,
  hands: 60 * 60_000,
  ping: 60_000,
  lease: 6 * 60,
};

async function playTo(
  { host }: Config,
  url: string,
  outbound: Outbound,
  { asPeer, port, bundles, only }: Options & { readonly asPeer: string },
  shell: Shell,
): Promise<readonly Checked[]> {
  const unknown = only?.find((id) => !TRIALS.some((trial) => trial.id === id));
  if (unknown !== undefined)
    throw new OperatorError(
      `${unknown} is not tried by itself: it is shown with every other trial, or it is not tried, or there is none. docs/federation.md has the list.`,
    );
  const origins = await Origins.start(() => new Date(), placeOf(asPeer, port, host)).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === undefined) throw error;
      throw new OperatorError(`Nothing can be played at this address: ${error.code}.`);
    },
  );
  shell.complain(
    "Invented networks are played to the node. Until the end whoever searches it finds invented people, so look at a node that nobody relies on.",
  );
  try {
    const search = new Search(outbound, url);
    const hands = printed(shell, bundles);
    return await lookAtReader({ url, outbound, search, origins, hands, pace: PACE, only: only ?? null });
  } catch (error) {
    const theirs = [NoAnswer, NotAnswered, Untrusted, OutboundError];
    if (error instanceof Error && theirs.some((kind) => error instanceof kind))
      throw new OperatorError(`The node cannot be looked at: ${error.message}`);
    throw error;
  } finally {
    await origins.close();
  }
}

function placeOf(asPeer: string, port: string | undefined, host: string) {
  const address = URL.canParse(asPeer) ? new URL(asPeer) : null;
  const listen = Number(port ?? address?.port);
  if (address === null || !/^https?:$/.test(address.protocol) || address.pathname !== "/")
    throw new OperatorError("--as-peer is an http or https address without a path.");
  if (!Number.isInteger(listen) || listen < 1 || listen > 65_535)
    throw new OperatorError("--port says on which port to listen, when the address does not.");
  return { host, port: listen, url: address.origin };
}

/** Tells whoever runs the node what to type, in the words of Cadre; another node has its own. */
function printed(shell: Shell, bundles: boolean): Hands {
  const ask = async (what: string, lines: readonly string[]) =>
    shell.complain(`\n${what}\n\n${lines.map((line) => `  ${line}`).join("\n")}\n`);
  return {
    meet: (urls) =>
      ask(
        "Where the node runs, have it meet these networks. This goes on by itself then:",
        urls.map((url) => `cadre peer add ${url}`),
      ),
    trust: (known) =>
      ask(
        "Now have it trust them, for what everybody may see:",
        known.map(({ url, number }) => `cadre peer trust ${url} --as public-only --number "${number}"`),
      ),
    block: (urls) =>
      ask(
        "That was all. Have it block them again, so that nothing of this is left:",
        urls.map((url) => `cadre peer block ${url}`),
      ),
    takeBundle: bundles
      ? async (file) => {
          await ask("Have it take this bundle in, then press Enter, whether it was taken or refused:", [
            `cadre peer import-bundle ${file}`,
          ]);
          await enterPressed();
        }
      : null,
  };
}

async function enterPressed(): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  await once(lines, "line");
  lines.close();
}
