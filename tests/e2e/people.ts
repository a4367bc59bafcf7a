/** Who asks: clients of the running stack, each with a token of its own. */
import { type ApiClient, apiClient } from "../../local/api-client.ts";
import { readStack } from "../../local/stack-file.ts";

/** Admin of the tenant `demo`. */
export const admin = (): ApiClient => apiClient(readStack().apiUrl, readStack().token);
export const viewer = (): ApiClient => apiClient(readStack().apiUrl, readStack().viewerToken);
/** Admin of the tenant `other`. */
export const stranger = (): ApiClient => apiClient(readStack().apiUrl, readStack().otherTenantToken);
export const bearing = (token: string | null): ApiClient => apiClient(readStack().apiUrl, token);
