/** Calls methods at a simulator with the steps of the executor, and nothing of its own but them. */
import { expect } from "vitest";
import { schemaFaults } from "../core/json-schema.ts";
import { type CallFailure, repetition } from "../core/repeatable.ts";
import type { BrokeredCredential } from "../schemas/credential-grant.ts";
import type { EndpointConfig, IntegrationPlugin, Params, PluginMethod, Refusal } from "./plugin.ts";
import { sendToVendor } from "./vendor-http/send.ts";
import { VendorError } from "./vendor-http/vendor-error.ts";

export interface CallOutcome {
  readonly attempts: number;
  readonly data?: unknown;
  readonly refusal?: Refusal;
  /** There is no whole answer, or none that can be read. */
  readonly failure?: VendorError | (Error & { readonly code?: string });
  /** `UNKNOWN`: it may have been done, and was not asked for again. */
  readonly ended?: ReturnType<typeof repetition>;
}

export interface VendorSubject {
  readonly plugin: IntegrationPlugin;
  readonly config: EndpointConfig;
  readonly credential: BrokeredCredential;
}

const MOST_ATTEMPTS = 3;
const SEND = {
  rules: { allowPrivateNetworks: true },
  // A hanging answer is waited for so long; everything else answers at once on loopback.
  timeoutMs: 700,
  maxBytes: 20_000_000,
};

/** A call as often as it may be repeated, at most three times. */
export async function call(
  subject: VendorSubject,
  name: string,
  params: Params = {},
): Promise<CallOutcome> {
  const method = methodOf(subject.plugin, name);
  expect(schemaFaults(method.method.paramSchema, params)).toEqual([]);

  for (let attempts = 1; ; attempts++) {
    const outcome = await attempt(subject, method, params);
    const failure = failureOf(outcome);
    if (failure === undefined) return { attempts, ...outcome };

    const nature = { ...method.method, hasIdempotencyKey: false };
    const ended = repetition(nature, failure);
    if (ended !== "REPEAT" || attempts === MOST_ATTEMPTS) return { attempts, ended, ...outcome };
  }
}

/** `data` of a call that must succeed at once. */
export async function dataOf<T = Record<string, unknown>>(
  subject: VendorSubject,
  name: string,
  params: Params = {},
): Promise<T> {
  const outcome = await call(subject, name, params);
  expect(outcome).toMatchObject({ attempts: 1 });
  expect([outcome.refusal, outcome.failure]).toEqual([undefined, undefined]);
  return outcome.data as T;
}

/** Every item of a list, page by page as `nextPage` says; ends when a page comes twice. */
export async function itemsOf<T = Record<string, unknown>>(
  subject: VendorSubject,
  name: string,
  params: Params,
): Promise<T[]> {
  const items: T[] = [];
  const seen = new Set<string>();

  for (let next: Params | null = {}; next !== null; ) {
    const page: { items: T[]; nextPage: Params | null } = await dataOf(subject, name, {
      ...params,
      ...next,
    });
    items.push(...page.items);
    next = page.nextPage;
    expect(seen.has(JSON.stringify(next))).toBe(false);
    seen.add(JSON.stringify(next));
  }
  return items;
}

async function attempt(
  { plugin, config, credential }: VendorSubject,
  { request, data }: PluginMethod,
  params: Params,
): Promise<Omit<CallOutcome, "attempts">> {
  try {
    const asked = await plugin.authorize(request(params, { config }), credential, config);
    const answer = await sendToVendor(asked, SEND);

    const refusal = plugin.refusal(answer);
    return refusal ? { refusal } : { data: data(answer, { config }, params) };
  } catch (error) {
    if (error instanceof VendorError) return { failure: error };
    expect(error).toMatchObject({ code: expect.any(String) });
    return { failure: error as Error };
  }
}

function failureOf({ refusal, failure }: Omit<CallOutcome, "attempts">): CallFailure | undefined {
  if (refusal) return refusal;
  if (failure instanceof VendorError) return failure;
  // An answer that cannot be read tells nothing of what was done.
  return failure && { kind: "OTHER", notDone: false };
}

function methodOf({ methods }: IntegrationPlugin, name: string): PluginMethod {
  const found = methods.find(({ method }) => method.name === name);
  if (found) return found;
  throw new Error(`No method ${name}. They are ${methods.map(({ method }) => method.name)}.`);
}
