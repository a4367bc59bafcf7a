import { getTransform } from "../../../adapters/dynamodb/transforms/store.ts";
import {
  applyTransform,
  checkRules,
  type Rules,
} from "../../../integrations/transform/apply-transform.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { TestTransform } from "../../../schemas/operations/transforms.ts";
import type { TransformCap, TransformTestResult } from "../../../schemas/transform.ts";
import { type Answer, ok } from "../../runtime/answer.ts";
import type { Deps } from "../../runtime/deps.ts";
import type { Request } from "../../runtime/request.ts";

export async function testTransform(
  request: Request<typeof TestTransform>,
  { tables }: Pick<Deps, "tables">,
): Promise<Answer> {
  const { body, now } = request;
  const rules = await rulesOf(request, tables);

  const started = performance.now();
  const durationMs = () => Math.round(performance.now() - started);
  try {
    const output = await applyTransform(rules, body.input, { now });
    return ok(result({ output: output ?? null, durationMs: durationMs() }));
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "TRANSFORM_FAILED") throw error;
    return ok(result({ durationMs: durationMs(), ...failureOf(error) }));
  }
}

/** Throws `VALIDATION_ERROR` where both, or none, are given. */
async function rulesOf(
  { body, identity }: Request<typeof TestTransform>,
  tables: Deps["tables"],
): Promise<Rules> {
  const { name, version, input: _, ...rules } = body;
  if (name === undefined) {
    await checkRules(rules);
    return rules;
  }

  if (Object.keys(rules).length > 0) {
    const errors = [{ path: "body.name", message: "must stand alone. Leave out the others" }];
    throw new DomainError("VALIDATION_ERROR", "A stored transform is tested as it is.", { errors });
  }
  return getTransform(tables, identity.tenantId, name, version);
}

const result = (found: Partial<TransformTestResult> & { durationMs: number }) => ({
  output: null,
  cap: null,
  error: null,
  ...found,
});

function failureOf({ code, message, details }: DomainError) {
  const position = typeof details.position === "number" ? details.position : null;
  const cap = (details.cap ?? null) as TransformCap | null;
  return { cap, error: { code, message, position } };
}
