/** One operation of a document as a method, with the template by which it is called. */
import type { RegisteredMethod } from "../../../adapters/dynamodb/registry/methods.ts";
import type { CallTemplate } from "../../../schemas/http-connector.ts";
import { readBody } from "./bodies.ts";
import { BOUNDS } from "./bounds.ts";
import { cut, isNode, listAt, member, type Node, nodeAt, resolved, textAt } from "./document.ts";
import { type ReadParameter, readParameters } from "./parameters.ts";
import type { Schema } from "./reduce-schema.ts";
import { Refused } from "./refused.ts";
import type { SchemaReader } from "./schema-reader.ts";
import type { Security } from "./security.ts";
import { namesServers } from "./servers.ts";

export interface FoundOperation {
  readonly verb: string;
  readonly path: string;
  readonly pathItem: Node;
  readonly operation: Node;
}

interface Readers {
  readonly document: Node;
  readonly params: SchemaReader;
  readonly answers: SchemaReader;
  readonly security: Security;
}

const VERBS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

/** Throws `Refused` for an operation that cannot be called. */
export function readOperation(
  readers: Readers,
  { verb: said, path, pathItem, operation }: FoundOperation,
  name: string,
): RegisteredMethod {
  const { document, security } = readers;
  const verb = VERBS.find((one) => one === said);
  if (!verb) throw new Refused("VERB", `The verb ${said} is not called.`);
  checkPath(path);
  if (namesServers(pathItem) || namesServers(operation))
    throw new Refused(
      "SERVER",
      "It is at an address of its own, and credentials stay at one host.",
    );

  const parameters = readParameters(document, pathItem, operation);
  checkPathParameters(path, parameters);
  const body = readBody(document, verb, operation);
  const scopes = security.scopesOf(operation);
  const answer = answerOf(document, operation);
  const call: CallTemplate = {
    verb,
    path,
    parameters: parameters.map((one) => one.call),
    body: body?.call ?? null,
    accept: answer.mediaType,
  };

  const safe = verb === "GET" || verb === "HEAD";
  const header = parameters.find(
    ({ call: one }) => one.in === "header" && /^(x-)?idempotency-key$/i.test(one.name),
  );
  const method = {
    name,
    ...wordsOf(operation, verb, path),
    paramSchema: paramSchema(readers.params, parameters, body),
    responseSchema: responseSchema(readers.answers, answer.schema),
    safe,
    idempotent: safe || verb === "PUT" || verb === "DELETE",
    ...(header && { idempotencyHeader: header.call.name.slice(0, 64) }),
    scopes,
    ...transformsOf(operation),
  };
  return { method, call };
}

function wordsOf(operation: Node, verb: string, path: string) {
  const title = cut(textAt(operation, "summary") ?? textAt(operation, "operationId"), 200);
  const deprecated = member(operation, "deprecated") === true ? "Deprecated. " : "";
  const [tag] = listAt(operation, "tags");
  const noun = path.split("/").find((part) => part !== "" && !part.includes("{"));
  return {
    title: title.trim() || `${verb} ${path}`.slice(0, 200),
    description: `${deprecated}${cut(textAt(operation, "description"), 1900)}`.trim(),
    resource: cut(typeof tag === "string" ? tag : noun, 100) || null,
  };
}

/** Names of braces are filled; everything else is sent as it stands. */
function checkPath(path: string): void {
  const literal = path.replaceAll(/\{[^{}/]*\}/g, "x");
  const isPlain =
    path.length <= BOUNDS.pathLength &&
    /^\/[\w\-.~!$&'()*+,;=:@%/]*$/.test(literal) &&
    !/%(?![0-9A-Fa-f]{2})|%2f|%5c|%0|%1|\/\//i.test(literal);
  const steps = isPlain ? decoded(literal).split("/") : [".."];
  if (!isPlain || steps.some((part) => part === "." || part === ".."))
    throw new Refused("PATH", "Its path is no plain path: it has a step up, a query or a control.");
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "..";
  }
}

function checkPathParameters(path: string, parameters: readonly ReadParameter[]): void {
  const declared = new Set(
    parameters.filter(({ call }) => call.in === "path").map(({ call }) => call.name),
  );
  const named = [...path.matchAll(/\{([^{}/]*)\}/g)].map(([, name = ""]) => name);
  const missing = named.find((name) => !declared.has(name));
  if (missing !== undefined)
    throw new Refused("PARAMETER", `The path names {${cut(missing, 80)}}, which is not declared.`);
}

function paramSchema(
  reader: SchemaReader,
  parameters: readonly ReadParameter[],
  body: ReturnType<typeof readBody>,
): Schema {
  const properties = parameters.map(({ call, schema, description }): [string, unknown] => [
    call.param,
    described(schema, description),
  ]);
  if (body) properties.push(["body", body.schema]);
  const required = parameters.filter((one) => one.required).map(({ call }) => call.param);
  if (body?.required) required.push("body");

  // Read as one schema, so that parts that several parameters need stand there once.
  const schema = reader.read({
    type: "object",
    properties: Object.fromEntries(properties),
    required,
    additionalProperties: false,
  });
  return { properties: {}, ...schema };
}

/** What OpenAPI 3.0 would ignore beside a reference is left out. */
function described(schema: unknown, description: string): unknown {
  if (!isNode(schema)) return description === "" ? {} : { description };
  return description === "" || "$ref" in schema ? schema : { ...schema, description };
}

interface Answer {
  readonly mediaType: string;
  readonly schema: unknown;
}

/** What is answered where all went well, in JSON where there is a choice. */
function answerOf(document: Node, operation: Node): Answer {
  const responses = nodeAt(operation, "responses");
  const good = Object.keys(responses).filter((code) => /^2(\d\d|XX)$/i.test(code));
  const redirects = Object.keys(responses).some((code) => /^3(01|02|03|07|08)$/.test(code));
  if (good.length === 0 && redirects) {
    throw new Refused(
      "SERVER",
      "It answers nothing but a redirect, and credentials stay at one host.",
    );
  }

  const [first] = good.sort();
  const answer = looked(document, member(responses, first ?? "default"));
  const content = Object.entries(nodeAt(answer, "content"));
  const json = content.find(([type]) => /[/+]json(;|$)/i.test(type));
  const [mediaType = "", media] = json ?? content[0] ?? [];
  const isPlain = /^[\w.+*-]+\/[\w.+*-]+$/.test(mediaType);
  return {
    mediaType: json === undefined && isPlain ? mediaType : "application/json",
    schema: json && member(media, "schema"),
  };
}

function looked(document: Node, value: unknown): unknown {
  try {
    return resolved(document, value);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** An answer's schema that cannot be read is unknown: the method is called all the same. */
function responseSchema(reader: SchemaReader, schema: unknown): Schema | null {
  if (schema === undefined) return null;
  try {
    return reader.read(schema);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** Transforms of the tenant's own, which the document names beside the operation. */
function transformsOf(operation: Readonly<Record<string, unknown>>) {
  const named = (name: string) => {
    const said = operation[name];
    return typeof said === "string" && said.length <= 200 ? said : undefined;
  };
  const requestTransform = named("x-inlet-request-transform");
  const responseTransform = named("x-inlet-response-transform");
  return {
    ...(requestTransform && { requestTransform }),
    ...(responseTransform && { responseTransform }),
  };
}
