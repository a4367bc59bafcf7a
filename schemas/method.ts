/** A callable operation of a connector (document 004, "Method Executor"). */
import * as z from "zod";
import { Json, textLike } from "./scalars.ts";

/** Hand-made methods are named in code; those of an OpenAPI document by its `operationId`. */
export const MethodName = textLike(
  /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/,
  "a method's name of letters, digits, dots, dashes and underscores",
  "searchIssues",
).describe("Unique in the connector's version. For example `searchIssues`.");

export const Method = z
  .strictObject({
    name: MethodName,
    title: z.string().max(200),
    description: z.string().max(2000),
    resource: z.string().max(100).nullish().describe("What it is about. For example `issue`."),
    paramSchema: Json.describe("JSON Schema of the parameters: one object."),
    responseSchema: Json.nullish().describe("JSON Schema of `data`. Left out where unknown."),
    safe: z.boolean().describe("It changes nothing at the vendor: a read."),
    idempotent: z.boolean().describe("Doing it twice has the effect of doing it once."),
    idempotencyHeader: z
      .string()
      .max(64)
      .nullish()
      .describe("Header in which the vendor takes a key that makes a repetition harmless."),
    scopes: z
      .array(z.string().max(200))
      .describe("The least that the credential must allow, in the vendor's words."),
    requestTransform: z
      .string()
      .max(200)
      .nullish()
      .describe("Name of the transform that makes the request of the parameters."),
    responseTransform: z
      .string()
      .max(200)
      .nullish()
      .describe("Name of the transform that makes `data` of the answer."),
  })
  .meta({ id: "Method" });
export type Method = z.infer<typeof Method>;
