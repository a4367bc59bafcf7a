/** JSON Schemas of parameters, each with a description and a bound. */
type Schema = Record<string, unknown>;

/** The parameters of a method. A name with `?` may be left out. */
export function paramsOf(properties: Record<string, Schema>): Schema {
  const named = Object.entries(properties).map(([name, schema]) => [name.replace("?", ""), schema]);
  return {
    type: "object",
    properties: Object.fromEntries(named),
    required: Object.keys(properties).filter((name) => !name.endsWith("?")),
    additionalProperties: false,
  };
}

export function text(description: string, more: Schema = {}): Schema {
  return { type: "string", minLength: 1, maxLength: 255, description, ...more };
}

/** Text of a length that nobody types by mistake; the vendor may take less. */
export function longText(description: string, more: Schema = {}): Schema {
  return { type: "string", maxLength: 65_536, description, ...more };
}

export function integer(
  description: string,
  minimum: number,
  maximum: number,
  more: Schema = {},
): Schema {
  return { type: "integer", minimum, maximum, description, ...more };
}

export function flag(description: string): Schema {
  return { type: "boolean", description };
}

export function oneOf(description: string, values: readonly string[], more: Schema = {}): Schema {
  return { type: "string", enum: values, description, ...more };
}

export function instant(description: string): Schema {
  return { type: "string", format: "date-time", description, examples: ["2026-11-30T08:00:00Z"] };
}

export function list(description: string, items: Schema, maxItems: number): Schema {
  return { type: "array", items, maxItems, description };
}

/** An object in the vendor's own shape. */
export function free(description: string, more: Schema = {}): Schema {
  return { type: "object", maxProperties: 500, description, ...more };
}

/** What a method answers whose vendor says nothing but that it is done. */
export const NOTHING: Schema = { type: "null", description: "The vendor answers nothing." };

/** What a list answers: its items, and the parameters that ask for the page behind it. */
export function pageSchema(description: string): Schema {
  return {
    type: "object",
    properties: {
      items: { type: "array", description },
      nextPage: {
        type: ["object", "null"],
        description: "Add these parameters to ask for the next page. Null: this was the last.",
      },
    },
    required: ["items", "nextPage"],
  };
}
