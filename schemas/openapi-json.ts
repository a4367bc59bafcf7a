/**
 * What `core/plain-json.ts` takes of free JSON, in JSON Schema: zod's own translation of `Json`
 * says only "an object".
 */
import { Credentials } from "./endpoint.ts";
import { Json } from "./scalars.ts";

const propertyNames = { minLength: 1, not: { const: "__proto__" } };
const value = { $ref: "#/components/schemas/JsonValue" };
/** Exact in every language, and not so near to zero that a store would round it. */
const NUMBER = {
  type: "number",
  anyOf: [
    { const: 0 },
    { minimum: 1e-100, maximum: Number.MAX_SAFE_INTEGER },
    { minimum: -Number.MAX_SAFE_INTEGER, maximum: -1e-100 },
  ],
};

/** Components that requests refer to. */
export const JSON_COMPONENTS = {
  JsonObject: {
    type: "object",
    propertyNames,
    additionalProperties: value,
    description: "A JSON object, nested at most 24 deep.",
  },
  JsonValue: {
    anyOf: [
      { type: ["string", "boolean", "null"] },
      NUMBER,
      { type: "array", items: value },
      { $ref: "#/components/schemas/JsonObject" },
    ],
  },
} as const;

/** Renders what a request may hold where zod cannot say it; answers stay as they are. */
export function overrideJson({ zodSchema, jsonSchema, io }: Rendered): void {
  if (io !== "input") return;
  if (zodSchema === Json) replace(jsonSchema, { $ref: "#/components/schemas/JsonObject" });
  if (zodSchema === Credentials.shape.secret) jsonSchema.propertyNames = propertyNames;
}

interface Rendered {
  readonly zodSchema: unknown;
  readonly jsonSchema: Record<string, unknown>;
  readonly io: "input" | "output";
}

function replace(schema: Record<string, unknown>, by: Record<string, unknown>): void {
  for (const name of Object.keys(schema)) delete schema[name];
  Object.assign(schema, by);
}
