/** What a caller gives an operation and gets back, read off the operation's own contract. */
import type * as z from "zod";
import type { Operation } from "../schemas/operation.ts";

/** Path, query and body as the contract wants them; a part that needs nothing may be left out. */
export type Input<O extends Operation> = Part<"path", z.input<O["pathParams"]>> &
  Part<"query", z.input<O["query"]>> &
  Part<"body", z.input<O["body"]>> &
  Conditions;

interface Conditions {
  /** The ETag that the caller read; `*` for whichever. */
  readonly ifMatch?: string | undefined;
  /** The same key starts the work once, however often it is sent. */
  readonly idempotencyKey?: string | undefined;
  /** Answered at once; the work goes on meanwhile. */
  readonly respondAsync?: boolean | undefined;
}

type Part<Name extends string, Value> = undefined extends Value
  ? { readonly [N in Name]?: Value }
  : Nothing extends Value
    ? { readonly [N in Name]?: Value }
    : { readonly [N in Name]: Value };

/** An object of no fields: fits every object type whose fields may all be left out. */
type Nothing = Record<never, never>;

/** Arguments behind the operation: none are needed where every part may be left out. */
export type Given<O extends Operation> =
  Nothing extends Input<O> ? [input?: Input<O>] : [input: Input<O>];

/** One answer for each status that the contract names: looking at the status narrows the body. */
export type Answer<O extends Operation> = {
  [Status in keyof O["answers"]]: {
    readonly status: Status;
    readonly headers: Headers;
    readonly body: BodyIn<O["answers"][Status]>;
  };
}[keyof O["answers"]];

/** Any of the bodies that the contract names; null where there is none. */
export type Body<O extends Operation> = BodyIn<O["answers"][keyof O["answers"]]>;

/** What a list is a list of. */
export type Item<O extends Operation> = Page<O>["items"][number];

export type Page<O extends Operation> = Extract<Body<O>, { items: unknown[] }>;

type BodyIn<Schema> = Schema extends z.ZodType ? z.output<Schema> : null;
