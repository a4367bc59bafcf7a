import { findEndpointDeletion } from "../../adapters/dynamodb/deletion/endpoint-deletion.ts";
import type { DeletionBegun, EndpointAddress } from "../../schemas/deletion.ts";
import type { Deps } from "./deps.ts";

/** A function lives 29 s at most, and the bridge gives up on the orchestrator after 10. */
const LONGEST_REQUEST_MS = 30_000;

/**
 * When whoever found the endpoint before its deletion has ended; null when the deletion is done.
 */
export async function beginEndpointDeletion(
  { tables, now }: Deps,
  input: EndpointAddress,
): Promise<DeletionBegun | null> {
  const deletion = await findEndpointDeletion(tables, input);
  if (!deletion) return null;
  // From now, not from the request: its own transaction may have been tried again for seconds
  // before it held.
  return { quietAt: new Date(now().getTime() + LONGEST_REQUEST_MS).toISOString() };
}
