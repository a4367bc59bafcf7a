import { getConnector } from "../../../adapters/dynamodb/registry/connectors.ts";
import { findOwner } from "../../../adapters/dynamodb/registry/owner.ts";
import { saveConnectorStatus } from "../../../adapters/dynamodb/registry/registrations.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { PatchConnectorVersion } from "../../../schemas/operations/registry.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function patchConnectorVersion(
  { path, body, identity, now }: Request<typeof PatchConnectorVersion>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { tenantId, subject, roles } = identity;
  const connector = await getConnector(tables, tenantId, path.name, path.version);
  const owner = (await findOwner(tables, tenantId, path.name, path.version)) ?? null;
  if (owner === null && !roles.includes("platform")) {
    throw new DomainError(
      "FORBIDDEN",
      "The connector is the platform's, whose role platform sets its status. Ask it.",
    );
  }

  if (connector.status !== body.status) {
    const by = { tenantId, actor: subject, at: now.toISOString() };
    await saveConnectorStatus(tables, { owner, connector }, body.status, by);
  }
  return ok({ ...connector, status: body.status });
}
