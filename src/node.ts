import { join } from "node:path";
import { openFrontDesk } from "./accounts/front-desk.js";
import { recognise } from "./accounts/recognise.js";
import { systemClock, type Clock } from "./clock.js";
import type { Config } from "./config.js";
import { gather } from "./context.js";
import { loadDemo } from "./demo.js";
import type { Home } from "./listing/home.js";
import { ownNetwork, readNetworks, saveOwnNetwork } from "./listing/network.store.js";
import type { Log } from "./log.js";
import { organizationTable } from "./organizations/organization.store.js";
import {
  consentTable,
  factTable,
  practitionerTable,
  vouchTable,
} from "./practitioners/practitioner.store.js";
import { resourceTable } from "./resources/resource.store.js";
import { Indexes } from "./search/indexes.js";
import { openDoor } from "./server/http.js";
import { buildNodeSchema } from "./server/schema.js";
import { isReachable, migrate, openDatabase, type Database } from "./storage/database.js";
import { openEmbedded, type Standing } from "./storage/embedded.js";
import { readMasterKeys, type MasterKeys } from "./storage/master-key.js";
import { Seals } from "./storage/seals.js";
import { readSecret } from "./storage/secret.store.js";
import { readVocabulary, type Vocabulary } from "./vocabulary/vocabulary.js";
import { Words } from "./vocabulary/vocabulary.api.js";

const tables = [practitionerTable, factTable, vouchTable, consentTable, organizationTable, resourceTable];

/** The database, migrated, with this node's network in it; what serving and every command begin with. */
export type Ground = {
  readonly database: Database;
  readonly vocabulary: Vocabulary;
  readonly home: Home;
  readonly migrated: readonly string[];
  close(): Promise<void>;
};

/** A node that serves. */
export type Node = {
  readonly url: string;
  /** Whether the demo network was loaded just now. */
  readonly demo: boolean;
  /** The token by which the first steward comes in, told once; null when nobody is waited for, or one was told before. */
  readonly invitation: string | null;
  close(): Promise<void>;
};

/** Opens the database the configuration names, or the embedded one, and brings it up to date. */
export async function openGround(
  config: Config,
  as: Standing,
  log: Log,
  clock: Clock = systemClock,
): Promise<Ground> {
  const vocabulary = readVocabulary(config.ownWords);
  for (const region of config.network.regions) vocabulary.regions.parse(region, ["NETWORK_REGIONS"]);
  const server = config.databaseUrl === null ? await openEmbedded(config.dataDir, as, log) : null;
  try {
    const url = server?.url ?? config.databaseUrl ?? "";
    const migrated = await migrate(url, log);
    const database = await openDatabase(url, tables, log);
    const network = await database.transaction((tx) => ownNetwork(tx, config.network));
    const close = async () => {
      await database.close();
      await server?.stop();
    };
    const seals = await Seals.open(database.write, await masterKeys(config));
    return { database, vocabulary, home: { network, seals, clock }, migrated, close };
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

/** The keys the operator has put in a file of their own; in development the node makes itself one beside its data. */
function masterKeys({ keyFile, dataDir, production }: Config): Promise<MasterKeys> {
  return readMasterKeys(keyFile ?? join(dataDir, "key"), keyFile === null && !production);
}

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

async function serveFrom(ground: Ground, config: Config, log: Log): Promise<Node> {
  const { database, vocabulary, home } = ground;
  await database.transaction((tx) => saveOwnNetwork(tx, config.network));
  const demo = !config.production && (await database.transaction((tx) => loadDemo(tx, home)));
  const indexes = await Indexes.open(database, vocabulary, await readSecret(database.write, "cursor"), log);
  const words = new Words(vocabulary);
  const { publicUrl, openId } = config;
  const desk = openFrontDesk(database, home, {
    passkeys: publicUrl === null ? null : { origin: publicUrl, network: config.network.name },
    openId,
    whenRemoved: [],
  });
  const networks = await readNetworks(database.read);
  const door = await openDoor({
    host: config.host,
    port: config.port,
    schema: await buildNodeSchema({ words, indexes, desk }),
    surroundings: { gathered: gather(database.read), words, networks, contacts: home.seals.key("contact") },
    recognise: (credentials) => recognise(desk, credentials),
    trustProxy: config.trustProxy,
    reachable: () => isReachable(database.read),
    development: !config.production,
    log,
  });
  indexes.follow();
  const invitation = await desk.invitations.firstInvitation();
  const close = async () => {
    await door.close();
    await indexes.stop();
    await ground.close();
  };
  return { url: door.url, demo, invitation: invitation?.token ?? null, close };
}
