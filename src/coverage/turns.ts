import { setImmediate as nextTurn } from "node:timers/promises";

/** Milliseconds after which others are let go first. */
const LONG = 10;

/** Long work in short turns, so that nothing else in the process has to wait for it. */
export class Turns {
  #began = performance.now();

  /** Asked between two steps; waits only after a long turn. */
  async next(): Promise<void> {
    if (performance.now() - this.#began < LONG) return;
    await nextTurn();
    this.#began = performance.now();
  }
}
