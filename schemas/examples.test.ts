import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { NOUNS, WORKER_CONTRACTS } from "./contracts.ts";
import contracts from "./json/contracts.json" with { type: "json" };

const CONTRACTS: Record<string, z.ZodType> = { ...NOUNS, ...WORKER_CONTRACTS };
const examples = join(import.meta.dirname, "examples");

/**
 * Faults that JSON Schema cannot say: they are refused in TypeScript, where such input enters
 * (docs/adr/0002).
 */
const REFINED = new Set([
  "UnitConfig/invalid/interval-without-minutes.json",
  "EndpointInput/invalid/empty-name.json",
]);

const files = (noun: string, kind: "valid" | "invalid") =>
  readdirSync(join(examples, noun, kind)).map((file) => ({
    name: `${noun}/${kind}/${file}`,
    value: JSON.parse(readFileSync(join(examples, noun, kind, file), "utf8")) as unknown,
  }));
const valid = Object.keys(CONTRACTS).flatMap((noun) =>
  files(noun, "valid").map((one) => ({ noun, ...one })),
);
const invalid = Object.keys(CONTRACTS).flatMap((noun) =>
  files(noun, "invalid").map((one) => ({ noun, ...one })),
);

const ajv = addFormats.default(new Ajv2020({ strict: false }));
ajv.addSchema(contracts, "contracts");
const fitsJsonSchema = (noun: string, value: unknown) =>
  ajv.validate({ $ref: `contracts#/$defs/${noun}` }, value);

describe("golden examples", () => {
  it.each(valid)("$name is accepted, and comes out as it went in", ({ noun, value }) => {
    expect(CONTRACTS[noun]?.parse(value)).toEqual(value);
    expect(fitsJsonSchema(noun, value)).toBe(true);
  });

  it.each(invalid)("$name is refused", ({ noun, name, value }) => {
    expect(CONTRACTS[noun]?.safeParse(value).success).toBe(false);
    expect(fitsJsonSchema(noun, value)).toBe(REFINED.has(name));
  });
});
