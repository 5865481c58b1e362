import { setTimeout as sleep } from "node:timers/promises";
import { safetyNumber } from "../federation/node-id.js";
import { fetchStatement } from "../federation/reading.js";
import type { Checked } from "./checked.js";
import { Kit, type KitParts } from "./kit.js";
import { NoAnswer } from "./search.js";
import { SOMEBODY, somebodyAt, type Player, type Players, type Step, type Trial } from "./trial.js";
import { BLOCKED, FOUND, PROBATION, TRIALS, UNTRIED } from "./trials.js";

/**
 * Whether a node of whatever make keeps to the protocol when it reads others: the reader's part of `docs/federation.md`. Networks that are
 * nothing but signed feeds are played to it, which somebody has it meet and trust; and whoever searches it finds what it believes.
 */
export async function lookAtReader(parts: KitParts): Promise<readonly Checked[]> {
  return new Look(new Kit(parts)).all();
}

/** A trial with its networks. */
type Staged = { readonly trial: Trial; readonly players: Players };

/** One step of a trial. */
type Due = Staged & { readonly step: Step };

class Look {
  readonly #faults = new Map<string, string>();

  constructor(readonly kit: Kit) {}

  async all(): Promise<readonly Checked[]> {
    const { hands } = this.kit.parts;
    const trials = TRIALS.filter((trial) => this.#whyNot(trial) === null);
    // A node that answers no searches, or does not say who it is, cannot be looked at.
    await this.kit.found();
    const { statement } = await fetchStatement(this.kit.parts, this.kit.parts.url);
    const staged: Staged[] = [];
    for (const trial of trials) staged.push({ trial, players: await this.kit.stage(trial) });
    try {
      await this.#meet(statement.node);
      await this.#play(staged.filter(({ trial }) => trial.last !== true));
      await this.#play(staged.filter(({ trial }) => trial.last === true));
      for (const { trial, players } of staged) await this.#judge(trial, players);
    } catch (error) {
      await hands.block(this.#urls());
      throw error;
    }
    await this.#part();
    return this.#checked();
  }

  #urls(): readonly string[] {
    return this.kit.players.map(({ origin }) => origin.url);
  }

  /** The node meets all networks, and trusts them. */
  async #meet(node: string): Promise<void> {
    const { kit } = this;
    const { hands, pace } = kit.parts;
    const begun = Date.now();
    await hands.meet(this.#urls());
    const known = (player: Player) => kit.asked(player, "openid-federation", begun).length > 0;
    if (!(await kit.until(() => kit.players.every(known), pace.hands)))
      throw new NoAnswer("the node has not met all of the networks, and nothing was tried");
    // It may read them already, and show nobody.
    await kit.until(
      () => kit.players.every((player) => kit.asked(player, "/head", begun).length > 0),
      pace.reading,
    );
    await this.#settle(kit.players);
    if ((await kit.found()).size > 0) this.#fault(PROBATION.id, "people of networks on probation are found");
    const numbers = await Promise.all(
      kit.players.map(async ({ origin }) => ({
        url: origin.url,
        number: await safetyNumber(node, origin.node),
      })),
    );
    await hands.trust(numbers);
    const everybody = kit.players.length;
    const there = async () => [...(await kit.found())].filter(isSomebody).length === everybody;
    if (await kit.until(there, pace.hands)) return;
    const found = await kit.found();
    const missing = kit.players.filter(({ trial }) => !found.has(kit.aliasOf({ id: trial }, SOMEBODY)));
    this.#fault(FOUND.id, `${missing.length} of ${everybody} who should be found are not`);
  }

  /** What all these trials do, step by step, each step of all at once. */
  async #play(staged: readonly Staged[]): Promise<void> {
    const longest = Math.max(0, ...staged.map(({ trial }) => trial.steps.length));
    for (let at = 0; at < longest; at++) {
      const due = staged.flatMap(({ trial, players }) => {
        const step = trial.steps[at];
        return step === undefined ? [] : [{ trial, players, step }];
      });
      await this.#tell(due);
      await this.#compare(due);
    }
  }

  /** The networks do what they do, say that they have something new, and wait to be read. */
  async #tell(due: readonly Due[]): Promise<void> {
    const { kit } = this;
    const since = Date.now();
    await Promise.all(due.map(({ step, players }) => this.#act(step, players)));
    const read = due.filter(({ step }) => step.read !== false);
    await Promise.all(read.flatMap(({ players }) => players.map((player) => kit.ping(player))));
    const wasRead = ({ players }: Due) =>
      players.every((player) => kit.asked(player, "/head", since).length > 0);
    await kit.until(() => read.every(wasRead), kit.parts.pace.reading);
    for (const one of read)
      if (!wasRead(one)) this.#fault(one.trial.id, "its network was not read after a ping");
  }

  /** Holds who is found against who should be. Who should be found may be gone again by the end; who should not be, may not be there then. */
  async #compare(due: readonly Due[]): Promise<void> {
    const { kit } = this;
    const wanted = due.flatMap(({ trial, step }) => (step.shown ?? []).map((who) => kit.aliasOf(trial, who)));
    const seen = new Set<string>();
    const all = async () => {
      for (const alias of await kit.found()) seen.add(alias);
      return wanted.every((alias) => seen.has(alias));
    };
    await kit.until(all, kit.parts.pace.settle * 3);
    await this.#settle(due.flatMap(({ players }) => players));
    const found = await kit.found();
    for (const { trial, players, step } of due) {
      const missing = step.shown?.find((who) => !seen.has(kit.aliasOf(trial, who)));
      const told = step.hidden?.find((who) => found.has(kit.aliasOf(trial, who)));
      const lost = staying(step, players).find((who) => !found.has(kit.aliasOf(trial, who)));
      if (missing !== undefined) this.#fault(trial.id, `"${missing}" should be found, and is not`);
      if (told !== undefined) this.#fault(trial.id, `"${told}" should not be found, and is`);
      if (lost !== undefined) this.#fault(trial.id, `"${lost}" was found before, and is not any more`);
    }
  }

  /** Waits until nobody asks these networks for anything any more, and what was read has had its time to show. */
  async #settle(players: readonly Player[]): Promise<void> {
    const { kit } = this;
    const { settle, reading } = kit.parts.pace;
    const quiet = () => players.every((player) => kit.asked(player, "", Date.now() - settle).length === 0);
    await kit.until(quiet, reading);
    await sleep(settle);
  }

  /** A network that is to be read after it answers nobody until it is done. */
  async #act({ act, read }: Step, players: Players): Promise<void> {
    const { held } = this.kit.parts.origins;
    const acted = act(players, this.kit);
    if (read !== false) for (const { number } of players) held.set(number, acted);
    await acted.finally(() => {
      for (const { number } of players) held.delete(number);
    });
  }

  async #judge({ id, judge }: Trial, players: Players): Promise<void> {
    if (judge === undefined) return;
    const fault = await Promise.resolve(judge(this.kit, players)).catch((error: unknown) => {
      if (error instanceof NoAnswer) return error.message;
      throw error;
    });
    if (fault !== null) this.#fault(id, fault);
  }

  /** The node blocks them all, and nothing of this is left there. */
  async #part(): Promise<void> {
    const { kit } = this;
    const { hands, pace } = kit.parts;
    const [player] = kit.players;
    if (player === undefined) return;
    await hands.block(this.#urls());
    if (!(await kit.until(async () => (await kit.found()).size === 0, pace.hands)))
      this.#fault(BLOCKED.id, `${(await kit.found()).size} people of networks that are blocked are found`);
    const status = await kit.ping(player);
    if (status !== 401 && status !== 403)
      this.#fault(BLOCKED.id, `a request of a blocked network was answered by ${status ?? "nothing"}`);
  }

  #fault(id: string, fault: string): void {
    if (!this.#faults.has(id)) this.#faults.set(id, fault);
  }

  /** Why a trial is not played; null when it is. */
  #whyNot({ id, carried }: Trial): string | null {
    const { hands, only } = this.kit.parts;
    if (only !== null && !only.includes(id)) return "it was not asked for";
    return carried === true && hands.takeBundle === null ? "nobody carries a bundle to the node" : null;
  }

  #checked(): readonly Checked[] {
    const told = [
      { ...FOUND, why: null },
      ...TRIALS.map((trial) => ({ id: trial.id, promise: trial.promise, why: this.#whyNot(trial) })),
      { ...PROBATION, why: null },
      { ...BLOCKED, why: null },
      ...UNTRIED,
    ];
    return told.map(({ id, promise, why }) => ({
      id,
      promise,
      fault: this.#faults.get(id) ?? null,
      untried: why,
    }));
  }
}

function isSomebody(alias: string): boolean {
  return (alias.split(" ").at(-1) ?? "").startsWith(SOMEBODY);
}

/** Who was there from the start and should stay. */
function staying({ hidden = [], either = [] }: Step, players: Players): readonly string[] {
  return players
    .map((_, at) => somebodyAt(at))
    .filter((who) => !hidden.includes(who) && !either.includes(who));
}
