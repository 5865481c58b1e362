import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Refusal } from "./answers.js";

/** The largest question that is read, in bytes. */
const LARGEST_BODY = 64 * 1024;
/** What comes after that is thrown away until it is so much; then the line is cut. */
const LARGEST_WASTE = 4 * 1024 * 1024;

/** The body of a request, or why it cannot be taken. */
export type Body =
  { readonly kind: "json"; readonly json: unknown } | ({ readonly kind: "refused" } & Refusal);

const tooLarge = refused(`A question may be at most ${LARGEST_BODY / 1024} KiB.`, 413);
const notJson = refused("The body has to be JSON in UTF-8.", 400);
const wrongType = refused("A question is sent as application/json, in UTF-8.", 415);
const compressed = refused("A question is sent as it is, not compressed.", 415, {
  "accept-encoding": "identity",
});

function refused(message: string, status: number, headers: Readonly<Record<string, string>> = {}): Body {
  return { kind: "refused", code: "BAD_USER_INPUT", message, status, headers };
}

/** Reads a question: JSON in UTF-8, sent as what it is. */
export async function readQuestion(incoming: IncomingMessage): Promise<Body> {
  const wrong = refusedByHeaders(incoming.headers);
  if (wrong !== null) {
    incoming.resume();
    return wrong;
  }
  const bytes = await readBody(incoming);
  return bytes === null ? tooLarge : readJson(bytes);
}

function refusedByHeaders(headers: IncomingHttpHeaders): Body | null {
  if (!isJson(headers["content-type"] ?? "")) return wrongType;
  const encoding = headers["content-encoding"] ?? "identity";
  return encoding.trim().toLowerCase() === "identity" ? null : compressed;
}

/** Whether a media type is JSON in UTF-8: what is said of the character set has to be that, if it is said. */
function isJson(contentType: string): boolean {
  const [type = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  const charsets = parameters.filter((one) => /^charset\s*=/.test(one));
  return (
    type === "application/json" && charsets.every((one) => /^charset\s*=\s*("utf-?8"|utf-?8)$/.test(one))
  );
}

/** Null when it is too large. */
function readBody(incoming: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    incoming.on("data", (part: Buffer) => {
      size += part.length;
      if (size <= LARGEST_BODY) parts.push(part);
      if (size > LARGEST_WASTE) incoming.destroy();
    });
    incoming.once("end", () => resolve(size > LARGEST_BODY ? null : Buffer.concat(parts)));
    // Who went away in the middle is told nothing.
    incoming.once("close", () => resolve(null));
  });
}

function readJson(bytes: Buffer): Body {
  try {
    return { kind: "json", json: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch {
    return notJson;
  }
}
