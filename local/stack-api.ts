import { type ApiClient, apiClient } from "../client/api-client.ts";

/**
 * The emulator answers in tens of milliseconds on an idle machine, and much later on a busy
 * one.
 */
const TIMEOUT_MILLIS = 300_000;

/** The running stack's API, for whoever has the token; null asks without one. */
export function stackApi(apiUrl: string, token: string | null): ApiClient {
  return apiClient({ baseUrl: apiUrl, token: () => token, timeoutMillis: TIMEOUT_MILLIS });
}
