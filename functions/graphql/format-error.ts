import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { DomainError } from "../../schemas/errors.ts";
import { toDomainError } from "../runtime/http-errors.ts";
import { logUnexpected } from "../runtime/telemetry.ts";

/** An error as the caller sees it: with its code, and masked when we did not throw it on purpose. */
export function formatError(error: unknown, requestId: string): GraphQLFormattedError {
  const shown = error instanceof GraphQLError ? error : undefined;
  const cause = shown ? shown.originalError : error;
  // Without a cause it is GraphQL's own: syntax, validation, coercion of variables.
  if (shown && !cause) return { ...shown.toJSON(), extensions: { code: "VALIDATION_ERROR", requestId } };
  const { code, message, details } = toDomainError(cause);
  if (!(cause instanceof DomainError)) logUnexpected(requestId, cause);
  return {
    message,
    ...(shown?.locations && { locations: shown.locations }),
    ...(shown?.path && { path: shown.path }),
    extensions: { code, requestId, ...details },
  };
}
