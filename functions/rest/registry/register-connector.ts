import { ulid } from "ulid";
import { listPlatformVersions } from "../../../adapters/dynamodb/registry/connectors.ts";
import {
  beginRegistration,
  type StoredRegistration,
} from "../../../adapters/dynamodb/registry/registrations.ts";
import { hasObject } from "../../../adapters/s3/object-reader.ts";
import { throwFaults } from "../../../core/config-faults.ts";
import { mayConnect } from "../../../core/egress-guard.ts";
import {
  type DocumentOptions,
  type ReadDocument,
  readDocument,
} from "../../../integrations/http/openapi/read-document.ts";
import { addressesOf } from "../../../integrations/http/openapi/security.ts";
import { declaredDocument } from "../../../integrations/http/registering/declared-document.ts";
import {
  failRegistration,
  publishConnector,
} from "../../../integrations/http/registering/publish-connector.ts";
import type { ConnectorInput } from "../../../schemas/connector-registration.ts";
import { DomainError } from "../../../schemas/errors.ts";
import { connectorUploadKey } from "../../../schemas/names.ts";
import type { RegisterConnector } from "../../../schemas/operations/registry.ts";
import { type Answer, accepted } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { requireActive } from "../../runtime/tenant-limits.ts";

type Asked = Request<typeof RegisterConnector>;
type Needs = Pick<Deps, "tables" | "defaultQuotas" | "staging" | "allowPrivateNetworks">;

/**
 * A document in the request is read at once (201); one that was uploaded is read by the
 * orchestrator's workers (202).
 */
export async function registerConnector(request: Asked, deps: Needs): Promise<Answer> {
  const { body, identity, now } = request;
  const { quotas } = await requireActive(deps, identity.tenantId);
  await checkInput(request, deps);

  const registration = newRegistration(request);
  if (body.uploadId !== undefined) {
    await requireUpload(request, deps, body.uploadId);
    await beginRegistration(deps.tables, registration, now);
    return accepted(registration.shown, placeOf(body));
  }

  const read = readInput(body, { rules: deps, baseUrl: body.baseUrl, auth: body.auth });
  await beginRegistration(deps.tables, registration, now);
  const { shown } = await published(deps, registration, read, quotas.connectors);
  return { status: 201, body: shown, headers: { location: placeOf(body) } };
}

const placeOf = ({ name, version }: ConnectorInput) =>
  `/connectors/${name}/versions/${version}/registration`;

async function checkInput({ body, identity }: Asked, { tables, ...rules }: Needs): Promise<void> {
  if (body.forEveryTenant && !identity.roles.includes("platform")) {
    throw new DomainError(
      "FORBIDDEN",
      "Connectors for every tenant are published by the role platform. Leave out forEveryTenant.",
    );
  }

  const addresses = [body.baseUrl, ...(body.auth ?? []).flatMap(addressesOf)];
  const inside = addresses.filter((url) => url !== undefined && !mayConnect(url, rules));
  const message = "must be https, without account, on a public host";
  throwFaults(
    "The connector leads to an address that must not be called",
    inside.map((url) => ({ path: url === body.baseUrl ? "baseUrl" : "auth", message })),
  );
  const types = (body.auth ?? []).map(({ type }) => type);
  if (new Set(types).size < types.length)
    throwFaults("The connector is refused", [{ path: "auth", message: "must name a type once" }]);

  if (body.forEveryTenant) return;
  const taken = await listPlatformVersions(tables, body.name);
  if (taken.length > 0) {
    throw new DomainError(
      "CONFLICT",
      `The platform has a connector called ${body.name}. Choose another name.`,
    );
  }
}

function newRegistration({ body, identity, now }: Asked): StoredRegistration {
  const { document: _, methods: __, ...input } = body;
  return {
    owner: body.forEveryTenant ? null : identity.tenantId,
    tenantId: identity.tenantId,
    actor: identity.subject,
    claim: ulid(now.getTime()),
    input,
    shown: {
      name: body.name,
      version: body.version,
      status: body.uploadId === undefined ? "READING" : "QUEUED",
      operationsRead: 0,
      operations: 0,
      methods: 0,
      refused: 0,
      refusedByReason: {},
      refusedOperations: [],
      error: null,
      createdAt: now.toISOString(),
      finishedAt: null,
    },
  };
}

async function requireUpload({ identity }: Asked, { staging }: Needs, uploadId: string) {
  if (await hasObject(staging, connectorUploadKey(identity.tenantId, uploadId))) return;
  throw new DomainError(
    "NOT_FOUND",
    "Nothing was uploaded under this uploadId. Put the document where POST " +
      "/connectors/uploads says, then repeat the request.",
  );
}

/** What was declared by hand was meant: none of it may be refused. */
function readInput(body: ConnectorInput, options: DocumentOptions): ReadDocument {
  if (body.document !== undefined) return readDocument(body.document, options);

  const { document, twice } = declaredDocument(body);
  const read = readDocument(document, options);
  const faults = [
    ...read.refused.map(({ operation, detail }) => ({ path: operation, message: detail })),
    ...twice.map((name) => ({ path: name, message: "has the verb and path of another method" })),
  ];
  throwFaults("A method cannot be called as it is declared", faults);
  return read;
}

async function published(
  { tables }: Needs,
  registration: StoredRegistration,
  read: ReadDocument,
  limit: number,
): Promise<StoredRegistration> {
  const now = () => new Date();
  try {
    return await publishConnector(tables, registration, read, { limit, now });
  } catch (error) {
    const known = error instanceof DomainError ? error : undefined;
    const { code, message } = known ?? { code: "INTERNAL", message: "Register it again." };
    await failRegistration(tables, registration, { code, message }, now());
    throw error;
  }
}
