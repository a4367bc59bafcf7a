import {
  findTransform,
  hasTransforms,
  saveTransform,
} from "../../../adapters/dynamodb/transforms/store.ts";
import { checkTransform } from "../../../integrations/transform/apply-transform.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { PutTransform } from "../../../schemas/operations/transforms.ts";
import type { Transform } from "../../../schemas/transform.ts";
import { type Answer, versioned } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import { requireMatch } from "../../runtime/if-match.ts";
import type { Request } from "../../runtime/request.ts";

/** More than anybody keeps in mind. */
const MOST_TRANSFORMS = 500;

export async function putTransform(
  { path, body, identity, ifMatch, now }: Request<typeof PutTransform>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { tenantId, subject } = identity;
  const name = path.transformName;
  const seen = await findTransform(tables, tenantId, name);
  if (seen) requireMatch(ifMatch, seen);
  else if (typeof ifMatch === "number") throw gone();
  else if (await hasTransforms(tables, tenantId, MOST_TRANSFORMS)) throw tooMany();

  await checkTransform(body);
  const at = now.toISOString();
  const transform: Transform = {
    ...body,
    tenantId,
    name,
    version: (seen?.version ?? 0) + 1,
    createdAt: seen?.createdAt ?? at,
    updatedAt: at,
  };

  await saveTransform(tables, transform, seen, subject);
  return versioned(transform, seen ? 200 : 201);
}

function gone(): DomainError {
  const remedy = "Send the change without If-Match to create it.";
  return new DomainError("STALE_VERSION", `There is no such transform any more. ${remedy}`);
}

function tooMany(): DomainError {
  const remedy = "Delete one first.";
  return new DomainError("QUOTA_EXCEEDED", `A tenant has ${MOST_TRANSFORMS} transforms. ${remedy}`);
}
