import { ulid } from "ulid";
import { aNewCollection, findCollection, queueCollection } from "../../adapters/dynamodb/collection-store.ts";
import { getEndpoint } from "../../adapters/dynamodb/endpoint-store.ts";
import { findAnswer } from "../../adapters/dynamodb/idempotency-store.ts";
import { Collection } from "../../schemas/collection.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { CollectEndpoint } from "../../schemas/operations/endpoints.ts";
import { type Answer, accepted } from "../runtime/answer.ts";
import type { Deps } from "../runtime/deps.ts";
import type { Request } from "../runtime/request.ts";
import { requireActive } from "../runtime/tenant-limits.ts";

export async function collectEndpoint(
  { path, identity, idempotency, now }: Request<typeof CollectEndpoint>,
  deps: Pick<Deps, "tables" | "defaultQuotas">,
): Promise<Answer> {
  const { tables } = deps;
  const { tenantId, subject } = identity;
  const { endpointId } = path;
  const endpoint = await getEndpoint(tables, tenantId, endpointId);
  const answered = idempotency && (await findAnswer(tables, tenantId, idempotency, now));
  if (answered) return collecting(Collection.parse(answered));
  if (!endpoint.enabled) throw new DomainError("ENDPOINT_DISABLED", "The endpoint is disabled. Enable it to collect.");
  const { quotas } = await requireActive(deps, tenantId);
  const last = endpoint.collectionId && (await findCollection(tables, tenantId, endpointId, endpoint.collectionId));
  if (last && last.finishedAt === null) return collecting(last);
  const collectionId = `col_${ulid(now.getTime())}`;
  const collection = aNewCollection({ tenantId, endpointId, collectionId, trigger: "MANUAL" }, now);
  await queueCollection(tables, collection, endpoint, subject, { idempotency, limit: quotas.runningProbes });
  return collecting(collection);
}

const collecting = (collection: Collection) =>
  accepted(collection, `/endpoints/${collection.endpointId}/collections/${collection.collectionId}`);
