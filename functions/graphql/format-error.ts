import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { DomainError } from "../../schemas/errors.ts";
import { toDomainError } from "../runtime/http-errors.ts";
import { logUnexpected } from "../runtime/telemetry.ts";

/** GraphQL's own words repeat what was sent. */
const LONGEST_MESSAGE = 500;

/**
 * An error as the caller sees it: with its code, and masked when we did not throw it on purpose.
 */
export function formatError(error: unknown, requestId: string): GraphQLFormattedError {
  const shown = error instanceof GraphQLError ? error : undefined;
  const cause = shown ? shown.originalError : error;
  if (shown && isOfDocument(shown)) {
    const said = shown.toJSON();
    const extensions = { code: "VALIDATION_ERROR", requestId };
    return { ...said, message: said.message.slice(0, LONGEST_MESSAGE), extensions };
  }

  const { code, message, details } = toDomainError(cause);
  if (!(cause instanceof DomainError)) logUnexpected(requestId, cause);
  return {
    message,
    ...(shown?.locations && { locations: shown.locations }),
    ...(shown?.path && { path: shown.path }),
    extensions: { code, requestId, ...details },
  };
}

/**
 * Whether GraphQL itself refuses what was sent: syntax and validation, which have no cause, and
 * values of variables and arguments, whose cause is GraphQL's again. A value of ours that does not
 * fit the contract has a path, too, but no place.
 */
function isOfDocument({ originalError: cause, path }: GraphQLError): boolean {
  if (cause === undefined) return true;
  return cause instanceof GraphQLError && (path === undefined || cause.nodes !== undefined);
}
