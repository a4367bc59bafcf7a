import * as z from "zod";
import { ERROR_CODES } from "./errors.ts";
import { Id, Instant, Json, textLike } from "./scalars.ts";

export const TransformName = textLike(
  /^[a-z][a-z0-9_-]{0,62}$/,
  "small letters, digits, dashes and underscores, with a letter first",
  "issue_to_ticket",
).describe("Unique in the tenant. Methods name it in `requestTransform` and `responseTransform`.");

/** What a value may be converted to, without loss (`integrations/transform/conversions.ts`). */
export const CONVERSIONS = [
  "toText",
  "toNumber",
  "toInteger64",
  "toDecimal",
  "toBoolean",
  "toInstant",
  "toZone",
  "toDate",
  "toEpoch",
  "fromEpoch",
] as const;
export type Conversion = (typeof CONVERSIONS)[number];

/** Names with dots between them, and `[]` behind those of lists. */
const MappingPath = z.string().min(1).max(500);

export const MappingRule = z
  .strictObject({
    to: MappingPath.describe("Where the value goes in the output."),
    from: MappingPath.optional().describe(
      "Where the value is in the input. Has as many `[]` as `to`: items stay at their places.",
    ),
    value: z
      .union([z.string().max(10_000), z.number(), z.boolean(), z.null()])
      .optional()
      .describe("The value itself, in the place of `from`; beside it, what a missing one becomes."),
    as: z.enum(CONVERSIONS).optional().describe("What the value is converted to, without loss."),
    argument: z
      .union([z.string().max(100), z.int().min(0).max(100)])
      .optional()
      .describe("Of the conversion: a scale, a zone, or a unit of time."),
  })
  .meta({ id: "MappingRule" });
export type MappingRule = z.infer<typeof MappingRule>;

/** How a text is read, or written, whose value is transformed. */
export const TransformFormat = z
  .strictObject({
    mediaType: z.string().max(200).describe("For example `application/xml` or `text/csv`."),
    lists: z
      .array(z.string().max(500))
      .max(100)
      .optional()
      .describe("XML: elements that are lists even when there is one. For example `feed.entry`."),
    numbers: z
      .array(z.string().max(500))
      .max(100)
      .optional()
      .describe("JSON that is written: where texts of digits are numbers. For example `*.id`."),
    delimiter: z.string().length(1).optional().describe("CSV: between columns."),
    header: z.boolean().optional().describe("CSV: whether the first line names the columns."),
  })
  .meta({ id: "TransformFormat" });
export type TransformFormat = z.infer<typeof TransformFormat>;

const rules = {
  expression: z
    .string()
    .min(1)
    .max(32_768)
    .optional()
    .describe("JSONata (docs/integrations/transforms.md). Either this or `mapping`."),
  mapping: z.array(MappingRule).min(1).max(500).optional(),
  inputFormat: TransformFormat.optional().describe("Of inputs that are texts."),
  outputFormat: TransformFormat.optional().describe("The output is a text of this format."),
};

export const TransformInput = z
  .strictObject({
    ...rules,
    description: z.string().max(2000).optional(),
    inputSchema: Json.optional().describe("JSON Schema that an input must fit."),
    outputSchema: Json.optional().describe("JSON Schema that an output must fit."),
    sample: z
      .strictObject({
        input: z.unknown(),
        output: z.unknown().optional().describe("What must come out of it. Left out: anything."),
      })
      .optional()
      .describe("Is tried before the transform is stored."),
  })
  .meta({ id: "TransformInput" });
export type TransformInput = z.infer<typeof TransformInput>;

/** A tenant's transform, in one of its versions. */
export const Transform = z
  .strictObject({
    ...TransformInput.shape,
    tenantId: Id,
    name: TransformName,
    version: z.int().min(1).describe("Rises with each change. The last fifty can be read."),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Transform" });
export type Transform = z.infer<typeof Transform>;

export const TransformTest = z
  .strictObject({
    ...rules,
    name: TransformName.optional().describe("A stored transform, in the place of an expression."),
    version: z.int().min(1).optional().describe("Of the stored one. Left out: the newest."),
    input: z.unknown().describe("What is transformed."),
  })
  .meta({ id: "TransformTest" });
export type TransformTest = z.infer<typeof TransformTest>;

/** Bounds of an evaluation (docs/integrations/transforms.md). */
const TRANSFORM_CAPS = ["TIME", "MEMORY", "OUTPUT", "DEPTH", "SEQUENCE"] as const;
export type TransformCap = (typeof TRANSFORM_CAPS)[number];

export const TransformTestResult = z
  .strictObject({
    output: z.unknown().describe("Null when it failed."),
    durationMs: z.int().min(0),
    cap: z.enum(TRANSFORM_CAPS).nullable().describe("The cap that ended it."),
    error: z
      .strictObject({
        code: z.enum(ERROR_CODES),
        message: z.string().describe("Names no value of the input."),
        position: z.int().nullable().describe("Character of the expression, from 0."),
      })
      .nullable(),
  })
  .meta({ id: "TransformTestResult" });
export type TransformTestResult = z.infer<typeof TransformTestResult>;
