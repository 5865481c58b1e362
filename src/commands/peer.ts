import { text as readAll } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "commander";
import type { Config } from "../config.js";
import { DirectoryError, OperatorError } from "../errors.js";
import { problemsOf, stateOf, type Holds } from "../federation/holding.js";
import { selfOf } from "../federation/identity.js";
import { readSigned } from "../federation/identity.store.js";
import { shortForm } from "../federation/node-id.js";
import { clockSentence, isWrong } from "../federation/own-clock.js";
import { isRead, type Peer, type Trust } from "../federation/peer.js";
import type { LookedAt, Peering } from "../federation/peering.js";
import { readStatement } from "../federation/statement.js";
import { TIERS, type Tier } from "../federation/tier.js";
import type { Ground } from "../ground.js";
import type { Log } from "../log.js";
import { run, say, withGround } from "./running.js";

const which = "the peer's id, the short form of its node, or the address it is met at";

/** `cadre peer`: the networks that this one shares with. Works beside a serving node, with the same settings. */
export function peerCommands(): Command {
  const peer = new Command("peer").description("the networks that this one shares with");

  peer
    .command("list", { isDefault: true })
    .description("say which nodes this one knows, and how reading them goes")
    .action(() => run(withPeering(list)));

  peer
    .command("show")
    .description("say everything about one: its safety number, what is held of it, what is wrong")
    .argument("<id>", which)
    .action((id: string) => run(withPeering(async (peering) => show(peering, await find(peering, id)))));

  peer
    .command("invite")
    .description("make an invitation for one other network, good once and for two weeks")
    .addOption(new Option("--tier <tier>", "what you mean to share").choices(TIERS).default("public"))
    .action(({ tier }: { tier: Tier }) => run(withPeering((peering) => invite(peering, tier))));

  peer
    .command("add")
    .description("meet the node at an address; it is on probation until you trust it")
    .argument("<url>", "where it is met")
    .option(
      "--invitation <text>",
      'what its steward made by "cadre peer invite"; - reads it from standard input',
    )
    .action((url: string, { invitation }: { invitation?: string }) =>
      run(withPeering((peering) => add(peering, url, invitation ?? null))),
    );

  peer
    .command("trust")
    .description("show what a peer sends, once you have compared the safety number with its steward")
    .argument("<id>", which)
    .addOption(
      new Option("--as <trust>", "what its word counts for")
        .choices(Object.keys(TRUSTED_AS))
        .makeOptionMandatory(),
    )
    .option("--number <number>", "the thirty digits that its steward has read to you")
    .action((id: string, options: { as: keyof typeof TRUSTED_AS; number?: string }) =>
      run(withPeering((peering) => set(peering, id, TRUSTED_AS[options.as], options.number ?? null))),
    );

  for (const [name, trust, description] of ENDINGS)
    peer
      .command(name)
      .description(description)
      .argument("<id>", which)
      .action((id: string) => run(withPeering((peering) => set(peering, id, trust, null))));

  peer
    .command("sync")
    .description("read a peer now")
    .argument("[id]", which)
    .option("--all", "read all of them, one after the other", false)
    .action((id: string | undefined, { all }: { all: boolean }) =>
      run(withPeering((peering) => sync(peering, id ?? null, all))),
    );

  peer
    .command("release")
    .description("show what was held back because so much changed at once; look at it first")
    .argument("<id>", which)
    .action((id: string) => run(withPeering((peering) => release(peering, id))));

  return peer;
}

const TRUSTED_AS = { "public-only": "PUBLIC_ONLY", partner: "PARTNER" } as const satisfies Record<
  string,
  Trust
>;

const ENDINGS: readonly (readonly [name: string, trust: Trust, description: string])[] = [
  ["pause", "PAUSED", "hide what a peer sends, for now"],
  ["block", "BLOCKED", "delete everything a peer sent, and refuse its word"],
  ["retire", "RETIRED", "say that a peer has ended"],
];

/** What the steward of this machine does with others. The node need not serve, but has to have served before. */
function withPeering(work: (peering: Peering) => Promise<void>) {
  return withGround(async (ground: Ground, log: Log, config: Config) => {
    const self = selfOf(config.publicUrl, config.network, ground.vocabulary);
    if (self === null)
      throw new OperatorError(
        "This node shares with no others: it has no address they could meet it at. Set PUBLIC_URL.",
      );
    await checkAddress(ground, self.url);
    const { openFederation } = await import("../federation/federation.js");
    const federation = openFederation(ground, self, config, log);
    try {
      await work(federation.peering);
    } finally {
      await federation.close();
    }
  });
}

/** An invitation to another address than the node's would lead nowhere. */
async function checkAddress({ database }: Ground, url: string): Promise<void> {
  const signed = await readSigned(database.read);
  if (signed === null)
    throw new OperatorError('This node has no identity yet. Start it once with "cadre serve".');
  const { url: served } = await readStatement(signed.statement);
  if (served !== url)
    throw new OperatorError(
      `This node is met at ${served}, and these settings say ${url}: give this command the PORT and PUBLIC_URL that the node has.`,
    );
}

async function find(peering: Peering, told: string): Promise<LookedAt> {
  const named = ({ id, node }: LookedAt) =>
    [id, shortForm(node)].includes(told.toLowerCase()) || node === told;
  const all = await peering.lookAtAll();
  const one = all.find(named);
  const [peer, ...more] =
    one === undefined ? all.filter(({ url }) => url === told.replace(/\/$/, "")) : [one];
  if (peer === undefined)
    throw new DirectoryError(
      "NOT_FOUND",
      'This node knows no such peer; "cadre peer list" names those it does.',
    );
  if (more.length > 0)
    throw new OperatorError(
      `More than one peer is met at this address; name one by its id:\n${[peer, ...more].map(titleOf).join("\n")}`,
    );
  return peer;
}

async function list(peering: Peering): Promise<void> {
  const peers = await peering.lookAtAll();
  if (peers.length === 0) say('This node knows no other yet. "cadre peer invite" makes an invitation.');
  const clock = peers[0]?.clocks.own;
  if (clock !== undefined && isWrong(clock)) say(`! ${clockSentence(clock)}`);
  for (const peer of peers) say([titleOf(peer), `  ${inWords(peer)}`, ...problemLines(peer)].join("\n"));
}

function titleOf({ id, url, node }: Peer): string {
  return `${id}  ${url}  ${shortForm(node)}`;
}

function inWords(peer: LookedAt): string {
  const { reached, holds } = peer;
  const read = reached === null ? "not read yet" : `last read ${reached.toISOString()}`;
  return `${wordFor(peer.trust)}; ${wordFor(stateOf(peer))}, ${read}; ${counted(holds)}`;
}

function wordFor(code: string): string {
  return code.toLowerCase().replaceAll("_", " ");
}

function counted(holds: Holds): string {
  const told = Object.entries(holds).filter(([, count]) => count > 0);
  return told.length === 0
    ? "no records"
    : told.map(([state, count]) => `${count} ${wordFor(state)}`).join(", ");
}

function problemLines(peer: LookedAt): readonly string[] {
  return problemsOf(peer, peer.holds).map((problem) => `  ! ${problem}`);
}

async function show(peering: Peering, peer: LookedAt): Promise<void> {
  const { node, shares, introducedBy, head } = peer;
  say(
    [
      titleOf(peer),
      `  ${inWords(peer)}`,
      `  node           ${node}`,
      `  short form     ${shortForm(node)}`,
      `  safety number  ${await peering.safetyNumberWith(peer)}`,
      `  shares         ${shares.join(", ")}`,
      `  last head      ${head === null ? "none" : head.toISOString()}`,
      ...(introducedBy === null ? [] : [`  introduced by  ${introducedBy}`]),
      ...problemLines(peer),
    ].join("\n"),
  );
}

async function invite(peering: Peering, tier: Tier): Promise<void> {
  const { text, expires } = await peering.invite("operator", tier);
  process.stderr.write(
    `Give this to the other network's steward, by a way that nobody else reads. It works once, until ${expires.toISOString()}:\n`,
  );
  say(text);
}

async function add(peering: Peering, url: string, told: string | null): Promise<void> {
  const invitation = told === "-" ? (await readAll(process.stdin)).trim() : told;
  const { id } = await peering.add("operator", url, invitation);
  await show(peering, await peering.lookAt(id));
}

async function set(peering: Peering, told: string, trust: Trust, number: string | null): Promise<void> {
  const { id } = await find(peering, told);
  await peering.setTrust("operator", id, trust, number);
  await show(peering, await peering.lookAt(id));
}

async function release(peering: Peering, told: string): Promise<void> {
  const count = await peering.release("operator", (await find(peering, told)).id);
  say(count === 0 ? "Nothing waits." : `${count} ${count === 1 ? "record" : "records"} released.`);
}

async function sync(peering: Peering, told: string | null, all: boolean): Promise<void> {
  if ((told === null) !== all) throw new OperatorError('Name one peer, or give "--all".');
  const peers = told === null ? (await peering.all()).filter(isRead) : [await find(peering, told)];
  const failed = [];
  for (const peer of peers) if (!(await syncOne(peering, peer))) failed.push(peer);
  if (failed.length > 0) throw new OperatorError(`${failed.length} of ${peers.length} could not be read.`);
}

/** Progress is told on standard error, what came of it on standard output. */
async function syncOne(peering: Peering, peer: Peer): Promise<boolean> {
  const progress = (line: string) => void process.stderr.write(`${line}\n`);
  if (!isRead(peer)) {
    progress(`${peer.url} is ${wordFor(peer.trust)}, and is not read.`);
    return false;
  }
  progress(`Reading ${peer.url} …`);
  const read = await inTurn(peering, peer, progress);
  if (read === null) {
    progress(`${peer.url} is being read by the node itself, and that takes long; try again later.`);
    return false;
  }
  const feeds = Object.entries(read.taken).map(
    ([tier, taken]) =>
      `  ${tier}: ${taken === null ? "nothing new" : `${taken.taken} taken, ${taken.withdrawn} withdrawn, ${taken.waiting} waiting, ${taken.quarantined} quarantined`}`,
  );
  const now = await peering.lookAt(peer.id);
  say([titleOf(peer), `  ${inWords(now)}`, ...feeds, ...problemLines(now)].join("\n"));
  return read.problem === null;
}

/** Waits a minute for a node that is reading the peer by itself. */
async function inTurn(peering: Peering, peer: Peer, progress: (line: string) => void) {
  for (let tries = 0; tries < 60; tries++) {
    const read = await peering.sync(peer.id, ({ tier }, records) =>
      progress(`  ${tier}: ${records} ${records === 1 ? "record" : "records"} read and verified`),
    );
    if (read !== null) return read;
    if (tries === 0) progress("  The node is reading it by itself; waiting for that …");
    await sleep(1000);
  }
  return null;
}
