import { systemClock } from "../src/clock.js";
import type { Home } from "../src/listing/home.js";
import { saveOwnNetwork } from "../src/listing/network.store.js";
import type { Database } from "../src/storage/database.js";
import { Key } from "../src/storage/seal.js";
import { Seals } from "../src/storage/seals.js";
import type { ListedAudience } from "../src/visibility/audience.js";
import { anonymous, type Viewer } from "../src/visibility/viewer.js";

/** A network of its own for what is written without a node. */
export async function openHome(database: Database): Promise<Home> {
  const own = { name: "Test network", url: null, regions: [] };
  const network = await database.transaction((tx) => saveOwnNetwork(tx, own));
  const seals = await Seals.open(database.write, [Key.random()]);
  return { network, seals, clock: systemClock, clockTrusted: false };
}

/** Somebody of this audience, whoever it is. */
export function seeing(audience: ListedAudience): Viewer {
  return { ...anonymous, audience };
}
