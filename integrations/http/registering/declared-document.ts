import type { ConnectorInput, DeclaredMethod } from "../../../schemas/connector-registration.ts";

/**
 * Methods that were declared by hand as an OpenAPI document, so that there is one reader. Methods
 * of one verb and path are told apart by nothing: the later one is answered as `twice`.
 */
export function declaredDocument({ methods = [], title, name, baseUrl, auth }: ConnectorInput): {
  readonly document: Record<string, unknown>;
  readonly twice: readonly string[];
} {
  const paths = new Map<string, Map<string, unknown>>();
  const twice: string[] = [];
  for (const method of methods) {
    const verbs = paths.get(method.path) ?? new Map<string, unknown>();
    const verb = method.verb.toLowerCase();
    if (verbs.has(verb)) twice.push(method.name);
    paths.set(method.path, verbs.set(verb, operationOf(method, auth?.[0]?.type)));
  }

  const document = {
    openapi: "3.1.0",
    info: { title: title ?? name, version: "1" },
    servers: [{ url: baseUrl }],
    paths: Object.fromEntries([...paths].map(([path, verbs]) => [path, Object.fromEntries(verbs)])),
  };
  return { document, twice };
}

function operationOf(method: DeclaredMethod, authType: string | undefined) {
  const { params = [], body, responseSchema, scopes } = method;
  return {
    operationId: method.name,
    summary: method.title,
    description: method.description,
    ...(method.resource !== undefined && { tags: [method.resource] }),
    parameters: params,
    ...(body && {
      requestBody: {
        required: body.required ?? false,
        content: { [body.mediaType]: { schema: body.schema ?? {} } },
      },
    }),
    responses: {
      200: responseSchema ? { content: { "application/json": { schema: responseSchema } } } : {},
    },
    ...(authType !== undefined && { security: [{ [authType]: scopes ?? [] }] }),
  };
}
