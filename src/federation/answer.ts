import type { IncomingMessage } from "node:http";
import { Writable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import { OutboundError, codeOf } from "./outbound-error.js";

/** What zlib says, of gzip and brotli alike, when there should have been more. The codes of others begin with `Z_` too, or with `ERR__`. */
const ENDED_EARLY = "Z_BUF_ERROR";

/** What a peer answered: `body` is decoded, and empty where there is none. The `date` and `retry-after` of a peer are in `headers`. */
export type Answered = { readonly status: number; readonly headers: Headers; readonly body: Buffer };

/** Reads an answer whose head has come: refuses what would lead elsewhere, then takes the body in full or not at all. */
export async function readAnswer(
  response: IncomingMessage,
  largest: number,
  signal: AbortSignal,
): Promise<Answered> {
  const status = response.statusCode ?? 0;
  try {
    refuseRedirect(status);
    return { status, headers: headersOf(response), body: await readBody(response, largest, signal) };
  } catch (error) {
    response.destroy();
    // What comes with a refusal is a courtesy: the status and Retry-After count without it.
    if (status < 400 || signal.aborted || !(error instanceof OutboundError)) throw error;
    return { status, headers: headersOf(response), body: Buffer.alloc(0) };
  }
}

/** A redirect would lead to an address that nobody agreed to ask. */
function refuseRedirect(status: number): void {
  if (status >= 300 && status < 400 && status !== 304)
    throw new OutboundError("REDIRECTED", `The peer sends us elsewhere (${status}), where we do not go.`);
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  return headers;
}

async function readBody(response: IncomingMessage, largest: number, signal: AbortSignal): Promise<Buffer> {
  const decoder = hasBody(response) ? decoderOf(response, largest) : null;
  const gathered = gather(largest);
  capEncoded(response, largest);
  try {
    await pipeline(decoder === null ? [response, gathered.sink] : [response, decoder, gathered.sink], {
      signal,
    });
    if (!response.complete) throw cutShort();
    return gathered.body();
  } catch (error) {
    throw failureOf(error);
  }
}

/** 304 repeats the headers of an answer that is not there. */
function hasBody({ statusCode }: IncomingMessage): boolean {
  return statusCode !== 204 && statusCode !== 304;
}

/** What decodes the body, null when nothing has to; refuses headers that promise none that can be taken. */
function decoderOf(response: IncomingMessage, largest: number): Transform | null {
  refuseUnending(response);
  refuseAnnounced(response, largest);
  return decoderFor(response);
}

/** Without a length, an answer that was cut looks like one that ended. */
function refuseUnending({ headers }: IncomingMessage): void {
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined)
    throw new OutboundError("TRUNCATED", "The peer's answer does not say where it ends.");
}

/** One encoding, and one that we asked for: a chain of them multiplies what a small answer can grow to. */
function decoderFor({ headers }: IncomingMessage): Transform | null {
  const encoding = (headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const transfer = (headers["transfer-encoding"] ?? "chunked").trim().toLowerCase();
  if (transfer === "chunked" && encoding === "identity") return null;
  if (transfer === "chunked" && encoding === "gzip") return createGunzip();
  if (transfer === "chunked" && encoding === "br") return createBrotliDecompress();
  throw new OutboundError(
    "BAD_ENCODING",
    "The peer's answer is encoded otherwise than by gzip or br, or more than once.",
  );
}

function refuseAnnounced({ headers }: IncomingMessage, largest: number): void {
  if (Number(headers["content-length"] ?? 0) > largestEncoded(largest)) throw tooLarge(largest);
}

/** Encoding what cannot be made smaller adds a little. More would be padding, which decodes to nothing and never ends. */
function largestEncoded(largest: number): number {
  return Math.ceil(largest * 1.01) + 1024;
}

function capEncoded(response: IncomingMessage, largest: number): void {
  let size = 0;
  response.on("data", (part: Buffer) => {
    size += part.length;
    if (size > largestEncoded(largest)) response.destroy(tooLarge(largest));
  });
}

/** One buffer that doubles: in a list of parts, each byte that a peer sends in a chunk of its own would cost a hundred. */
function gather(largest: number): { readonly sink: Writable; body(): Buffer } {
  let held = Buffer.alloc(0);
  let size = 0;
  const write = (part: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void => {
    if (size + part.length > largest) return done(tooLarge(largest));
    if (size + part.length > held.length) held = grown(held, size + part.length);
    size += part.copy(held, size);
    done();
  };
  return { sink: new Writable({ write }), body: () => held.subarray(0, size) };
}

function grown(held: Buffer, needed: number): Buffer<ArrayBuffer> {
  const larger = Buffer.alloc(Math.max(needed, held.length * 2));
  held.copy(larger);
  return larger;
}

/** Past the head, whatever breaks is an answer that did not come to its end, or one that does not decode. */
function failureOf(error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof OutboundError || code === null) return error;
  return /^(Z_|ERR__)/.test(code) && code !== ENDED_EARLY ? undecodable(code) : cutShort();
}

function undecodable(code: string): OutboundError {
  return new OutboundError("BAD_ENCODING", `The peer's answer cannot be decoded (${code}).`);
}

function cutShort(): OutboundError {
  return new OutboundError("TRUNCATED", "The peer's answer ended before it was complete.");
}

function tooLarge(largest: number): OutboundError {
  return new OutboundError("TOO_LARGE", `The peer's answer is larger than ${largest} bytes.`);
}
