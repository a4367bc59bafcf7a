import type { Endpoint } from "../../schemas/endpoint.ts";
import type { EndpointSettingsInput } from "../../schemas/operations-settings.ts";

/** Document 004's integration instance: an endpoint, and what it says of how it is called. */
export interface Instance {
  readonly endpoint: Endpoint;
  readonly settings: EndpointSettingsInput;
}
