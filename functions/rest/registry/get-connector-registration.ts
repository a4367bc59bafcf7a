import { findRegistration } from "../../../adapters/dynamodb/registry/registrations.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { GetConnectorRegistration } from "../../../schemas/operations/registry.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function getConnectorRegistration(
  { path, identity }: Request<typeof GetConnectorRegistration>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { name, version } = path;
  const found =
    (await findRegistration(tables, identity.tenantId, name, version)) ??
    (await findRegistration(tables, null, name, version));
  if (found) return ok(found.shown);
  throw new DomainError(
    "NOT_FOUND",
    "No such version was registered. Register it: POST /connectors.",
  );
}
