/** The two transforms that document 004 prints, where a method names one of the tenant's own. */
import { DomainError } from "../../schemas/errors.ts";
import type { Params } from "../plugin.ts";
import { transformWith } from "../transform/transform-with.ts";
import type { MethodDeps } from "./call.ts";
import type { Target } from "./trace.ts";

type Deps = Pick<MethodDeps, "tables">;

/** What the adapter makes the request of. Throws `TRANSFORM_FAILED`, `NOT_FOUND`. */
export async function transformedParams(
  deps: Deps,
  { instance, method }: Target,
  params: Params,
): Promise<Params> {
  if (!method.requestTransform) return params;

  const { tenantId } = instance.endpoint;
  const made = await transformWith(deps, tenantId, method.requestTransform, params);
  if (typeof made === "object" && made !== null && !Array.isArray(made)) return made as Params;
  const remedy = "Let it make an object of parameters.";
  throw new DomainError("TRANSFORM_FAILED", `The request transform makes no object. ${remedy}`);
}

/** What the caller is answered of the adapter's data. Throws as `transformedParams` does. */
export async function transformedData(
  deps: Deps,
  { instance, method }: Target,
  data: unknown,
): Promise<unknown> {
  if (!method.responseTransform) return data;
  const { tenantId } = instance.endpoint;
  return transformWith(deps, tenantId, method.responseTransform, data);
}
