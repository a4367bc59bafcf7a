/**
 * What an operation of the REST API is: data from which routing, validation and the OpenAPI
 * document are made.
 */
import * as z from "zod";
import type { ErrorCode } from "./errors.ts";
import type { Role } from "./tenant.ts";

/** Operations of one area share one Lambda function. */
export const AREAS = [
  "registry",
  "endpoints",
  "sinks",
  "runs",
  "administration",
  "knowledge",
  "agents",
  "methods",
  "credentials",
  "oauth-callback",
  "operations",
  "graphql",
] as const;
export type Area = (typeof AREAS)[number];

export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

/** Body by status; null for none. */
export type AnswerSchemas = Readonly<Record<number, z.ZodType | null>>;

export interface BodyBounds {
  readonly deepest: number;
  readonly mostValues: number;
}

export interface Operation<
  Path extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Answers extends AnswerSchemas = AnswerSchemas,
> {
  readonly id: string;
  readonly method: Method;
  readonly path: `/${string}`;
  readonly area: Area;
  /** The least role that may; `public` needs no token. */
  readonly role: Role | "public";
  readonly summary: string;
  readonly pathParams: Path;
  readonly query: Query;
  /** `z.undefined()` where there is no body; optional where it may be left out. */
  readonly body: Body;
  /** What its JSON may hold at most, where it is not what others may (`core/json-bounds.ts`). */
  readonly bodyBounds?: BodyBounds | undefined;
  /** `required`: changes a versioned item, answers 428 without the header once the item exists. */
  readonly ifMatch: "none" | "optional" | "required";
  readonly idempotencyKey: boolean;
  /** Whether `Prefer: respond-async` is obeyed. */
  readonly respondAsync: boolean;
  readonly answers: Answers;
  /** Other statuses in which the body of 200 comes as well: the status only says the same. */
  readonly resultStatuses: readonly number[];
  /** Beside those that every operation may answer. */
  readonly errors: readonly ErrorCode[];
}

const nothing = z.strictObject({});
type Nothing = typeof nothing;
const noBody = z.undefined();
type NoBody = typeof noBody;

type Draft<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  A extends AnswerSchemas,
> = Pick<Operation, "id" | "method" | "path" | "area" | "role" | "summary"> & {
  pathParams?: P;
  query?: Q;
  body?: B;
  answers: A;
} & Partial<
    Pick<
      Operation,
      "ifMatch" | "idempotencyKey" | "respondAsync" | "resultStatuses" | "errors" | "bodyBounds"
    >
  >;

/** States an operation; what is left out is nothing. */
export function operation<
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = NoBody,
  A extends AnswerSchemas = AnswerSchemas,
>(draft: Draft<P, Q, B, A>): Operation<P, Q, B, A> {
  const absent = {
    pathParams: nothing,
    query: nothing,
    body: noBody,
    ifMatch: "none",
    idempotencyKey: false,
    respondAsync: false,
    resultStatuses: [],
    errors: [],
  };

  return { ...absent, ...draft } as unknown as Operation<P, Q, B, A>;
}

/** Query of every list. */
export const PageQuery = z.strictObject({
  limit: z.coerce
    .number<number>()
    .int()
    .min(1)
    .max(100)
    .default(50)
    .describe("Maximum number of items."),
  cursor: z
    .string()
    .max(4096)
    .optional()
    .describe("`nextCursor` of the previous page. Opaque, valid for one hour."),
});

/** `{items, nextCursor}`; the last page's `nextCursor` is null. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
