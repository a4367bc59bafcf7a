/** Whoever began finishes with a token, where the browser at the end was not known. */
import { countWrong, deleteState, type OAuthState } from "../../adapters/dynamodb/oauth/states.ts";
import { openEnvelope } from "../../adapters/secrets/read-credentials.ts";
import type { CompleteInput } from "../../schemas/oauth.ts";
import type { Identity } from "../../schemas/tenant.ts";
import { getState } from "./callback.ts";
import type { OAuthDeps } from "./deps.ts";
import {
  type ConnectedResult,
  finishAuthorization,
  ownerOf,
  type UnderWay,
} from "./finish-authorization.ts";
import { invalidState } from "./refusals.ts";
import { confirmationOf, isTextOf } from "./tickets.ts";

const TRIES = 5;

/**
 * Another person's state, of the same tenant or not, is answered like none. Throws what
 * `finishAuthorization` does.
 */
export async function completeAuthorization(
  deps: OAuthDeps,
  { state, code, confirmation = "" }: CompleteInput,
  { tenantId, subject }: Identity,
  now: Date,
): Promise<ConnectedResult> {
  const underWay = await getState(deps, state, now);
  const { stored } = underWay;
  if (stored.tenantId !== tenantId || stored.subject !== subject) throw invalidState();

  const granted = code ?? (await parkedCode(deps, underWay, confirmation));
  return finishAuthorization(deps, underWay, granted, now);
}

/** Each try is counted before it is judged, so that trying many at once helps nobody. */
async function parkedCode(
  deps: OAuthDeps,
  { state, stored }: UnderWay,
  confirmation: string,
): Promise<string> {
  const { parked } = stored;
  if (!parked || !(await countTry(deps, state, stored))) throw invalidState();
  if (!isTextOf(parked.confirmation, confirmationOf(state, confirmation))) throw invalidState();
  return openEnvelope(deps.credentials, ownerOf(stored), parked.code);
}

async function countTry(
  { tables }: OAuthDeps,
  state: string,
  stored: OAuthState,
): Promise<boolean> {
  if (stored.wrong < TRIES) return countWrong(tables, state, stored);
  await deleteState(tables, state);
  return false;
}
