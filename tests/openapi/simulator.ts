/**
 * A vendor made from its OpenAPI document: it validates each request against the operation it is
 * for, in its own way, and answers the operation's example.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { schemaFaults } from "../../core/json-schema.ts";

type Node = Record<string, unknown>;

export interface Simulator {
  readonly url: string;
  /** `VERB /template` of each request that fitted an operation. */
  readonly served: string[];
  readonly stop: () => Promise<void>;
}

/** `token`: what every request must carry. */
export async function startSimulator(document: Node, token: string): Promise<Simulator> {
  const routes = routesOf(document);
  const served: string[] = [];
  const server = createServer(async (request, response) => {
    const answer = await answerTo(document, routes, request, token);
    if (answer.served) served.push(answer.served);
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
  });

  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    stop: () => new Promise((stopped) => server.close(() => stopped())),
  };
}

interface Route {
  readonly verb: string;
  readonly path: string;
  readonly pattern: RegExp;
  readonly operation: Node;
}

/** Paths without parameters first: they are the more exact ones. */
function routesOf(document: Node): Route[] {
  const routes = Object.entries(document.paths as Record<string, Node>).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, operation]) => ({
      verb: verb.toUpperCase(),
      path,
      pattern: patternOf(document, path, operation as Node),
      operation: operation as Node,
    })),
  );
  return routes.sort((a, b) => a.path.split("{").length - b.path.split("{").length);
}

/** A parameter is one part of a path, or several where GitHub says so. */
function patternOf(document: Node, path: string, operation: Node): RegExp {
  const declared = ((operation.parameters ?? []) as unknown[]).map((one) => deref(document, one));
  const several = new Set(
    declared.filter((one) => one["x-multi-segment"] === true).map(({ name }) => name),
  );
  const plain = path.replaceAll(/[.+]/g, "\\$&");
  const part = (_: string, name: string) => (several.has(name) ? "(.+)" : "([^/]+)");
  return new RegExp(`^${plain.replaceAll(/\{([^}]+)\}/g, part)}$`);
}

interface SimulatedAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly served?: string;
}

async function answerTo(
  document: Node,
  routes: readonly Route[],
  request: IncomingMessage,
  token: string,
): Promise<SimulatedAnswer> {
  const url = new URL(request.url ?? "/", "http://simulated");
  const route = routes.find(
    ({ verb, pattern }) => verb === request.method && pattern.test(url.pathname),
  );
  if (request.headers.authorization !== `Bearer ${token}`) return refused(401, "Bad credentials");
  if (!route) return refused(404, `Not Found: ${request.method} ${url.pathname}`);

  const faults = [
    ...parameterFaults(document, route, url),
    ...bodyFaults(document, route, await textOf(request)),
  ];
  if (faults.length > 0) return refused(422, faults.join("; "));
  const { status, body } = exampleOf(document, route.operation);
  return { status, body, served: `${route.verb} ${route.path}` };
}

const refused = (status: number, message: string): SimulatedAnswer => ({
  status,
  body: { message },
});

const deref = (document: Node, node: unknown): Node => {
  const ref = (node as Node | undefined)?.$ref;
  if (typeof ref !== "string") return (node ?? {}) as Node;
  const parts = ref.slice(2).split("/");
  return deref(
    document,
    parts.reduce<unknown>((at, name) => (at as Node)?.[name], document),
  );
};

function parameterFaults(document: Node, { pattern, path, operation }: Route, url: URL): string[] {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = ""]) => name);
  const values = pattern.exec(url.pathname)?.slice(1) ?? [];
  const inPath = new Map(names.map((name, at) => [name, decodeURIComponent(values[at] ?? "")]));
  const declared = ((operation.parameters ?? []) as unknown[]).map((one) => deref(document, one));
  const known = new Set(declared.map(({ name }) => name));

  const unknown = [...url.searchParams.keys()].filter((name) => !known.has(name));
  return [
    ...unknown.map((name) => `${name} is no parameter`),
    ...declared.flatMap((parameter) => {
      const name = String(parameter.name);
      const text = parameter.in === "path" ? inPath.get(name) : url.searchParams.get(name);
      if (text === null || text === undefined)
        return parameter.required === true ? [`${name} is missing`] : [];
      const schema = deref(document, parameter.schema);
      const value = schema.type === "integer" ? Number(text) : text;
      const isWrong = Array.isArray(schema.enum) && !schema.enum.includes(value);
      return isWrong || (schema.type === "integer" && !Number.isInteger(value))
        ? [`${name} is ${text}`]
        : [];
    }),
  ];
}

function bodyFaults(document: Node, { operation }: Route, text: string): string[] {
  const body = deref(document, operation.requestBody);
  const media = (body.content as Record<string, Node> | undefined)?.["application/json"];
  if (!media) return text === "" ? [] : ["no body is taken"];
  if (text === "") return body.required === true ? ["the body is missing"] : [];
  const schema = { ...deref(document, media.schema) };
  return schemaFaults(schema, JSON.parse(text)).map(({ path, message }) => `${path} ${message}`);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** The first good answer, and the first of its examples. */
function exampleOf(document: Node, operation: Node): { status: number; body: unknown } {
  const responses = operation.responses as Record<string, Node>;
  const status = Object.keys(responses).find((code) => code.startsWith("2")) ?? "200";
  const { content } = deref(document, responses[status]) as { content?: Record<string, Node> };
  const examples = content?.["application/json"]?.examples as Record<string, Node> | undefined;
  const [first] = Object.values(examples ?? {});
  const value = first && deref(document, first).value;
  // Some examples refer to another one in the place of their value.
  const isRef = typeof (value as Node | undefined)?.$ref === "string";
  return { status: Number(status), body: isRef ? deref(document, value).value : value };
}
