import { HeaderMap } from "@apollo/server";
import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { DirectoryError, type RefusalCode } from "../errors.js";
import { describeFault, type Log } from "../log.js";
import { STATUS, type Refusal } from "./answers.js";
import { TooMany } from "./rate.js";

export const cannotAnswer = "The node could not answer this; please try again later.";

/** Apollo's own codes for a question that cannot be run, all of them the asker's to mend. */
const unusable = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_REQUEST",
  "BAD_USER_INPUT",
]);

/**
 * An error as the caller meets it: a refusal with its sentence, or a fault that is logged here and told nothing of. With `hints`,
 * graphql-js may say what a word of the schema could have been.
 */
export function presentError(
  log: Log,
  hints: boolean,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const cause = error instanceof RefusedBeforehand ? error.originalError : unwrapResolverError(error);
    if (cause instanceof DirectoryError) {
      return refusal(formatted, cause.message, cause.code, cause.path);
    }
    if (unusable.has(String(formatted.extensions?.["code"])) || isOfTheQuestion(formatted, cause)) {
      return refusal(formatted, hints ? formatted.message : withoutHint(formatted.message), "BAD_USER_INPUT");
    }
    log.error(describeFault(cause), "a request failed");
    return refusal(formatted, cannotAnswer, "UNAVAILABLE");
  };
}

function withoutHint(message: string): string {
  return message.replace(/ ?Did you mean .+\?$/s, "");
}

/** A refusal of a whole request, on its way through Apollo, before anything of it has run. */
export class RefusedBeforehand extends GraphQLError {
  constructor(cause: DirectoryError) {
    const headers = new HeaderMap(Object.entries(refusalOf(cause).headers ?? {}));
    const http = { status: STATUS[cause.code], headers };
    super(cause.message, { originalError: cause, extensions: { http } });
  }
}

/** A refusal as it is answered over HTTP. */
export function refusalOf(cause: DirectoryError): Refusal {
  const { code, message, path } = cause;
  if (cause instanceof TooMany) return { code, message, headers: { "retry-after": String(cause.seconds) } };
  return { code, message, path };
}

/** What graphql-js has to say about a question before it runs. What goes wrong in an answer has a path, and may quote it. */
function isOfTheQuestion({ path }: GraphQLFormattedError, error: unknown): boolean {
  return path === undefined && error instanceof GraphQLError && error.originalError === undefined;
}

function refusal(
  { locations, path }: GraphQLFormattedError,
  message: string,
  code: RefusalCode,
  inputPath?: readonly (string | number)[],
): GraphQLFormattedError {
  return {
    message,
    ...(locations === undefined ? {} : { locations }),
    ...(path === undefined ? {} : { path }),
    extensions: { code, ...(inputPath === undefined ? {} : { path: inputPath }) },
  };
}
