import { Command } from "commander";
import { dayOf, daysAfter } from "../clock.js";
import type { Config } from "../config.js";
import { OperatorError } from "../errors.js";
import {
  handOverTo,
  readRequest,
  readRootKey,
  readSignedFile,
  signRequest,
  summaryOf,
  writeRequest,
  writeRootKey,
  writeSigned,
} from "../federation/ceremony.js";
import { selfOf, type Self } from "../federation/identity.js";
import {
  TOLD_BEFORE,
  install,
  newEpoch,
  retire,
  revokeFeedKey,
  rotateFeedKey,
  rotateRoot,
  showIdentity,
  takeRootOut,
  toSign,
  unretire,
  type Done,
  type Shown,
} from "../federation/identity.store.js";
import { shortForm } from "../federation/node-id.js";
import { makeKey, type PrivatePart } from "../federation/signing-key.js";
import { isSuccessor, type Retiring, type Stating } from "../federation/statement.js";
import type { Ground } from "../ground.js";
import { readOwnNetwork } from "../listing/network.store.js";
import type { Log } from "../log.js";
import { readNamed, writeNew } from "./identity-files.js";
import { run, telling, terminal, withGround, type Shell } from "./running.js";

/** A node that does not say when ends in so many days: every peer has read by then that it does. */
const ENDS_IN = 30;

/** `cadre identity`: the keys by which other nodes know this one. */
export function identityCommands(shell: Shell = terminal): Command {
  const identity = new Command("identity").description("the keys by which other nodes know this one");

  identity
    .command("show", { isDefault: true })
    .description("say who this node is, by which keys it signs, and what to do next")
    .action(() => run(withGround(show), shell));

  identity
    .command("rotate")
    .description(`make a new feed key, which peers are told of ${TOLD_BEFORE} days before it is used`)
    .action(() => run(withSelf(rotate), shell));

  identity
    .command("revoke")
    // A thumbprint may begin with a dash; what is neither that nor an option is one argument too many.
    .allowUnknownOption()
    .description("take back a feed key that somebody else may have, and sign everything anew")
    .argument("<thumbprint>", "the key, as `cadre identity` lists it")
    .requiredOption("--since <date>", "the first day, as 2026-11-21, on which somebody else may have used it")
    .requiredOption("--reason <text>", "why; it is told to peers")
    .action((thumbprint: string, { since, reason }: { since: string; reason: string }) =>
      run(
        withSelf((ground, self) => revoke(ground, self, thumbprint, since, reason)),
        shell,
      ),
    );

  identity
    .command("new-epoch")
    .description(
      "begin every feed anew, when peers hold something else than you told; they read everything again",
    )
    .action(() => run(withGround(beginFeedsAnew), shell));

  identity
    .command("rotate-root")
    .description("make a new root key, which the one before it vouches for; the node's id stays")
    .action(() => run(withSelf(rotateOnlineRoot), shell));

  identity
    .command("take-root-out")
    .description("write the private root key to a new file, and keep it here no longer")
    .argument("<file>", "a file that is not there yet; whoever has it can speak as this node")
    .action((file: string) =>
      run(
        withSelf((ground, self) => takeOut(ground, self, file)),
        shell,
      ),
    );

  identity
    .command("retire")
    .description(
      "say on which day this node ends for others: peers are told now, and have nothing of it from then on",
    )
    .option("--at <date>", `the day, as 2026-11-21; in ${ENDS_IN} days unless it is given`)
    .option("--successor <node>", "who goes on in its place: the id of a node, or its address")
    .action((options: { at?: string; successor?: string }) =>
      run(
        withSelf((ground, self) => retireOn(ground, self, options)),
        shell,
      ),
    );

  identity
    .command("unretire")
    .description("take that back, before the day has come")
    .action(() => run(withSelf(goOn), shell));

  identity
    .command("request")
    .description("print what a root key that is kept elsewhere has to sign")
    .action(() => run(withSelf(request), shell));

  identity
    .command("sign")
    .description("sign a request; needs no database and no settings, and can be run offline")
    .argument("<request-file>", "what `cadre identity request` printed")
    .requiredOption("--root <file>", "the root key, as `cadre identity take-root-out` wrote it")
    .option("--new-root <file>", "hand over to a new root key, which is written to this new file")
    .action((file: string, options: { root: string; newRoot?: string }) =>
      telling(() => sign(shell, file, options.root, options.newRoot), shell),
    );

  identity
    .command("install")
    .description("serve what the root key has signed")
    .argument("<file>", "what `cadre identity sign` printed")
    .action((file: string) =>
      run(
        withSelf((ground, self) => installFrom(ground, self, file)),
        shell,
      ),
    );

  return identity;
}

/** As the serving node says it: what the settings of this command call the network does not count, where and how it is read does. */
async function selfHere({ database, vocabulary }: Ground, config: Config): Promise<Self | null> {
  return selfOf({ ...config, network: await readOwnNetwork(database.read) }, vocabulary);
}

function withSelf(work: (ground: Ground, self: Self) => Promise<string>) {
  return withGround(async (ground, _log, config) => {
    const self = await selfHere(ground, config);
    if (self === null)
      throw new OperatorError(
        "PUBLIC_URL is not set: what a node says of itself holds the address at which others meet it.",
      );
    return work(ground, self);
  });
}

async function show(ground: Ground, _log: Log, config: Config): Promise<string> {
  const { database, home } = ground;
  const self = await selfHere(ground, config);
  const shown = await database.transaction((tx) => showIdentity(tx, home, self));
  return describe(shown, self, home.clock());
}

async function rotate({ database, home }: Ground, self: Self): Promise<string> {
  const done = await database.transaction((tx) => rotateFeedKey(tx, home, self));
  return `The new feed key is ${done.key}. It is used in ${TOLD_BEFORE} days.\n${toldOf(done)}`;
}

async function revoke(
  { database, home }: Ground,
  self: Self,
  thumbprint: string,
  day: string,
  reason: string,
): Promise<string> {
  const since = readDay(day, "--since");
  const revoked = { thumbprint, since, reason };
  const done = await database.transaction((tx) => revokeFeedKey(tx, home, self, revoked));
  return `The feed key ${thumbprint} is revoked since ${day}; ${done.key} signs instead.\n${toldOf(done)}${done.standing === "signed anew" ? `\n${BEGUN}` : ""}`;
}

async function beginFeedsAnew({ database, home }: Ground): Promise<string> {
  const begun = await database.transaction((tx) => newEpoch(tx, home));
  return begun.length === 0 ? "Nothing was ever published; there is nothing to begin anew." : BEGUN;
}

const BEGUN =
  "Every feed begins anew: peers read all of it again, and no number that was given out before counts.";

/** Records are dated by the day: a key that is revoked is so for whole days, and a node ends at the beginning of one. */
function readDay(text: string, option: string): Date {
  const day = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(day.getTime()))
    throw new OperatorError(`${option} wants a day, as 2026-11-21.`);
  return day;
}

async function retireOn(
  { database, home }: Ground,
  self: Self,
  { at, successor = null }: { readonly at?: string; readonly successor?: string | null },
): Promise<string> {
  const now = home.clock();
  const day = at ?? daysAfter(dayOf(now), ENDS_IN);
  const begins = readDay(day, "--at");
  if (day < dayOf(now)) throw new OperatorError("A node ends today, or on a day after that.");
  if (successor !== null && !isSuccessor(successor))
    throw new OperatorError(
      '--successor wants the id of a node, as its operator\'s "cadre identity" prints it, or its address.',
    );
  const retiring = { at: begins < now ? now : begins, successor };
  const standing = await database.transaction((tx) => retire(tx, home, self, retiring));
  return `This node ends for others on ${day}. Until then "cadre identity unretire" takes that back; from then on its feeds are empty, and peers drop what they have.\nThe directory itself goes on, for the members of this network.\n${toldOf({ standing })}`;
}

async function goOn({ database, home }: Ground, self: Self): Promise<string> {
  const standing = await database.transaction((tx) => unretire(tx, home, self));
  return `This node does not end.\n${toldOf({ standing })}`;
}

async function rotateOnlineRoot({ database, home }: Ground, self: Self): Promise<string> {
  const done = await database.transaction((tx) => rotateRoot(tx, home, self));
  return `The new root key is ${done.key}; the node's id stays.\n${toldOf(done)}\nBack up the database now: an older backup holds the root key that peers no longer take.`;
}

function toldOf({ standing }: Pick<Done, "standing">): string {
  return standing === "the root has to sign"
    ? `Nobody is told yet: the root key is kept elsewhere. ${CEREMONY}`
    : "What the node says of itself is signed anew.";
}

const CEREMONY =
  'Print a request with "cadre identity request", run "cadre identity sign" on it where the root key is, and "cadre identity install" on what that prints.';

async function takeOut({ database, home }: Ground, self: Self, file: string): Promise<string> {
  await database.transaction((tx) =>
    takeRootOut(tx, home, self, async (root, node) => writeNew(file, await writeRootKey(root, node))),
  );
  return `The root key is in ${file}, and no longer on this node. Make a copy, keep both offline, and take the file off this machine.\nBackups of the database from before now still hold it.`;
}

async function request({ database, home }: Ground, self: Self): Promise<string> {
  return writeRequest(await database.transaction((tx) => toSign(tx, home, self)));
}

async function sign(
  shell: Shell,
  file: string,
  rootFile: string,
  newRootFile: string | undefined,
): Promise<string> {
  const asked = await readRequest(await readNamed(file));
  const root = readRootKey(await readNamed(rootFile));
  if (newRootFile === undefined) return signAndShow(shell, asked, root);
  // Whether the old key is the right one is known before a new one is written.
  await signRequest(asked, root);
  const next = await makeKey();
  const statement = await handOverTo(next, asked, root);
  await writeNew(newRootFile, await writeRootKey(next, statement.node));
  return signAndShow(shell, statement, next);
}

async function signAndShow(shell: Shell, statement: Stating, root: PrivatePart): Promise<string> {
  shell.complain(`The root key signs that\n${summaryOf(statement)}`);
  return writeSigned(await signRequest(statement, root));
}

async function installFrom({ database, home }: Ground, self: Self, file: string): Promise<string> {
  const signed = readSignedFile(await readNamed(file));
  await database.transaction((tx) => install(tx, home, self, signed));
  return "The node serves what the root key has signed.";
}

// ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────────────

function describe(shown: Shown, self: Self | null, now: Date): string {
  const { node, custody, root, feedKeys, expires, retiring } = shown;
  const lines: readonly (readonly [string, string])[] = [
    ["Node", node],
    ["Short form", shortForm(node)],
    ["Address", self?.url ?? "none: PUBLIC_URL is not set"],
    ["Root key", `${root}, ${custody === "online" ? "on this node" : "kept elsewhere"}`],
    ...feedKeys.map((key): [string, string] => ["Feed key", `${key.thumbprint}, ${fateOf(key, now)}`]),
    ...(retiring === null ? [] : [["Ends", endOf(retiring)] satisfies [string, string]]),
    ["Statement", expires === null ? "none is served yet" : `holds until ${expires.toISOString()}`],
  ];
  return [...lines.map(([name, value]) => `${name.padEnd(12)}${value}`), "", next(shown, self)].join("\n");
}

function endOf({ at, successor }: Retiring): string {
  return `${at.toISOString()}${successor === null ? "" : `; ${successor} goes on in its place`}`;
}

function fateOf({ starts, ends, revoked, inUse }: Shown["feedKeys"][number], now: Date): string {
  const until = ends === null ? "" : ` until ${ends.toISOString()}`;
  if (revoked !== null) return `revoked since ${revoked.toISOString()}${inUse ? "; still in use" : ""}`;
  if (inUse) return `in use since ${starts.toISOString()}${until}`;
  if (starts > now) return `used from ${starts.toISOString()} on`;
  return ends === null ? `waits for the root key to sign that it is used` : `was used${until}`;
}

/** What to do, in a sentence. */
function next({ current, custody, expires }: Shown, self: Self | null): string {
  if (self === null)
    return "Set PUBLIC_URL to the address at which others meet this node; until then it has no peers.";
  if (!current && custody === "offline")
    return `What the node has to say waits for the root key. ${CEREMONY}`;
  if (!current) return 'What the node has to say is signed by the next "cadre serve", or within the hour.';
  if (custody === "online")
    return 'Nothing has to be done. Safer: take the root key off this machine, with "cadre identity take-root-out".';
  const due = new Date((expires ?? new Date()).getTime() - 30 * 86_400_000).toISOString().slice(0, 10);
  return `Nothing has to be done before ${due}; then the root key has to sign again.`;
}
