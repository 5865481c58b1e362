import { Demand } from "./demand.js";
import { Epochs, publishWhenDue, writeNeeds, type CoverageParts } from "./coverage.store.js";

/** What a serving node does about coverage. */
export class CoverageKeeper {
  readonly demand: Demand;
  readonly epochs: Epochs;
  /** Undefined before the first look: nobody has counted for an epoch yet that another could follow. */
  #edition: string | null | undefined;

  constructor(readonly parts: CoverageParts) {
    const { database, home, vocabulary } = parts;
    this.demand = new Demand(vocabulary, home.clock);
    this.epochs = new Epochs(database.read, vocabulary);
  }

  /** Writes down needs that found nobody, and publishes the epoch that is due. Another process may have published it. */
  async keepUp(): Promise<void> {
    await writeNeeds(this.parts, this.demand);
    await publishWhenDue(this.parts);
    const edition = (await this.epochs.current())?.epoch.edition ?? null;
    if (this.#edition !== undefined && edition !== this.#edition) this.demand.beginAnew();
    this.#edition = edition;
  }
}
