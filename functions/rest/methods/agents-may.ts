import { findMethod } from "../../../adapters/dynamodb/registry/methods.ts";
import type { Instance } from "../../../integrations/methods/instance.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { Deps } from "../../runtime/deps.ts";

/**
 * Throws `FORBIDDEN` when an agent asks for a method that changes something and that the endpoint's
 * settings do not list. Whether there is such a method is the executor's to say.
 */
export async function requireAgentMay(
  { tables }: Pick<Deps, "tables">,
  { endpoint, settings }: Instance,
  name: string,
): Promise<void> {
  if (settings.agentMethods?.includes(name)) return;
  const { tenantId, connector, connectorVersion } = endpoint;
  const found = await findMethod(tables, tenantId, connector, connectorVersion, name);
  if (!found || found.method.safe) return;

  throw new DomainError(
    "FORBIDDEN",
    "The method changes something, and the endpoint does not list it for agents. Ask an admin to " +
      "add it to agentMethods: PUT /endpoints/{endpointId}/settings.",
  );
}
