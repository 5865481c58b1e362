import { openFrontDesk } from "./accounts/front-desk.js";
import { credentialsOf, isRouter, recognise } from "./accounts/recognise.js";
import { systemClock, type Clock } from "./clock.js";
import type { Config } from "./config.js";
import { gather } from "./context.js";
import { publishWhenDue } from "./coverage/coverage.store.js";
import { CoverageKeeper } from "./coverage/keeper.store.js";
import { loadDemo } from "./demo.js";
import { openFederation, type Federation } from "./federation/federation.js";
import { selfOf } from "./federation/identity.js";
import { openGround, type Ground } from "./ground.js";
import { allocateForAnswers, collectGarbage } from "./heap.js";
import { Messages } from "./matching/message.js";
import { readWeights } from "./matching/weights.js";
import { saveOwnNetwork } from "./listing/network.store.js";
import { describeFault, type Log } from "./log.js";
import { sealOlderContacts } from "./organizations/organization.store.js";
import { pictureRoutes } from "./pictures/pictures.http.js";
import { upkeep } from "./practitioners/upkeep.store.js";
import { eraseOf } from "./practitioners/profile.store.js";
import { Indexes } from "./search/indexes.js";
import { openDoor } from "./server/http.js";
import { buildNodeSchemas } from "./server/schema.js";
import { isReachable } from "./storage/database.js";
import { Words } from "./vocabulary/vocabulary.api.js";

/** A node that serves. */
export type Node = {
  readonly url: string;
  /** Whether the demo network was loaded just now. */
  readonly demo: boolean;
  /** The token by which the first steward comes in, told once; null when nobody is waited for, or one was told before. */
  readonly invitation: string | null;
  /** Does what time asks for: entries that nobody confirmed narrow, vouches expire. It is done at the start, and every hour. */
  upkeep(): Promise<void>;
  /** What it agrees with other nodes; null where it has no address they could meet it at. */
  readonly federation: Federation | null;
  /** Resolves when starting is over: every audience has been read and coverage looked at, or that failed and was logged. */
  readonly settled: Promise<void>;
  close(): Promise<void>;
};

/** Starts a whole node: database, index and HTTP door. */
export async function startNode(config: Config, log: Log, clock: Clock = systemClock): Promise<Node> {
  const ground = await openGround(config, "owner", log, clock);
  try {
    return await serveFrom(ground, config, log);
  } catch (error) {
    await ground.close();
    throw error;
  }
}

/** The same in a process that does nothing else, and whose memory is set for it. */
export async function startNodeAlone(config: Config, log: Log): Promise<Node> {
  allocateForAnswers();
  const node = await startNode(config, log);
  void node.settled.then(collectGarbage);
  return node;
}

async function serveFrom(ground: Ground, config: Config, log: Log): Promise<Node> {
  const { database, vocabulary, home } = ground;
  const weights = readWeights(config.matchWeights);
  await database.transaction((tx) => saveOwnNetwork(tx, config.network));
  await database.transaction((tx) => sealOlderContacts(tx, home));
  const demo = !config.production && (await database.transaction((tx) => loadDemo(tx, home, config.demo)));
  const self = selfOf(config, vocabulary);
  const federation = self === null ? null : openFederation(ground, self, config, log);
  const coverage = new CoverageKeeper({ database, home, vocabulary, terms: config.coverage });
  if (demo) await publishWhenDue(coverage.parts, 0);
  const keepUpEntries = async () => {
    await upkeep(database, home, config);
    await federation?.keepUp();
  };
  const keepUp = async () => {
    await keepUpEntries();
    await coverage.keepUp();
  };
  // Nobody waits for coverage: it is told once a quarter.
  await keepUpEntries();
  const indexes = await Indexes.open(database, vocabulary, home.seals.key("cursor"), log, home.clock);
  const words = new Words(vocabulary);
  const { publicUrl, openId } = config;
  const desk = openFrontDesk(database, home, {
    passkeys: publicUrl === null ? null : { origin: publicUrl, network: config.network.name },
    openId,
    whenRemoved: [(tx, account, by) => eraseOf(tx, home, account, by)],
  });
  const door = await openDoor({
    host: config.host,
    port: config.port,
    schemas: await buildNodeSchemas({
      words,
      indexes,
      matching: { weights, messages: new Messages(vocabulary), clock: home.clock },
      desk,
      records: { database, home, vocabulary, terms: config },
      coverage,
      peering: federation?.peering ?? null,
      copiesOf: federation?.copiesOf ?? null,
      findOwn: federation?.findOwn ?? null,
      followMove: federation?.followMove ?? null,
    }),
    surroundings: {
      gathered: gather(database.read, home.clock, indexes.origins),
      words,
      networks: indexes.origins,
      contacts: home.seals.key("contact"),
    },
    recognise: (incoming) => recognise(desk, credentialsOf(incoming, config.trustProxy)),
    isRouter: (incoming) => isRouter(desk, credentialsOf(incoming, config.trustProxy)),
    sourceOf: (incoming) => credentialsOf(incoming, config.trustProxy).source,
    frontends: desk.frontends,
    ownOrigin: publicUrl,
    reachable: () => isReachable(database.read),
    development: !config.production,
    introspection: config.introspection,
    rates: config.rates,
    patience: config.patience,
    pictures: pictureRoutes(coverage.epochs),
    federation: federation?.routes ?? null,
    log,
  });
  indexes.follow();
  // One behind the other, so that they do not take the memory of both. Where reading fails, coverage waits for the hour.
  const settled = indexes
    .whole()
    .then(
      () => coverage.keepUp(),
      () => undefined,
    )
    .catch((error: unknown) => log.error(describeFault(error), "coverage could not be kept up"));
  federation?.start();
  const invitation = await desk.invitations.firstInvitation();
  const hourly = setInterval(() => {
    keepUp().catch((error: unknown) => log.error(describeFault(error), "the upkeep failed"));
  }, HOUR).unref();
  const close = async () => {
    clearInterval(hourly);
    await door.close();
    await federation?.close();
    await indexes.stop();
    await settled;
    await ground.close();
  };
  return {
    url: door.url,
    demo,
    invitation: invitation?.token ?? null,
    upkeep: keepUp,
    federation,
    settled,
    close,
  };
}

const HOUR = 60 * 60 * 1000;
