import { join } from "node:path";
import { systemClock, type Clock } from "./clock.js";
import type { Config } from "./config.js";
import type { Home } from "./listing/home.js";
import { ownNetwork } from "./listing/network.store.js";
import type { Log } from "./log.js";
import { organizationTable } from "./organizations/organization.store.js";
import {
  consentTable,
  factTable,
  practitionerTable,
  vouchTable,
} from "./practitioners/practitioner.store.js";
import { resourceTable } from "./resources/resource.store.js";
import { migrate, openDatabase, type Database } from "./storage/database.js";
import { openEmbedded, type Standing } from "./storage/embedded.js";
import { readMasterKeys } from "./storage/master-key.js";
import { Seals } from "./storage/seals.js";
import { readVocabulary, type Vocabulary } from "./vocabulary/vocabulary.js";

const tables = [practitionerTable, factTable, vouchTable, consentTable, organizationTable, resourceTable];

/** The database, migrated, with this node's network in it; what serving and every command begin with. */
export type Ground = {
  readonly database: Database;
  readonly vocabulary: Vocabulary;
  readonly home: Home;
  readonly migrated: readonly string[];
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
  for (const region of config.coverage.merged) vocabulary.regions.parse(region, ["COVERAGE_MERGED"]);
  // What is wrong with the key file is said before anything is started.
  if (config.keyFile !== null) await readMasterKeys(config.keyFile, false);
  const server = config.databaseUrl === null ? await openEmbedded(config.dataDir, as, log) : null;
  try {
    const url = server?.url ?? config.databaseUrl ?? "";
    const migrated = await migrate(url, log);
    const database = await openDatabase(url, tables, log);
    const home = await openHome(database, config, clock).catch(async (error: unknown) => {
      await database.close();
      throw error;
    });
    const close = async () => {
      await database.close();
      await server?.stop();
    };
    return { database, vocabulary, home, migrated, close };
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

async function openHome(database: Database, config: Config, clock: Clock): Promise<Home> {
  const network = await database.transaction((tx) => ownNetwork(tx, config.network));
  return { network, seals: await openSeals(database, config), clock, clockTrusted: config.clockTrusted };
}

/** The keys the operator has put in a file of their own; in development a new database gets one beside its data. */
async function openSeals({ write }: Database, { keyFile, dataDir, production }: Config): Promise<Seals> {
  const read = (make: boolean) => readMasterKeys(keyFile ?? join(dataDir, "key"), make);
  const make = keyFile === null && !production && !(await Seals.present(write));
  return Seals.open(write, await read(make), () => read(false));
}
