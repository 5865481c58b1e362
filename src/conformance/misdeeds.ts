import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { Misdeed, Origin } from "./origins.js";

/** What a network answers instead of what it should. */

/** Instead of what lies at the end of this path. */
export function instead(path: string, how: (answer: ServerResponse, origin: Origin) => void): Misdeed {
  return (asked, answer, origin) => {
    if (!(asked.url ?? "").split("?")[0]!.endsWith(path)) return false;
    how(answer, origin);
    return true;
  };
}

export const silence: Misdeed = (_asked, answer) => {
  answer.destroy();
  return true;
};

/** Every answer is that it wants nobody for an hour. */
export const notNow: Misdeed = (_asked, answer) => {
  answer.writeHead(429, { "retry-after": "3600" }).end();
  return true;
};

const MEBIBYTE = 1024 * 1024;

/** The page that it should be, after more spaces than anybody should take. */
export const oversized: Misdeed = instead("/changes", (answer, origin) => {
  answer.end(Buffer.concat([Buffer.alloc(12 * MEBIBYTE, " "), pageOf(origin)]));
});

/** The same, packed into a few kilobytes. */
export const bomb: Misdeed = instead("/changes", (answer, origin) => {
  answer.writeHead(200, { "content-encoding": "gzip" });
  answer.end(gzipSync(Buffer.concat([Buffer.alloc(32 * MEBIBYTE, " "), pageOf(origin)])));
});

function pageOf(origin: Origin): Buffer {
  return Buffer.from(JSON.stringify(origin.changes(0)));
}

/** A page that comes as a space now and then, for as long as somebody waits; and from when until when, in milliseconds, somebody did. */
export class Drip {
  began: number | null = null;
  ended: number | null = null;

  readonly misdeed: Misdeed = instead("/changes", (answer) => {
    this.began ??= Date.now();
    answer.writeHead(200, { "content-type": "application/ld+json" });
    const timer = setInterval(() => answer.write(" "), 200);
    answer.once("close", () => {
      clearInterval(timer);
      this.ended ??= Date.now();
    });
  });
}
