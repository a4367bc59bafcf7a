import { canonicalJson } from "../../core/canonical-json.ts";
import { schemaFaults } from "../../core/json-schema.ts";
import { checkKeywords } from "../../core/schema-keywords.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { TransformInput } from "../../schemas/transform.ts";
import { applyMapping, checkMapping } from "./mapping.ts";
import { formatName } from "./media-types.ts";
import {
  checkExpression,
  type EvaluationOptions,
  evaluate,
  readText,
  writeText,
} from "./run-expression.ts";

/** What of a transform does the work. */
export type Rules = Pick<
  TransformInput,
  "expression" | "mapping" | "inputFormat" | "outputFormat" | "inputSchema" | "outputSchema"
>;

/**
 * The output of a transform over a value: the text is read, the input checked, transformed, the
 * output checked and written. Throws `TRANSFORM_FAILED`, with `details.errors` where a schema is
 * not met, and what `evaluate` throws.
 */
export async function applyTransform(
  rules: Rules,
  value: unknown,
  options: EvaluationOptions = {},
): Promise<unknown> {
  const { expression, mapping = [], inputFormat, outputFormat } = rules;
  const input =
    inputFormat && typeof value === "string" ? await readText(inputFormat, value) : value;
  refuseUnfit("input", rules.inputSchema, input);

  const output =
    expression === undefined
      ? applyMapping(mapping, input)
      : await evaluate(expression, input, options);

  refuseUnfit("output", rules.outputSchema, output);
  return outputFormat ? await writeText(outputFormat, output) : output;
}

/**
 * Throws what keeps a transform from being stored: `VALIDATION_ERROR` for its expression, mapping
 * or formats, `CONFIG_INVALID` for its schemas, `TRANSFORM_FAILED` for its sample.
 */
export async function checkTransform(transform: TransformInput): Promise<void> {
  const { inputSchema, outputSchema, sample } = transform;
  await checkRules(transform);
  checkKeywords(
    "the transform",
    [inputSchema, outputSchema].filter((schema) => schema !== undefined),
  );

  if (!sample) return;
  const output = await applyTransform(transform, sample.input);
  if (sample.output !== undefined && canonicalJson(output) !== canonicalJson(sample.output)) {
    const errors = [{ path: "sample.output", message: "is not what comes out. Correct either" }];
    throw new DomainError("TRANSFORM_FAILED", "The sample comes out otherwise.", { errors });
  }
}

/** Throws `VALIDATION_ERROR` for rules that could not be applied to anything. */
export async function checkRules({
  expression,
  mapping,
  inputFormat,
  outputFormat,
}: Rules): Promise<void> {
  if ((expression === undefined) === (mapping === undefined))
    throw notValid("expression", "is required, or mapping in its place: exactly one of them");
  if (inputFormat && !formatName(inputFormat.mediaType))
    throw notValid("inputFormat.mediaType", "has no format here. Use JSON, form, XML or CSV");
  if (outputFormat && !isWritten(outputFormat.mediaType))
    throw notValid("outputFormat.mediaType", "is written by nothing. Use JSON, form, XML or CSV");

  if (mapping) checkMapping(mapping);
  if (expression !== undefined) await checkExpression(expression);
}

/** The boundary of multipart would be lost. */
const isWritten = (mediaType: string) => !["multipart", undefined].includes(formatName(mediaType));

function refuseUnfit(what: "input" | "output", schema: Rules["inputSchema"], value: unknown): void {
  const errors = schema ? schemaFaults(schema, value, what) : [];
  if (errors.length === 0) return;
  const first = errors[0] as (typeof errors)[number];
  const message = `The ${what} does not fit its schema: ${first.path} ${first.message}.`;
  throw new DomainError("TRANSFORM_FAILED", message, { errors });
}

function notValid(path: string, message: string): DomainError {
  const errors = [{ path, message }];
  return new DomainError("VALIDATION_ERROR", `The transform is not valid: ${path} ${message}.`, {
    errors,
  });
}
