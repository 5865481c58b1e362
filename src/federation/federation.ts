import type { Home } from "../listing/home.js";
import type { Log } from "../log.js";
import type { FollowMove } from "../practitioners/practitioner.api.js";
import type { Database } from "../storage/database.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import type { FindCopies } from "./copies.api.js";
import { federationRoutes } from "./federation.http.js";
import { following } from "./follow-move.js";
import { Harvester } from "./harvest.js";
import type { Self } from "./identity.js";
import { keepSigned, readSigned } from "./identity.store.js";
import { openOutbound } from "./outbound.js";
import { clockSentence, isWrong } from "./own-clock.js";
import { readOwnClock } from "./own-clock.store.js";
import { OwnIdentity } from "./own-identity.js";
import { Pings } from "./pings.js";
import { Peering } from "./peering.js";
import { Publisher } from "./publisher.js";
import { readCopies, tiersReceived } from "./receipt.store.js";
import { signRequest } from "./request-signature.js";
import type { FindOwn } from "./same-as.api.js";
import type { Own } from "./same-as.js";

/** What a node does with others: it serves its feeds, reads theirs, and does what its stewards agree. */
export type Federation = {
  readonly routes: ReturnType<typeof federationRoutes>;
  readonly peering: Peering;
  readonly harvester: Harvester;
  readonly pings: Pings;
  /** Which peers have told what they hold of a record of ours. */
  readonly copiesOf: FindCopies;
  /** This node as others name it. */
  readonly findOwn: FindOwn;
  /** Leads from entries that moved to where they are now. */
  readonly followMove: FollowMove;
  /** What is done before serving and every hour: feeds are held against what was withdrawn, and what this node says of itself is signed before it ends. */
  keepUp(): Promise<void>;
  /** Begins to read peers, and to tell them when there is something to read. */
  start(): void;
  close(): Promise<void>;
};

type Base = { readonly database: Database; readonly home: Home; readonly vocabulary: Vocabulary };
type Settings = {
  readonly privatePeers: boolean;
  readonly ledgerFile: string | null;
  readonly witness: boolean;
};

/** A whole exchange with a peer takes at most so long, in milliseconds. */
const PATIENCE = 30_000;

export function openFederation(
  { database, home, vocabulary }: Base,
  self: Self,
  { privatePeers, ledgerFile, witness }: Settings,
  log: Log,
): Federation {
  const outbound = openOutbound({ allowPrivate: privatePeers, timeout: PATIENCE, userAgent: "Cadre" });
  const own = new OwnIdentity({ database, home });
  const sign = async (method: "GET" | "POST", url: string, body?: string) => {
    const { feed, node } = (await own.now()).identity;
    return signRequest(feed, { node, method, url, body });
  };
  const parts = { database, home, vocabulary, outbound, sign, log };
  const peering = new Peering({ ...parts, sign, own, witness, url: self.url });
  const harvester = new Harvester(parts);
  const publisher = new Publisher({ database, home, vocabulary, ledgerFile, log });
  const findOwn = findingOwn(database, home);
  const pings = new Pings({ database, home, publisher, outbound, sign, log });
  return {
    routes: federationRoutes({ url: self.url, publisher, read: database.read, peering, log }),
    peering,
    harvester,
    pings,
    copiesOf: async (id) => {
      const tiers = await database.transaction(tiersReceived);
      // What was withdrawn a moment ago is withdrawn from the feeds first.
      for (const tier of tiers) await publisher.current(tier);
      return database.transaction((tx) => readCopies(tx, id));
    },
    findOwn,
    followMove: following(database.read, findOwn),
    keepUp: async () => {
      await publisher.keepUp();
      await peering.flags.keepUp(() => publisher.publishRead());
      const clock = await database.transaction((tx) => readOwnClock(tx, home));
      if (isWrong(clock)) log.error(clockSentence(clock));
      const state = await database.transaction((tx) => keepSigned(tx, home, self));
      if (state === "the root has to sign")
        log.warn(
          'what this node says of itself changed or ends soon: sign what "cadre identity request" prints',
        );
    },
    start: () => {
      if (ledgerFile === null)
        log.warn("LEDGER_FILE is not set: a restored backup would bring back who withdrew after it was made");
      publisher.follow();
      harvester.start();
      pings.start();
    },
    close: async () => {
      await publisher.close();
      await outbound.close();
      await pings.stop();
      await harvester.stop();
    },
  };
}

/** Asked once: who a node is never changes. */
function findingOwn({ read }: Database, { network }: Home): FindOwn {
  let own: Own | null = null;
  return async () => {
    if (own !== null) return own;
    const signed = await readSigned(read);
    own = signed === null ? null : { node: signed.node, network };
    return own;
  };
}
