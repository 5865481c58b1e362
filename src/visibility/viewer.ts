import type { ListedAudience } from "./audience.js";

/** Who is asking. Every read takes one, and reads the listings of its audience and nothing else. */
export type Viewer = {
  readonly audience: ListedAudience;
};

/** Whoever has not signed in: they see what everyone may see. */
export const anonymous: Viewer = { audience: "PUBLIC" };
