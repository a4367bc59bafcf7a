import type { Tables } from "../../adapters/dynamodb/client.ts";
import { getTransform } from "../../adapters/dynamodb/transforms/store.ts";
import { applyTransform } from "./apply-transform.ts";

/** A name, and the version after an `@` where a method must not follow changes. */
const REFERENCE = /^([^@]*)(?:@([1-9]\d{0,8}))?$/;

/**
 * The output of a tenant's stored transform over a value: what a method names in
 * `requestTransform` or `responseTransform`, for example `issue_to_ticket` or `issue_to_ticket@3`.
 * Throws `NOT_FOUND` for an unknown one, `TRANSFORM_FAILED`, `WORKER_BUSY`.
 */
export async function transformWith(
  { tables }: { readonly tables: Tables },
  tenantId: string,
  reference: string,
  value: unknown,
): Promise<unknown> {
  const [, name = "", version] = REFERENCE.exec(reference) ?? [];
  const transform = await getTransform(
    tables,
    tenantId,
    name,
    version === undefined ? undefined : Number(version),
  );

  return applyTransform(transform, value);
}
