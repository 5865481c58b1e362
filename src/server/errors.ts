import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { DirectoryError, type RefusalCode } from "../errors.js";
import type { Log } from "../log.js";

/** Apollo's own codes for a question that cannot be run, all of them the asker's to mend. */
const unusable = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_REQUEST",
  "BAD_USER_INPUT",
]);

/** An error as the caller meets it: a refusal with its sentence, or a fault that is logged here and told nothing of. */
export function presentError(
  log: Log,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const cause = unwrapResolverError(error);
    if (cause instanceof DirectoryError) {
      return refusal(formatted, cause.message, cause.code, cause.path);
    }
    if (unusable.has(String(formatted.extensions?.["code"]))) {
      return refusal(formatted, formatted.message, "BAD_USER_INPUT");
    }
    log.error({ fault: describe(cause), path: formatted.path }, "a request failed");
    return refusal(formatted, "The node could not answer this; please try again later.", "UNAVAILABLE");
  };
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

/** The place in the code, never the message: a driver's message may quote a value. */
function describe(error: unknown): { name: string; at: string | undefined } {
  if (!(error instanceof Error)) return { name: typeof error, at: undefined };
  const inner = error instanceof GraphQLError && error.originalError ? error.originalError : error;
  return {
    name: inner.name,
    at: inner.stack
      ?.split("\n")
      .filter((line) => line.startsWith("    at "))
      .slice(0, 8)
      .join("\n"),
  };
}
