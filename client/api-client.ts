/** Calls the operations of `schemas/operations`, each with the types of its own contract. */
import type { Operation } from "../schemas/operation.ts";
import { PostGraphql } from "../schemas/operations/service.ts";
import type { Answer, Body, Given, Item, Page } from "./contract.ts";
import { refusalOf, UnreachableError } from "./errors.ts";
import { type ClientOptions, exchangeWith, type RawAnswer } from "./exchange.ts";
import { type AnyInput, jsonRequest, requestOf } from "./request.ts";

/**
 * All but `send` throw RefusedError with the API's problem document, and UnreachableError when
 * Inlet's API does not answer.
 */
export interface ApiClient {
  /** The body of the answer. */
  call<O extends Operation>(operation: O, ...input: Given<O>): Promise<Body<O>>;
  /** The body with its status and headers, for the ETag or where the status tells bodies apart. */
  ask<O extends Operation>(operation: O, ...input: Given<O>): Promise<Answer<O>>;
  /** A list page by page. A page may be empty although more follow. */
  pages<O extends Operation>(operation: O, ...input: Given<O>): AsyncGenerator<Page<O>>;
  /** Every item of a list. */
  all<O extends Operation>(operation: O, ...input: Given<O>): Promise<Item<O>[]>;
  /** GraphQL answers 200 with its errors inside. */
  graphql<T>(query: string, variables?: object): Promise<GraphqlAnswer<T>>;
  /** Any request, and its answer whatever the status: for what no contract describes. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<RawAnswer>;
}

export interface GraphqlAnswer<T> {
  readonly data: T | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

interface AnyPage {
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
}

export function apiClient(options: ClientOptions): ApiClient {
  const exchange = exchangeWith(options);

  const ask = async (operation: Operation, input: AnyInput = {}) => {
    const request = requestOf(operation, input);
    const { status, headers, text } = await exchange(request);
    const body = text === "" ? null : parse(text);
    if (status < 200 || status >= 300) throw refusalOf(options.baseUrl, request, status, body);
    // A web page, a proxy's greeting: not refused, and not Inlet's.
    if (body === undefined) throw foreign(options.baseUrl);
    return { status, headers, body };
  };
  const call = async (operation: Operation, input?: AnyInput) => (await ask(operation, input)).body;

  async function* pages(operation: Operation, input: AnyInput = {}) {
    for (let query = input.query ?? {}; ; ) {
      const page = (await call(operation, { ...input, query })) as AnyPage;
      yield page;
      if (page.nextCursor === null) return;
      query = { ...query, cursor: page.nextCursor };
    }
  }
  const all = async (operation: Operation, input?: AnyInput) => {
    const items: unknown[] = [];
    for await (const page of pages(operation, input)) items.push(...page.items);
    return items;
  };

  const graphql = (query: string, variables: object = {}) =>
    call(PostGraphql, { body: { query, variables } });
  const send: ApiClient["send"] = (method, path, body, headers = {}) =>
    exchange(jsonRequest(method, path, body, headers));

  // The contract of each operation is what says so: nothing of an answer is checked here, since a
  // newer API may say more than this client knows.
  return { ask, call, pages, all, graphql, send } as unknown as ApiClient;
}

function foreign(baseUrl: string): UnreachableError {
  return new UnreachableError(`${baseUrl} answers, but not as Inlet's API does.`, true);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
