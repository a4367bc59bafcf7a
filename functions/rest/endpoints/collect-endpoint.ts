import { ulid } from "ulid";
import {
  aNewCollection,
  findCollection,
  queueCollection,
} from "../../../adapters/dynamodb/catalog/collections.ts";
import { getEndpoint } from "../../../adapters/dynamodb/endpoints/store.ts";
import { idempotencyWrite, oncePerKey } from "../../../adapters/dynamodb/requests/idempotency.ts";
import { transact } from "../../../adapters/dynamodb/table/transact.ts";
import { requireCatalogue } from "../../../core/catalogue-rules.ts";
import { Collection } from "../../../schemas/collection.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { CollectEndpoint } from "../../../schemas/operations/endpoints.ts";
import { connectorOf } from "../../commands/endpoint-changes.ts";
import { type Answer, accepted } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";
import { requireActive } from "../../runtime/tenant-limits.ts";

type Needs = Pick<Deps, "tables" | "defaultQuotas">;

export async function collectEndpoint(
  request: Request<typeof CollectEndpoint>,
  deps: Needs,
): Promise<Answer> {
  const { identity, idempotency, now } = request;
  const keyed = { tenantId: identity.tenantId, idempotency, now };
  const parse = (recorded: unknown) => Collection.parse(recorded);
  return collecting(await oncePerKey(deps.tables, keyed, parse, () => queue(request, deps)));
}

/** The collection that is under way, or a new one. */
async function queue(
  { path, identity, idempotency, now }: Request<typeof CollectEndpoint>,
  deps: Needs,
): Promise<Collection> {
  const { tables } = deps;
  const { tenantId, subject } = identity;
  const { endpointId } = path;
  const endpoint = await getEndpoint(tables, tenantId, endpointId);
  if (!endpoint.enabled)
    throw new DomainError("ENDPOINT_DISABLED", "The endpoint is disabled. Enable it to collect.");
  requireCatalogue(await connectorOf(deps, endpoint));
  const { quotas } = await requireActive(deps, tenantId);
  const last =
    endpoint.collectionId &&
    (await findCollection(tables, tenantId, endpointId, endpoint.collectionId));
  if (last && last.finishedAt === null) {
    if (idempotency)
      await transact(tables, [idempotencyWrite(tables, tenantId, idempotency, last, now)]);
    return last;
  }

  const collectionId = `col_${ulid(now.getTime())}`;
  const collection = aNewCollection({ tenantId, endpointId, collectionId, trigger: "MANUAL" }, now);
  await queueCollection(tables, collection, endpoint, subject, {
    idempotency,
    limit: quotas.runningProbes,
  });
  return collection;
}

const collecting = (collection: Collection) =>
  accepted(
    collection,
    `/endpoints/${collection.endpointId}/collections/${collection.collectionId}`,
  );
