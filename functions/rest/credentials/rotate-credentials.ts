import { ulid } from "ulid";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { auditWrite } from "../../../adapters/dynamodb/journal/entries.ts";
import { write } from "../../../adapters/dynamodb/table/write.ts";
import { signGrant } from "../../../integrations/credentials/grants.ts";
import type { BrokeredCredential, BrokerRequest } from "../../../schemas/credential-grant.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { RotateCredentials } from "../../../schemas/operations/credentials.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export interface RotationDeps extends Pick<Deps, "tables"> {
  readonly grantKey: Uint8Array;
  readonly askBroker: (request: BrokerRequest) => Promise<BrokeredCredential>;
}

const GRANTED_SECONDS = 60;

/** What the broker answers stays here: who rotates a credential gets none. */
export async function rotateCredentials(
  { path, identity, now }: Request<typeof RotateCredentials>,
  { tables, grantKey, askBroker }: RotationDeps,
): Promise<Answer> {
  const { tenantId, subject: actor } = identity;
  const { endpointId } = path;
  const seen = await getEndpoint(tables, tenantId, endpointId);
  if (seen.credentialVersion === null) throw noCredentials();

  const grant = await signGrant(grantKey, {
    tenantId,
    ownerId: endpointId,
    purpose: "maintenance",
    subject: `rotation_${ulid(now.getTime())}`,
    exp: Math.floor(now.getTime() / 1000) + GRANTED_SECONDS,
  });
  const { version } = await askBroker({ grant, rotate: true });

  const after = { versionId: version };
  const entry = { tenantId, at: now.toISOString(), actor, action: "endpoint.credentials.rotate" };
  const before = { versionId: seen.credentialVersion };
  await write(
    tables,
    auditWrite(tables, { ...entry, subject: `endpoint/${endpointId}`, before, after }),
  );
  return ok(await getEndpoint(tables, tenantId, endpointId));
}

const noCredentials = () =>
  new DomainError(
    "CONFLICT",
    "The endpoint has no credentials. Store them with PUT /endpoints/{endpointId}/credentials.",
  );
