/**
 * An OpenAPI 3.0 or 3.1 document as a connector's methods. What is in the document is judged and
 * interpreted, never run, fetched or copied.
 */
import type { RegisteredMethod } from "../../../adapters/dynamodb/registry/methods.ts";
import type { EgressRules } from "../../../core/egress-guard.ts";
import { DomainError } from "../../../schemas/errors.ts";
import type { HttpAuth, HttpConnector } from "../../../schemas/http-connector.ts";
import { BOUNDS } from "./bounds.ts";
import { cut, isNode, type Node, nodeAt, resolved, textAt } from "./document.ts";
import { methodNames } from "./names.ts";
import { probePathOf } from "./probe-path.ts";
import { type FoundOperation, readOperation } from "./read-operation.ts";
import { Refused, type RefusedOperation } from "./refused.ts";
import { schemaReader } from "./schema-reader.ts";
import { readSecurity } from "./security.ts";
import { readServers } from "./servers.ts";

export interface DocumentOptions {
  readonly rules: EgressRules;
  /** In the place of the document's servers. */
  readonly baseUrl?: string | undefined;
  /** In the place of the document's security schemes. */
  readonly auth?: readonly HttpAuth[] | undefined;
}

export interface ReadDocument {
  readonly title: string;
  readonly description: string;
  readonly http: HttpConnector;
  /** Other addresses that the document names. */
  readonly otherUrls: readonly string[];
  readonly methods: readonly RegisteredMethod[];
  readonly refused: readonly RefusedOperation[];
}

/** Throws `CONFIG_INVALID` where nothing of the document can be called. */
export function readDocument(document: unknown, options: DocumentOptions): ReadDocument {
  const steps = readInSteps(document, options);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/** The same, operation by operation, for whoever has other things to do in between. */
export function* readInSteps(
  document: unknown,
  { rules, baseUrl, auth }: DocumentOptions,
): Generator<{ readonly read: number; readonly of: number }, ReadDocument> {
  const root = checkVersion(document);
  const operations = [...operationsOf(root)];
  const names = methodNames(
    operations.map(({ operation, verb, path }) => ({
      operationId: textAt(operation, "operationId"),
      verb,
      path,
    })),
  );
  const servers = orInvalid(() => readServers(root, rules, baseUrl));
  const security = readSecurity(root, rules, auth);
  const readers = {
    document: root,
    security,
    params: schemaReader(root, "params"),
    answers: schemaReader(root, "answer"),
  };

  const methods = new Map<string, RegisteredMethod>();
  const refused: RefusedOperation[] = [];
  for (const [at, operation] of operations.entries()) {
    const name = names[at] ?? "";
    try {
      if (methods.size >= BOUNDS.operations || methods.has(name))
        throw new Refused("LIMIT", `A connector has at most ${BOUNDS.operations} methods.`);
      methods.set(name, readOperation(readers, operation, name));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused.push(refusedOperation(operation, error));
    }
    yield { read: at + 1, of: operations.length };
  }

  return {
    ...infoOf(root),
    http: {
      baseUrl: servers.baseUrl,
      auth: [...security.auth],
      probePath: probePathOf([...methods.values()]),
    },
    otherUrls: servers.others,
    methods: [...methods.values()],
    refused,
  };
}

function checkVersion(document: unknown): Node {
  const version = textAt(document, "openapi") ?? "";
  if (isNode(document) && /^3\.[01](\.\d+)?(-\w+)?$/.test(version)) return document;
  const found =
    textAt(document, "swagger") === undefined
      ? "It names no version of OpenAPI that is read"
      : "It is of Swagger 2.0";
  throw invalid(`${found}. Convert the document to OpenAPI 3.0 or 3.1.`);
}

const PATH_ITEM = ["summary", "description", "servers", "parameters", "$ref"];

function* operationsOf(document: Node): Generator<FoundOperation> {
  for (const [path, value] of Object.entries(nodeAt(document, "paths"))) {
    if (path.startsWith("x-")) continue;
    const pathItem = orNothing(() => resolved(document, value));
    if (!isNode(pathItem)) continue;

    for (const [verb, operation] of Object.entries(pathItem)) {
      if (PATH_ITEM.includes(verb) || verb.startsWith("x-") || !isNode(operation)) continue;
      yield { verb: cut(verb.toUpperCase(), 20), path, pathItem, operation };
    }
  }
}

/** A path that stands in another document is one operation that cannot be called. */
function orNothing(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { "*": {} };
  }
}

function infoOf(document: Node) {
  const info = nodeAt(document, "info");
  return {
    title: cut(textAt(info, "title"), 200).trim(),
    description: cut(textAt(info, "description"), 2000).trim(),
  };
}

function refusedOperation(
  { verb, path }: FoundOperation,
  { reason, message }: Refused,
): RefusedOperation {
  return { operation: cut(`${verb} ${path}`, 300), reason, detail: cut(message, 300) };
}

function orInvalid<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof Refused ? invalid(error.message) : error;
  }
}

const invalid = (message: string) =>
  new DomainError("CONFIG_INVALID", `The document is refused. ${message}`, {
    errors: [{ path: "document", message }],
  });
