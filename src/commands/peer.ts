import { text as readAll } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Argument, Command, Option } from "commander";
import type { Config } from "../config.js";
import { DirectoryError, OperatorError } from "../errors.js";
import { problemsOf, stateOf, type Holds } from "../federation/holding.js";
import { selfOf } from "../federation/identity.js";
import { readSigned } from "../federation/identity.store.js";
import { isIntroduction, tierNamedIn } from "../federation/invitation.js";
import { shortForm } from "../federation/node-id.js";
import { clockSentence, isWrong } from "../federation/own-clock.js";
import { isRead, type Peer, type Trust } from "../federation/peer.js";
import type { LookedAt, Peering } from "../federation/peering.js";
import { readStatement } from "../federation/statement.js";
import { TIERS, type Tier } from "../federation/tier.js";
import type { Ground } from "../ground.js";
import type { Log } from "../log.js";
import { run, terminal, withGround, type Shell } from "./running.js";

const which = "the peer's id, the short form of its node, or the address it is met at";

/** `cadre peer`: the networks that this one shares with. Works beside a serving node, with the same settings. */
export function peerCommands(shell: Shell = terminal): Command {
  const peer = new Command("peer").description("the networks that this one shares with");

  peer
    .command("list", { isDefault: true })
    .description("say which nodes this one knows, and how reading them goes")
    .action(() => run(withPeering(list), shell));

  peer
    .command("show")
    .description("say everything about one: its safety number, what is held of it, what is wrong")
    .argument("<id>", which)
    .action((id: string) =>
      run(
        withPeering(async (peering) => show(peering, await find(peering, id))),
        shell,
      ),
    );

  peer
    .command("invite")
    .description("make an invitation for one other network, good once and for two weeks")
    .addOption(new Option("--tier <tier>", "what you mean to share").choices(TIERS).default("public"))
    .action(({ tier }: { tier: Tier }) =>
      run(
        withPeering((peering) => invite(peering, tier, shell)),
        shell,
      ),
    );

  peer
    .command("introduce")
    .description("make a text by which one trusted peer learns that you know another")
    .argument("<id>", `who is introduced: ${which}`)
    .requiredOption("--to <id>", `the peer whose steward you give it to: ${which}`)
    .action((id: string, { to }: { to: string }) =>
      run(
        withPeering((peering) => introduce(peering, id, to, shell)),
        shell,
      ),
    );

  peer
    .command("add")
    .description("meet the node at an address; it is on probation until you trust it")
    .argument("<url>", "where it is met")
    .option(
      "--invitation <text>",
      'what its steward made by "cadre peer invite"; - reads it from standard input',
    )
    .action((url: string, { invitation }: { invitation?: string }) =>
      run(
        withPeering((peering) => add(peering, url, invitation ?? null, shell)),
        shell,
      ),
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
      run(
        withPeering((peering) => set(peering, id, TRUSTED_AS[options.as], options.number ?? null)),
        shell,
      ),
    );

  for (const [name, trust, description] of ENDINGS)
    peer
      .command(name)
      .description(description)
      .argument("<id>", which)
      .action((id: string) =>
        run(
          withPeering((peering) => set(peering, id, trust, null)),
          shell,
        ),
      );

  peer
    .command("sync")
    .description("read a peer now")
    .argument("[id]", which)
    .option("--all", "read all of them, one after the other", false)
    .action((id: string | undefined, { all }: { all: boolean }) =>
      run(
        withPeering((peering) => sync(peering, id ?? null, all, shell)),
        shell,
      ),
    );

  peer
    .command("relay")
    .description(
      "pass a peer's public feed on to whoever asks; this makes public that your network knows that one",
    )
    .argument("<id>", which)
    .addArgument(new Argument("<passed on>", "whether it is passed on").choices(["on", "off"]))
    .action((id: string, passed: string) =>
      run(
        withPeering((peering) => relay(peering, id, passed === "on")),
        shell,
      ),
    );

  peer
    .command("release")
    .description("show what was held back because so much changed at once; look at it first")
    .argument("<id>", which)
    .action((id: string) =>
      run(
        withPeering((peering) => release(peering, id)),
        shell,
      ),
    );

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
function withPeering(work: (peering: Peering) => Promise<string>) {
  return withGround(async (ground: Ground, log: Log, config: Config) => {
    const self = selfOf(config, ground.vocabulary);
    if (self === null)
      throw new OperatorError(
        "This node shares with no others: it has no address they could meet it at. Set PUBLIC_URL.",
      );
    await checkAddress(ground, self.url);
    const { openFederation } = await import("../federation/federation.js");
    const federation = openFederation(ground, self, config, log);
    try {
      return await work(federation.peering);
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

async function list(peering: Peering): Promise<string> {
  const peers = await peering.lookAtAll();
  if (peers.length === 0) return 'This node knows no other yet. "cadre peer invite" makes an invitation.';
  const clock = peers[0]?.clocks.own;
  const warning = clock !== undefined && isWrong(clock) ? [`! ${clockSentence(clock)}`] : [];
  const lines = peers.flatMap((peer) => [titleOf(peer), `  ${inWords(peer)}`, ...problemLines(peer)]);
  return [...warning, ...lines].join("\n");
}

function titleOf({ id, url, node }: Peer): string {
  return `${id}  ${url}  ${shortForm(node)}`;
}

function inWords(peer: LookedAt): string {
  const { reached, holds, mirror } = peer;
  const read = reached === null ? "not read yet" : `last read ${reached.toISOString()}`;
  const over = mirror === null ? "" : " at its own address";
  return `${wordFor(peer.trust)}; ${wordFor(stateOf(peer))}, ${read}${over}; ${counted(holds)}`;
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

async function show(peering: Peering, peer: LookedAt): Promise<string> {
  const { node, shares, introducedBy, head, relayed } = peer;
  return [
    titleOf(peer),
    `  ${inWords(peer)}`,
    `  node           ${node}`,
    `  short form     ${shortForm(node)}`,
    `  safety number  ${await peering.safetyNumberWith(peer)}`,
    `  shares         ${shares.join(", ")}`,
    `  last head      ${head === null ? "none" : head.toISOString()}`,
    ...(introducedBy === null ? [] : [`  introduced by  ${introducedBy}`]),
    ...(relayed ? ["  passed on      to whoever asks"] : []),
    ...problemLines(peer),
  ].join("\n");
}

async function invite(peering: Peering, tier: Tier, shell: Shell): Promise<string> {
  const { text, expires } = await peering.invite("operator", tier);
  shell.complain(
    `Give this to the other network's steward, by a way that nobody else reads. It works once, until ${expires.toISOString()}:`,
  );
  return text;
}

async function introduce(peering: Peering, told: string, to: string, shell: Shell): Promise<string> {
  const [of, reader] = [await find(peering, told), await find(peering, to)];
  const { text, expires } = await peering.introduce("operator", of.id, reader.id);
  shell.complain(
    `Give this to the steward of ${reader.url}, who brings it to "cadre peer add ${of.url} --invitation". It is good for nobody else, until ${expires.toISOString()}:`,
  );
  return text;
}

async function add(peering: Peering, url: string, told: string | null, shell: Shell): Promise<string> {
  const brought = told === "-" ? (await readAll(process.stdin)).trim() : told;
  const { id } = await peering.add("operator", url, brought);
  if (brought !== null && !isIntroduction(brought)) shell.complain(OFFERED[tierNamedIn(brought)]);
  return show(peering, await peering.lookAt(id));
}

/** What the invitation says that the other network means to share. */
const OFFERED: Readonly<Record<Tier, string>> = {
  public: "They mean to share what everybody may see.",
  partners: "They mean to share what members of partner networks may see as well.",
};

async function set(peering: Peering, told: string, trust: Trust, number: string | null): Promise<string> {
  const { id } = await find(peering, told);
  await peering.setTrust("operator", id, trust, number);
  return show(peering, await peering.lookAt(id));
}

async function relay(peering: Peering, told: string, relayed: boolean): Promise<string> {
  const { id } = await find(peering, told);
  await peering.setRelayed("operator", id, relayed);
  return show(peering, await peering.lookAt(id));
}

async function release(peering: Peering, told: string): Promise<string> {
  const count = await peering.release("operator", (await find(peering, told)).id);
  return count === 0 ? "Nothing waits." : `${count} ${count === 1 ? "record" : "records"} released.`;
}

async function sync(peering: Peering, told: string | null, all: boolean, shell: Shell): Promise<string> {
  if ((told === null) !== all) throw new OperatorError('Name one peer, or give "--all".');
  const peers = told === null ? (await peering.all()).filter(isRead) : [await find(peering, told)];
  let failed = 0;
  for (const peer of peers) if (!(await syncOne(peering, peer, shell))) failed++;
  if (failed > 0) throw new OperatorError(`${failed} of ${peers.length} could not be read.`);
  return peers.length === 1 ? "It was read." : `All ${peers.length} were read.`;
}

/** Progress is told on standard error, what came of it on standard output. */
async function syncOne(peering: Peering, peer: Peer, shell: Shell): Promise<boolean> {
  const progress = (line: string) => shell.complain(line);
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
  shell.say([titleOf(peer), `  ${inWords(now)}`, ...feeds, ...problemLines(now)].join("\n"));
  return read.problem === null || read.mirror !== null;
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
