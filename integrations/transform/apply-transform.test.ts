import { describe, expect, it } from "vitest";
import type { TransformInput } from "../../schemas/transform.ts";
import { applyTransform, checkTransform } from "./apply-transform.ts";

const NUMBERED = { type: "object", required: ["n"], properties: { n: { type: "integer" } } };

describe("a transform", () => {
  it("reads a text, transforms its value, and writes another", async () => {
    const output = await applyTransform(
      {
        expression: 'feed.entry.{"id": id, "title": title}',
        inputFormat: { mediaType: "application/atom+xml", lists: ["feed.entry"] },
        outputFormat: { mediaType: "text/csv", delimiter: ";" },
      },
      "<feed><entry><id>007</id><title>=1+1</title></entry><entry><id>8</id><title/></entry></feed>",
    );
    expect(output).toBe('id;title\r\n007;\'=1+1\r\n8;""\r\n');
  });

  it("keeps an identifier of 64 bits from text to text", async () => {
    const output = await applyTransform(
      {
        mapping: [{ to: "items[].key", from: "rows[].id", as: "toInteger64" }],
        inputFormat: { mediaType: "application/json" },
        outputFormat: { mediaType: "application/json", numbers: ["items.*.key"] },
      },
      '{"rows":[{"id":9223372036854775807},{"id":12}]}',
    );
    expect(output).toBe('{"items":[{"key":9223372036854775807},{"key":12}]}');
  });

  it("fails for an input and for an output that do not fit their schemas", async () => {
    const rules = {
      expression: '{"n": $string(n)}',
      inputSchema: NUMBERED,
      outputSchema: NUMBERED,
    };
    await expect(applyTransform(rules, {})).rejects.toMatchObject({
      code: "TRANSFORM_FAILED",
      details: { errors: [{ path: "input.n", message: "is required" }] },
    });
    await expect(applyTransform(rules, { n: 1 })).rejects.toMatchObject({
      code: "TRANSFORM_FAILED",
      details: { errors: [{ path: "output.n", message: "must be integer" }] },
    });
  });
});

describe("before a transform is stored", () => {
  const sample = { input: { a: 1 }, output: 2 };

  it("its sample comes out as it says", async () => {
    await checkTransform({ expression: "a + 1", sample });
    await expect(checkTransform({ expression: "a + 2", sample })).rejects.toMatchObject({
      code: "TRANSFORM_FAILED",
      details: { errors: [{ path: "sample.output", message: expect.any(String) }] },
    });
  });

  it.each<[string, string, TransformInput]>([
    ["neither expression nor mapping", "VALIDATION_ERROR", {}],
    ["both", "VALIDATION_ERROR", { expression: "1", mapping: [{ to: "a", value: 1 }] }],
    ["a bad expression", "VALIDATION_ERROR", { expression: "1 +" }],
    ["a bad mapping", "VALIDATION_ERROR", { mapping: [{ to: "a" }] }],
    [
      "an unknown format",
      "VALIDATION_ERROR",
      { expression: "1", inputFormat: { mediaType: "image/png" } },
    ],
    [
      "a format that needs a boundary",
      "VALIDATION_ERROR",
      { expression: "1", outputFormat: { mediaType: "multipart/form-data" } },
    ],
    [
      "a schema with an unknown keyword",
      "CONFIG_INVALID",
      { expression: "1", inputSchema: { dependentSchemas: {} } },
    ],
    [
      "a schema whose pattern could run away",
      "CONFIG_INVALID",
      { expression: "1", outputSchema: { type: "string", pattern: "^(a+)+$" } },
    ],
    ["a sample that fails", "TRANSFORM_FAILED", { expression: '"x" + 1', sample: { input: 1 } }],
  ])("%s is refused", async (_what, code, transform) => {
    await expect(checkTransform(transform)).rejects.toMatchObject({ code });
  });
});
