import {
  type DocumentNode,
  execute,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { answerBytes } from "../../core/answer-size.ts";
import { DomainError, ERRORS, type ErrorCode } from "../../schemas/errors.ts";
import type { PostGraphql } from "../../schemas/operations/service.ts";
import { type Answer, ok } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import type { Request } from "../runtime/request.ts";
import { requestContext } from "./context.ts";
import { formatError } from "./format-error.ts";
import { checkLimits, LIMITS } from "./limits.ts";
import { mutations } from "./mutations.ts";
import { queries } from "./queries.ts";

export interface GraphqlDeps
  extends Pick<Deps, "tables" | "minimumIntervalMinutes" | "rateLimit" | "defaultQuotas"> {
  readonly schema: GraphQLSchema;
  /** Neither introspection nor suggestions where tenants are real. */
  readonly open: boolean;
}

const ERRORS_SHOWN = 20;
/** A function answers 6 MB at most. */
const LARGEST_ANSWER = 4_000_000;

function tooLarge(): DomainError {
  const remedy = "Ask for fewer fields, or list in pages through REST.";
  return new DomainError(
    "VALIDATION_ERROR",
    `The answer is larger than ${LARGEST_ANSWER / 1_000_000} MB. ${remedy}`,
  );
}

/** Answers 200 whatever the document: errors are in the body, each with its code. */
export async function postGraphql(
  request: Request<typeof PostGraphql>,
  deps: GraphqlDeps,
): Promise<Answer> {
  const { body, identity, requestId, now } = request;
  const failed = (errors: readonly unknown[]) => answerOf({}, errors, requestId);
  let document: DocumentNode;
  try {
    document = parse(body.query, { maxTokens: LIMITS.tokens });
    checkLimits(deps.schema, document, body.variables ?? {});
  } catch (error) {
    return failed([error]);
  }

  const rules = deps.open ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const faults = validate(deps.schema, document, rules, {
    maxErrors: ERRORS_SHOWN,
    hideSuggestions: !deps.open,
  });
  if (faults.length > 0) return failed(faults);

  const { tables, minimumIntervalMinutes, rateLimit, defaultQuotas, schema } = deps;
  const { data, errors } = await execute({
    schema,
    document,
    rootValue: { ...queries, ...mutations },
    contextValue: requestContext({
      tables,
      minimumIntervalMinutes,
      rateLimit,
      defaultQuotas,
      identity,
      requestId,
      now,
    }),
    variableValues: body.variables,
    operationName: body.operationName,
    hideSuggestions: !deps.open,
    // Each of them prints the whole value that was sent.
    options: { maxCoercionErrors: 1 },
  });

  if (data && answerBytes(data) > LARGEST_ANSWER) return failed([tooLarge()]);
  return answerOf(data === undefined ? {} : { data }, errors ?? [], requestId);
}

/**
 * With the gravest of the errors as what the request counts as: an alarm must not take it for well
 * done.
 */
function answerOf(
  result: { readonly data?: unknown },
  errors: readonly unknown[],
  requestId: string,
): Answer {
  if (errors.length === 0) return ok(result);
  const shown = errors.slice(0, ERRORS_SHOWN).map((error) => formatError(error, requestId));
  const codes = shown.map(({ extensions }) => extensions?.code as ErrorCode);
  const failure = codes.reduce((gravest, code) =>
    ERRORS[code].status > ERRORS[gravest].status ? code : gravest,
  );
  return { ...ok({ ...result, errors: shown }), failure };
}
