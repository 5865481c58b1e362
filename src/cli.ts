#!/usr/bin/env node
import "reflect-metadata";
import { Command, Option } from "commander";
import { PERSON_ROLES, linkTo, type PersonRole } from "./accounts/invitation.js";
import { readHead, writeHead } from "./audit/audit.js";
import { record, verifyAudit } from "./audit/audit.store.js";
import { conformanceCommand } from "./commands/conformance.js";
import { peerCommands } from "./commands/peer.js";
import { coverageCommand } from "./commands/coverage.js";
import { identityCommands } from "./commands/identity.js";
import { exportCommand, importBundleCommand } from "./commands/bundle.js";
import { run, terminal, withGround } from "./commands/running.js";
import type { Config } from "./config.js";
import { OperatorError } from "./errors.js";
import type { Ground } from "./ground.js";
import type { Log } from "./log.js";
import { importFiles, type Progress } from "./intake/import.js";
import { progressBar } from "./intake/progress.js";
import { printReport } from "./intake/report.js";
import type { Node } from "./node.js";
import { newKeyLine } from "./storage/master-key.js";

const cadre = new Command("cadre")
  .description(
    "A federated directory of the people and resources that help human rights defenders stay safe and well.",
  )
  .showHelpAfterError();

cadre
  .command("serve")
  .description("serve this node until Ctrl-C")
  .action(() => run(serve));

cadre
  .command("migrate")
  .description("bring the database up to date, and say what was done")
  .action(() => run(withGround(async ({ migrated }) => terminal.say(migrationReport(migrated)))));

cadre
  .command("import")
  .description("take in files (Markdown with front matter, or CSV) by a mapping, and report every row")
  .argument("<file...>", "files, or folders of them")
  .requiredOption("--mapping <name>", "a mapping of seeds/mappings, or the path of one")
  .option("--dry-run", "do everything but write", false)
  .action((paths: string[], options: { mapping: string; dryRun: boolean }) =>
    run(withGround((ground) => takeIn(ground, paths, options))),
  );

const keys = cadre.command("keys").description("the keys that seal what is private");

keys
  .command("new")
  .description("print a new line for the key file; needs no database")
  .action(() => terminal.say(newKeyLine()));

keys
  .command("rotate")
  .description("wrap every key in the database anew with the first line of the key file")
  .action(() => run(withGround(rotateKeys)));

cadre
  .command("audit")
  .description("the log of who changed or disclosed what")
  .command("verify")
  .description("read the whole log, and say where it ends or which entry does not fit")
  .option("--head <number:mac>", "where the log ended earlier, as printed then: it has to go on from there")
  .action((options: { head?: string }) => run(withGround((ground) => verify(ground, options.head))));

cadre
  .command("invite")
  .description(
    "invite somebody from here, for instance when all stewards are gone; prints a token that works once",
  )
  .argument("<address>", "the name they will sign in with: an e-mail address or any handle")
  .addOption(new Option("--role <role>", "what they will be").choices(PERSON_ROLES).makeOptionMandatory())
  .action((address: string, { role }: { role: PersonRole }) =>
    run(withGround((ground, _log, config) => inviteFromHere(ground, config, address, role))),
  );

cadre.addCommand(exportCommand());
cadre.addCommand(peerCommands().addCommand(importBundleCommand()));
cadre.addCommand(coverageCommand());
cadre.addCommand(conformanceCommand());
cadre.addCommand(identityCommands());

await cadre.parseAsync();

async function serve(config: Config, log: Log): Promise<void> {
  // Whoever presses Ctrl-C while the node is starting waits for that, and leaves no database behind either.
  const asked = untilAskedToStop().then(() => terminal.say("Stopping…"));
  const { startNodeAlone } = await import("./node.js");
  const node = await startNodeAlone(config, log);
  terminal.say(await welcome(node, config));
  await asked;
  await node.close();
}

/** The report is the program's answer; the bar is on standard error, where it does not mix with it. */
async function takeIn(
  { database, vocabulary, home }: Ground,
  paths: readonly string[],
  { mapping, dryRun }: { readonly mapping: string; readonly dryRun: boolean },
): Promise<void> {
  const bar = progressBar(process.stderr);
  const asked = {
    database,
    vocabulary,
    home,
    paths,
    mapping,
    dryRun,
    onProgress: (progress: Progress) => bar.show(progress),
  };
  const report = await importFiles(asked).finally(() => bar.stop());
  printReport(report, process.stdout);
}

async function rotateKeys({ database, home }: Ground): Promise<void> {
  const count = await database.transaction(async (tx) => {
    const rotated = await home.seals.rotate(tx);
    if (rotated > 0) await record(tx, home, { actor: "operator", action: "KEYS_ROTATED", object: null });
    return rotated;
  });
  terminal.say(
    count === 0
      ? "There is nothing to do: every key is wrapped by the first line of the key file."
      : `${counted(count, "key")} wrapped anew by the first line of the key file; no other line is needed any more.`,
  );
}

async function verify({ database, home }: Ground, text: string | undefined): Promise<void> {
  const noted = text === undefined ? null : readHead(text);
  if (text !== undefined && noted === null)
    throw new OperatorError("--head wants what an earlier run printed: a number, a colon and 64 hex digits.");
  const verdict = await database.transaction((tx) => verifyAudit(tx, home, noted));
  if (verdict.kind === "broken")
    throw new OperatorError(
      `The audit log is broken: entry ${verdict.at} does not fit. It was changed or put in, or what stood before it was changed or taken out.`,
    );
  if (verdict.kind === "shortened")
    throw new OperatorError(
      `The audit log does not hold the entry ${noted?.seq} that it once ended with: it ends at ${verdict.head.seq}, and entries were taken off its end.`,
    );
  const { head } = verdict;
  terminal.say(
    `The audit log is unbroken: ${counted(head.seq, "entry", "entries")}.\nIts head is ${writeHead(head)}`,
  );
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

async function inviteFromHere(
  { database, home }: Ground,
  { network }: Config,
  address: string,
  role: PersonRole,
): Promise<void> {
  const { openFrontDesk } = await import("./accounts/front-desk.js");
  const { invitations } = openFrontDesk(database, home);
  const made = await invitations.invite("operator", { address, role, practitioner: null });
  const link = network.url === null ? [] : [linkTo(network.url, made.token)];
  terminal.say(
    [
      `An invitation as ${role}, which works once, until ${made.expires.toISOString()}:`,
      made.token,
      ...link,
    ].join("\n"),
  );
}

/** Asking again changes nothing: npm passes on the Ctrl-C that the terminal has sent to the node already. */
function untilAskedToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve());
  });
}

function migrationReport(applied: readonly string[]): string {
  return applied.length === 0 ? "The database is up to date." : `Applied: ${applied.join(", ")}.`;
}

async function welcome({ url, demo, invitation }: Node, config: Config): Promise<string> {
  const lines = [
    `Cadre is serving ${config.network.name} at ${url}/graphql`,
    ...(demo ? ["The database was empty: the demo network is in it now (everybody in it is invented)."] : []),
    ...(invitation === null ? [] : ["", ...firstSteward(invitation, config)]),
  ];
  if (config.production) return lines.join("\n");
  const { FIRST_QUESTION } = await import("./server/graphiql.js");
  return [
    ...lines,
    "",
    `Open ${url}/graphql in a browser, or paste:`,
    "",
    `curl -s ${url}/graphql -H 'content-type: application/json' -d '${JSON.stringify({ query: FIRST_QUESTION.replace(/\s+/g, " ") })}'`,
    "",
    "Ctrl-C stops the node and its database.",
  ].join("\n");
}

/** Told once: it is nowhere to be read again. */
function firstSteward(invitation: string, { network }: Config): readonly string[] {
  return [
    "Nobody has an account here yet. Whoever accepts this invitation becomes the first steward; it works once, for seven days:",
    "",
    `  ${invitation}`,
    ...(network.url === null ? [] : [`  ${linkTo(network.url, invitation)}`]),
    "",
    "Ask the query `invitation` for what goes into an authenticator, then send the mutation `acceptInvitation`.",
  ];
}
