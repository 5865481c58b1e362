import { createHash, timingSafeEqual } from "node:crypto";
import { badInput } from "../errors.js";
import type { Key } from "../storage/seal.js";

/** Where a page ended: what the last record was sorted by, and its id. A page goes on after it whoever came or went. */
export type Place = { readonly value: string | number; readonly id: string };

const SEAL = 16;

/** Writes and reads cursors: opaque, sealed, and good for one audience and one question only. */
export class Cursors {
  constructor(private readonly key: Key) {}

  /** `question` is everything that the order and the matches depend on: audience, kind, filter, search, order. */
  write(question: string, { value, id }: Place): string {
    const place = Buffer.from(JSON.stringify([value, id]));
    return Buffer.concat([this.#seal(question, place), place]).toString("base64url");
  }

  read(question: string, cursor: string): Place {
    const bytes = Buffer.from(cursor, "base64url");
    const place = bytes.subarray(SEAL);
    const sealed =
      bytes.length > SEAL && timingSafeEqual(bytes.subarray(0, SEAL), this.#seal(question, place));
    // One text for one cursor: base64url has several for the same bytes.
    if (!sealed || bytes.toString("base64url") !== cursor) {
      throw badInput("after: this cursor does not belong to this question; start again without it.", [
        "after",
      ]);
    }
    // The seal says that `write` made it.
    const [value, id] = JSON.parse(place.toString()) as [string | number, string];
    return { value, id };
  }

  #seal(question: string, place: Buffer): Buffer {
    return this.key.mac(question, place.toString("base64")).subarray(0, SEAL);
  }
}

/** One text for one question, whatever the order its fields were written in. */
export function questionOf(audience: string, kind: string, asked: unknown): string {
  const text = JSON.stringify([audience, kind, asked], (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? withoutNothing(value) : value,
  );
  return createHash("sha256").update(text).digest("base64url");
}

function withoutNothing(value: object): object {
  const told = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  return Object.fromEntries(told.sort(([one], [other]) => (one < other ? -1 : 1)));
}
