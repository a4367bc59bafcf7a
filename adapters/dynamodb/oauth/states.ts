/**
 * Authorizations under way, in `hot`, each under its state: a random text that only the vendor and
 * the browser learn. One is taken once; what is left is gone ten minutes after it began.
 */
import * as z from "zod";
import { Id, Instant } from "../../../schemas/scalars.ts";
import { Envelope } from "../../secrets/envelope.ts";
import type { Item, Tables } from "../client.ts";
import { keys } from "../keys.ts";
import { absent, all, exists, matches } from "../table/condition.ts";
import { findItem } from "../table/find.ts";
import { walk } from "../table/walk.ts";
import { type ConditionalWrite, put, remove, set, update, write, writeIf } from "../table/write.ts";

const Parked = z.object({
  /** Of the vendor's code, for the endpoint's owner alone. */
  code: Envelope,
  /** Hash of what the browser was shown. */
  confirmation: z.string(),
});

const OAuthState = z.object({
  tenantId: Id,
  endpointId: Id,
  /** Whoever began. */
  subject: z.string(),
  redirectUri: z.string(),
  scope: z.string().nullable(),
  timestamp: Instant,
  /** PKCE's, sealed for the endpoint's owner. */
  verifier: Envelope,
  /** Hash of the cookie of the browser that began. */
  browser: z.string(),
  /** A code that came to a browser nobody knows. */
  parked: Parked.nullable().default(null),
  /** How often a confirmation was wrong. */
  wrong: z.number().default(0),
});
export type OAuthState = z.infer<typeof OAuthState>;

/** In the code of document 004 `OAUTH_STATE_EXPIRATION_MS`. */
export const STATE_LASTS_MS = 10 * 60_000;

/** In the code of document 004 `saveState`; and a word of it beside what else the endpoint has. */
export function stateWrites(
  tables: Tables,
  state: string,
  begun: Omit<OAuthState, "parked" | "wrong">,
): ConditionalWrite[] {
  const { tenantId, endpointId } = begun;
  const ttl = Math.floor((Date.parse(begun.timestamp) + STATE_LASTS_MS) / 1000);
  const item: Item = { ...keys.oauthState(state), entity: "oauth-state", ttl, ...begun };
  const mark: Item = { ...keys.oauthBegun(tenantId, endpointId, state), ttl };
  return [put(tables.hot, item, absent()), put(tables.hot, mark)];
}

/** Removes the authorizations of an endpoint that is being deleted. Can be repeated. */
export async function removeStates(
  tables: Tables,
  tenantId: string,
  endpointId: string,
): Promise<void> {
  const { pk, sk: prefix } = keys.oauthBegun(tenantId, endpointId, "");
  const marks = walk(tables, { table: tables.hot, pk, prefix, attributes: ["pk", "sk"] });
  for await (const { sk } of marks) await deleteState(tables, String(sk).slice(prefix.length));
}

/** As long as nobody took it. The table forgets late: its age is the caller's to judge. */
export async function findState(tables: Tables, state: string): Promise<OAuthState | undefined> {
  const item = await findItem(tables, keys.oauthState(state), { table: tables.hot });
  return item && OAuthState.parse(item);
}

/** Holds for one caller, whoever asks and how often: its code may be exchanged. */
export const stateTaken = (
  tables: Tables,
  state: string,
  otherwise: () => Error,
): ConditionalWrite => remove(tables.hot, keys.oauthState(state), exists(), otherwise);

export async function deleteState(tables: Tables, state: string): Promise<void> {
  await write(tables, remove(tables.hot, keys.oauthState(state)));
}

/** False when another code waits there already, or the state was taken. */
export function parkCode(
  tables: Tables,
  state: string,
  parked: z.infer<typeof Parked>,
): Promise<boolean> {
  const first = all(exists(), absent("parked"));
  return writeIf(tables, set(tables.hot, keys.oauthState(state), { parked }, first));
}

/** Counts a wrong confirmation against what was seen; false when somebody counted meanwhile. */
export function countWrong(
  tables: Tables,
  state: string,
  { wrong }: Pick<OAuthState, "wrong">,
): Promise<boolean> {
  const unchanged = all(exists(), wrong === 0 ? absent("wrong") : matches({ wrong }));
  const counted = { set: { wrong: wrong + 1 } };
  return writeIf(tables, update(tables.hot, keys.oauthState(state), counted, unchanged));
}
