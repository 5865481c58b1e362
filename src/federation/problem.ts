import { NotReadAnyMore } from "./harvest.store.js";
import { STOPPED } from "./holding.js";
import { OutboundError } from "./outbound-error.js";
import { NotAnswered } from "./reading.js";
import { Untrusted } from "./untrusted.js";

/** Why a reading failed: a rule, a kind of silence or a status, and when to come again, in milliseconds, where that was said. */
export type Problem = { readonly problem: string; readonly retryAfter: number | null };

/** What a steward is told of it; what is a fault of ours goes on its way. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Untrusted) return { problem: error.rule, retryAfter: null };
  if (error instanceof OutboundError) return { problem: error.kind, retryAfter: null };
  if (error instanceof NotReadAnyMore) return { problem: STOPPED, retryAfter: null };
  if (error instanceof NotAnswered) return { problem: `HTTP_${error.status}`, retryAfter: error.retryAfter };
  throw error;
}
