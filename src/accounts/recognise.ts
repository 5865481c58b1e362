import { DirectoryError } from "../errors.js";
import { anonymous, type Viewer } from "../visibility/viewer.js";
import type { Sessions } from "./session.store.js";

/** What a request says of who sends it. */
export type Credentials = { readonly authorization: string | undefined };

/** Who is asking: whoever brings nothing is anonymous; what is brought has to be good. */
export function recognise(sessions: Sessions, { authorization }: Credentials): Viewer | Promise<Viewer> {
  if (authorization === undefined) return anonymous;
  return knownBy(sessions, authorization);
}

async function knownBy(sessions: Sessions, authorization: string): Promise<Viewer> {
  const [, token] = /^Bearer ([\w-]{43})$/i.exec(authorization) ?? [];
  const viewer = token === undefined ? null : await sessions.viewerOf(token);
  if (viewer === null)
    throw new DirectoryError("UNAUTHENTICATED", "This session is not, or no longer, valid; sign in again.");
  return viewer;
}
