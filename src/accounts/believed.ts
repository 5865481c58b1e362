/** How long, in milliseconds, an answer is believed: so much later than its removal something ends in another process; here at once. */
const BELIEVED = 2000;
const MOST_REMEMBERED = 10_000;

/** What was asked of the database a moment ago, by name. Requests that ask the same at once ask once; a question that fails is forgotten. */
export class Believed<T> {
  readonly #answers = new Map<string, Promise<T>>();

  /** What is believed of this name, asked anew when nothing is. */
  of(name: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    const asked = ask();
    if (this.#answers.size < MOST_REMEMBERED) this.#answers.set(name, asked);
    const forget = () => {
      if (this.#answers.get(name) === asked) this.#answers.delete(name);
    };
    setTimeout(forget, BELIEVED).unref();
    asked.catch(forget);
    return asked;
  }

  /** Believes nothing any more: something has changed here. */
  forgetAll(): void {
    this.#answers.clear();
  }
}
