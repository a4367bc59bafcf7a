import { findRegistration } from "../../adapters/dynamodb/registry/registrations.ts";
import { removeObject } from "../../adapters/s3/object-removal.ts";
import { failRegistration } from "../../integrations/http/registering/publish-connector.ts";
import type { FailConnectorRegistrationInput } from "../../schemas/activities.ts";
import { connectorUploadKey } from "../../schemas/names.ts";
import type { DeletionDeps } from "./deps.ts";

/** Says why it failed, and removes what is left of it. Done before, it does nothing. */
export async function failConnectorRegistration(
  { tables, staging, now }: Pick<DeletionDeps, "tables" | "staging" | "now">,
  { tenantId, owner, name, version, claim, error }: FailConnectorRegistrationInput,
): Promise<void> {
  const found = await findRegistration(tables, owner, name, version);
  if (found?.claim !== claim || found.shown.finishedAt !== null) return;

  await failRegistration(tables, found, error, now());
  await removeObject(staging, connectorUploadKey(tenantId, found.input.uploadId ?? ""));
}
