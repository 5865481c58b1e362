import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { systemClock, type Clock } from "../clock.js";
import { DirectoryError } from "../errors.js";
import { LISTED_KINDS, type ListedKind } from "../listing/listing.js";
import { CHANGES, readChanges, readEverything, type Changed } from "../listing/listing.store.js";
import { Origins } from "../listing/origins.js";
import { readOrigins, type KnownThen } from "../listing/standing.store.js";
import type { Log } from "../log.js";
import type { Database, Listener } from "../storage/database.js";
import type { Key } from "../storage/seal.js";
import { LISTED_AUDIENCES, type ListedAudience } from "../visibility/audience.js";
import type { Viewer } from "../visibility/viewer.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { Cursors } from "./cursor.js";
import { Book } from "./draft.js";
import { Index, share, type IndexAxis, type Shared } from "./index.js";
import { learnNames } from "./names.js";
import { readLogState } from "./search.store.js";

/** What an index needs of the database: everything at first, then what changed. */
type Source = Pick<Database, "read" | "listen">;

/** How often the change log is looked at when nothing was heard. */
const EVERY = 500;
/** A standby may be a little behind; a log that stays behind what was read from it has been restored from a backup. */
const PATIENCE = 4;
const AT_ONCE = 1000;

/**
 * One index for each audience and kind of record, made from the listings and kept current from the change log.
 * When the database is away, they answer with what they know.
 */
export class Indexes {
  readonly cursors: Cursors;
  /** Where what is found comes from, kept as current as what is found. */
  readonly origins: Origins;
  readonly #shared: Shared;
  #indexes: ReadonlyMap<string, Index> | null = null;
  #complete = false;
  #loading: Promise<void> | null = null;
  #opened: () => void = () => undefined;
  /** Up to where the change log has been read, and the entry that was there. */
  #seq = 0;
  #entry: string | null = null;
  #behind = 0;
  /** The digest of what `origins` has taken in. */
  #digest: string | null = null;
  #listener: Promise<Listener | null> | null = null;
  #following: Promise<void> | null = null;
  #learning: Promise<void> | null = null;
  #stopped = new AbortController();
  #wake: () => void = () => undefined;
  #woken = false;
  #away = false;

  constructor(
    readonly database: Source,
    vocabulary: Vocabulary,
    cursorKey: Key,
    readonly log: Log,
    readonly clock: Clock = systemClock,
  ) {
    this.#shared = share(vocabulary);
    this.cursors = new Cursors(cursorKey);
    this.origins = new Origins(() => readOrigins(database.read));
  }

  /**
   * Resolves as soon as the public can be answered, while the indexes of the other audiences are still being made: until that is
   * done, they are put off. `follow` waits for it, and begins anew should it fail.
   */
  static async open(...parts: ConstructorParameters<typeof Indexes>): Promise<Indexes> {
    const indexes = new Indexes(...parts);
    await new Promise<void>((resolve, reject) => {
      indexes.#opened = resolve;
      indexes.#loadOnce().then(resolve, reject);
    });
    return indexes;
  }

  /** Ready for every audience when it resolves; `follow` keeps it current from then on. */
  static async load(...parts: ConstructorParameters<typeof Indexes>): Promise<Indexes> {
    const indexes = new Indexes(...parts);
    await indexes.#loadOnce();
    return indexes;
  }

  /** Resolves when every audience can be answered; rejects when that could not be read, which `follow` begins anew. */
  whole(): Promise<void> {
    return this.#complete ? Promise.resolve() : this.#loadOnce();
  }

  /** Whether every audience can be answered. */
  get ready(): boolean {
    return this.#complete;
  }

  indexOf(viewer: Viewer, kind: ListedKind): Index {
    const index = this.#indexes?.get(nameOf(viewer.audience, kind));
    if (index) return index;
    throw new DirectoryError("UNAVAILABLE", "The directory is still being read; try again in a few seconds.");
  }

  /** The ids of the records of this kind that the viewer may see and that have the code, sorted. */
  linked(viewer: Viewer, kind: ListedKind, axis: IndexAxis, code: string): readonly string[] {
    return this.indexOf(viewer, kind).tagged(axis, code);
  }

  /** Starts to follow the change log (reading everything first, when that has not been done), and goes on until stopped. */
  follow(): void {
    if (this.#following !== null) return;
    this.#listener = this.#listen();
    this.#following = this.#followUntilStopped();
    this.#learning = learnNames(this.#shared.vocabulary, this.#stopped.signal);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake();
    await Promise.all([this.#following, this.#learning, this.#loading?.catch(() => undefined)]);
    await (await this.#listener)?.close();
  }

  /** Looks at the change log now and resolves when everything it held has been taken in. */
  async catchUp(): Promise<void> {
    if (!this.ready) return this.#loadOnce();
    const before = this.#seq;
    const log = await readLogState(this.database.read, before);
    const known = log.origins === this.#digest ? null : await this.#narrow();
    if (await this.#reloadIfAnother(log.seq, log.entry)) return;
    for (let seq = Math.max(log.seq, known?.seq ?? 0); this.#seq < seq;) {
      const changes = await readChanges(this.database.read, this.#seq, AT_ONCE);
      if (!followsOn(this.#seq, changes)) return this.#reload("entries of the change log are missing");
      for (const change of changes) this.#takeIn(change);
      if (changes.length < AT_ONCE) break;
      seq = Math.max(seq, this.#seq);
    }
    if (known !== null) this.#settle(known);
    if (this.#seq !== before || (this.#entry === null && log.seq >= before)) {
      this.#entry = (await readLogState(this.database.read, this.#seq)).entry;
    }
  }

  /** What shows less holds at once; what shows more waits for the listings that came with it, and is returned. */
  async #narrow(): Promise<KnownThen> {
    const known = await readOrigins(this.database.read);
    this.origins.narrow(known);
    return known;
  }

  #settle(known: KnownThen): void {
    this.origins.take(known);
    this.#digest = known.digest;
  }

  /** A log that went back, or that tells something else than before, is that of a restored database. */
  async #reloadIfAnother(seq: number, entry: string | null): Promise<boolean> {
    this.#behind = seq < this.#seq ? this.#behind + 1 : 0;
    const another = this.#entry !== null && entry !== null && entry !== this.#entry;
    if (!another && this.#behind < PATIENCE) return false;
    await this.#reload("the change log is not the one that was read before");
    return true;
  }

  async #reload(why: string): Promise<void> {
    this.log.warn(`reading all listings again: ${why}`);
    await this.#load();
  }

  /** The first reading, which may be under way already. One that fails leaves nothing half read to answer from. */
  #loadOnce(): Promise<void> {
    this.#loading ??= this.#load()
      .catch((error: unknown) => {
        if (!this.#complete) this.#indexes = null;
        throw error;
      })
      .finally(() => (this.#loading = null));
    return this.#loading;
  }

  /** Everything is read beside what is there, which goes on answering until the new indexes take its place. */
  async #load(): Promise<void> {
    const book = new Book(this.#shared.vocabulary);
    const indexes = new Map<string, Index>();
    const { origins, clock } = this;
    for (const audience of LISTED_AUDIENCES) {
      const leave = { audience, origins, clock };
      for (const kind of LISTED_KINDS)
        indexes.set(nameOf(audience, kind), new Index(kind, this.#shared, leave, book));
    }
    const known = await this.#narrow();
    if (!this.#complete) origins.take(known);
    const seq = await readEverything(this.database.read, (record) => {
      this.#stopped.signal.throwIfAborted();
      indexes.get(book.names.textAt(record.bytes, record.audienceAndKind))?.gather(record);
    });
    for (const audience of LISTED_AUDIENCES) {
      for (const kind of LISTED_KINDS) {
        // Whoever asks meanwhile waits for one index at most.
        await nextTurn();
        this.#stopped.signal.throwIfAborted();
        indexes.get(nameOf(audience, kind))?.loaded();
      }
      if (!this.#complete) this.#offer(audience, indexes);
    }
    this.#indexes = indexes;
    this.#settle(known);
    this.#complete = true;
    this.#seq = seq;
    this.#behind = 0;
    this.#entry = (await readLogState(this.database.read, seq)).entry;
  }

  /** At the first reading an audience is answered as soon as its indexes are made, the public first. */
  #offer(audience: ListedAudience, indexes: ReadonlyMap<string, Index>): void {
    const made = [...indexes].filter(([name]) =>
      LISTED_KINDS.some((kind) => name === nameOf(audience, kind)),
    );
    this.#indexes = new Map([...(this.#indexes ?? []), ...made]);
    if (audience === "PUBLIC") this.#opened();
  }

  #takeIn({ audience, kind, id, origin, now, seq }: Changed): void {
    const name = nameOf(audience, kind);
    const index = this.#indexes?.get(name);
    if (now === null) index?.remove(id, origin);
    else index?.put(now);
    this.#seq = seq;
    if (index?.worn) this.#indexes = new Map([...(this.#indexes ?? []), [name, index.renewed()]]);
  }

  async #listen(): Promise<Listener | null> {
    try {
      return await this.database.listen(
        CHANGES,
        () => this.#hear(),
        () => this.#hear(),
      );
    } catch {
      // Without a listener the change log is still looked at every half second.
      return null;
    }
  }

  #hear(): void {
    this.#woken = true;
    this.#wake();
  }

  async #followUntilStopped(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#woken = false;
      await this.#tryToCatchUp();
      if (!this.#woken) await this.#untilWoken();
    }
  }

  async #tryToCatchUp(): Promise<void> {
    try {
      await this.catchUp();
      if (this.#away) this.log.info("following the change log again");
      this.#away = false;
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      if (!this.#away)
        this.log.warn({ code: codeOf(error) }, "the change log cannot be read; answering from memory");
      this.#away = true;
    }
  }

  async #untilWoken(): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    if (!this.#stopped.signal.aborted)
      await pause(EVERY, null, { signal: woken.signal }).catch(() => undefined);
    this.#wake = () => undefined;
  }
}

/** As `FindableBytes` has it. */
function nameOf(audience: string, kind: string): string {
  return `${audience} ${kind}`;
}

/** The log hands out numbers in order and without gaps. */
function followsOn(seq: number, changes: readonly Changed[]): boolean {
  return changes.length > 0 && changes.every((change, at) => change.seq === seq + at + 1);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
