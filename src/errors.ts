/**
 * Refusals: expected outcomes that have a code and a sentence saying what was wanted and what is possible.
 * Anything else that is thrown is a fault: it is logged once at the edge, and the caller learns nothing of the inside.
 */

/** The codes a client may meet in `extensions.code`, and nothing else. */
export type RefusalCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "BAD_USER_INPUT"
  | "CONFLICT"
  | "RATE_LIMITED"
  | "TOO_COMPLEX"
  | "UNAVAILABLE";

/** A refusal. `path` names the part of the input that was wrong. The message never holds a person's name, place or number. */
export class DirectoryError extends Error {
  override readonly name = "DirectoryError";

  constructor(
    readonly code: RefusalCode,
    message: string,
    readonly path?: readonly (string | number)[],
  ) {
    super(message);
  }
}

/** Input that cannot be taken as it is. */
export function badInput(message: string, path?: readonly (string | number)[]): DirectoryError {
  return new DirectoryError("BAD_USER_INPUT", message, path);
}

/** An operator's mistake or a broken surrounding: printed as one sentence, exits with `status`, never a stack trace. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";

  constructor(
    message: string,
    readonly status: number = 1,
  ) {
    super(message);
  }
}
