/**
 * The browser comes back from the vendor. Only the browser that asked is known as that of whoever
 * began, by its cookie: any other is shown a confirmation for that person, and nothing is exchanged
 * (docs/adr/0056).
 */
import {
  deleteState,
  findState,
  parkCode,
  STATE_LASTS_MS,
} from "../../adapters/dynamodb/oauth/states.ts";
import { sealText } from "../../adapters/secrets/credential-store.ts";
import type { OAuthCallbackQuery, OAuthCallbackResult } from "../../schemas/oauth.ts";
import type { OAuthDeps } from "./deps.ts";
import {
  finishAuthorization,
  ownerOf,
  recordRefusal,
  type UnderWay,
} from "./finish-authorization.ts";
import { declined, invalidState, stateExpired } from "./refusals.ts";
import { confirmationOf, hashOf, isTextOf, newConfirmation } from "./tickets.ts";

/** `browser`: the cookie's value. Throws what `finishAuthorization` does, and `AUTH_ERROR`. */
export async function processCallback(
  deps: OAuthDeps,
  { code, state, error }: OAuthCallbackQuery,
  browser: string | undefined,
  now: Date,
): Promise<OAuthCallbackResult> {
  const underWay = await getState(deps, state, now);
  if (error !== undefined || code === undefined)
    return refuseAtVendor(deps, underWay, error ?? "", now);

  if (isTextOf(underWay.stored.browser, browser))
    return finishAuthorization(deps, underWay, code, now);
  return park(deps, underWay, code);
}

/** Throws `VALIDATION_ERROR`, in the words of document 004. */
export async function getState(
  { tables }: OAuthDeps,
  state: string | undefined,
  now: Date,
): Promise<UnderWay> {
  const stored = state === undefined ? undefined : await findState(tables, state);
  if (state === undefined || !stored) throw invalidState();

  const stateAge = now.getTime() - Date.parse(stored.timestamp);
  if (stateAge > STATE_LASTS_MS) {
    await deleteState(tables, state);
    throw stateExpired();
  }
  return { state, stored };
}

/** Somebody said no at the vendor. What was connected before stays connected. */
async function refuseAtVendor(
  { tables }: OAuthDeps,
  { state, stored }: UnderWay,
  said: string,
  now: Date,
): Promise<never> {
  const refusal = declined(said);
  await deleteState(tables, state);
  await recordRefusal(tables, stored, "oauth2", refusal.message, now);
  throw refusal;
}

async function park(
  { tables, credentials }: OAuthDeps,
  { state, stored }: UnderWay,
  code: string,
): Promise<OAuthCallbackResult> {
  const confirmation = newConfirmation();
  const parked = {
    code: await sealText(credentials, ownerOf(stored), code),
    confirmation: hashOf(confirmationOf(state, confirmation)),
  };
  if (!(await parkCode(tables, state, parked))) throw invalidState();

  const expiresAt = new Date(Date.parse(stored.timestamp) + STATE_LASTS_MS).toISOString();
  const message =
    "Nothing is connected yet. If you began this yourself, confirm it where you began, with the " +
    "letters shown here. If somebody sent you here, close this page.";
  return { status: "UNCONFIRMED", confirmation, expiresAt, message };
}
